"""A disk of its own that is soon full, or read-only. Needs the right to mount (root)."""

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

FILLER = "filler"


def _is_possible() -> bool:
    if os.geteuid() != 0 or not shutil.which("mount"):
        return False
    with TemporaryDirectory() as folder:
        done = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True, check=False)
        return done.returncode == 0 and subprocess.run(["umount", folder], check=False).returncode == 0


POSSIBLE = _is_possible()


@contextmanager
def small_disk(folder: Path, kib: int) -> Iterator[Path]:
    """A disk of so many KiB, mounted on `folder`, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path) -> None:
    """Leave no room; `make_room` takes it back."""
    with (disk / FILLER).open("ab", buffering=0) as file:
        size = 1 << 20
        while size:
            try:
                file.write(bytes(size))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                size //= 2


def make_room(disk: Path) -> None:
    """As it was before `fill`."""
    (disk / FILLER).unlink()


def make_read_only(disk: Path) -> None:
    """Nothing can be written to it from now on; nobody may have a file open for that."""
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
