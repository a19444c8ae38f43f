"""On what kind of file system a folder lies."""

import os
from pathlib import Path

import pytest

from player.system.mounts import file_system


def test_the_kernel_says_it() -> None:
    assert file_system(Path("/proc")) == "proc"
    assert file_system(Path("/dev/shm")) == "tmpfs"


def test_a_line_for_the_device_of_the_folder_counts(tmp_path: Path) -> None:
    number = tmp_path.stat().st_dev
    mounts = tmp_path / "mountinfo"
    lines = (
        "22 1 0:5 / /proc rw shared:1 - proc proc rw",
        f"23 1 {os.major(number)}:{os.minor(number)} / /a\\040b rw shared:1 master:2 - f2fs /dev/x rw",
    )
    mounts.write_text("\n".join(lines), encoding="utf-8")
    assert file_system(tmp_path, mounts) == "f2fs"
    mounts.write_text(lines[0] + "\n- \nnonsense\n", encoding="utf-8")
    with pytest.raises(OSError, match="nothing is mounted"):
        file_system(tmp_path, mounts)
