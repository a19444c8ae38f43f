"""What kind of file system a folder lies on, by /proc/self/mountinfo (proc(5))."""

from __future__ import annotations

import os
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")


def file_system(folder: Path, mounts: Path = MOUNTS) -> str:
    """The kind, such as "ext4" or "tmpfs", of the file system that an existing folder lies on.

    Raises OSError, also if the kernel does not say it.
    """
    number = folder.stat().st_dev
    wanted = f"{os.major(number)}:{os.minor(number)}"
    for line in mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        place, _, kind = line.partition(" - ")
        if place.split()[2:3] == [wanted] and kind:
            return kind.split()[0]
    raise OSError(f"nothing is mounted as {wanted}")
