"""Files that only their owner may read, whatever the umask: they tell what was played and how full it was."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import IO

FOLDER_MODE, FILE_MODE = 0o700, 0o600
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_folder(folder: Path) -> None:
    """Create a folder, and those around it, for its owner alone; one that is there stays as it is.

    Raises OSError.
    """
    if folder.is_dir():
        return
    for missing in [*reversed([p for p in folder.parents if not p.exists()]), folder]:
        missing.mkdir(mode=FOLDER_MODE, exist_ok=True)
        if (found := missing.stat()).st_mode & stat.S_IRWXU != stat.S_IRWXU and found.st_uid == os.geteuid():
            missing.chmod(FOLDER_MODE)  # under a umask that takes rights from the owner, too


def make_private(path: Path) -> None:
    """Create an empty file for its owner alone, or take the others' rights from one that is there.

    A file that belongs to somebody else stays as it is: it is theirs to open or to close. Raises OSError.
    """
    # Not opened if it is there: whoever closes a file of SQLite's lets go of all locks of this process on it.
    try:
        found = path.stat()
    except FileNotFoundError:
        os.close(_descriptor(path, os.O_RDONLY))
        return
    if _is_open(found):
        with suppress(OSError):  # some file systems (exFAT, SMB) know no rights: the player works on them too
            path.chmod(stat.S_IMODE(found.st_mode) & ~OTHERS)


def write(path: Path, mode: str = "w") -> IO[str]:
    """Open a text file (UTF-8) to be written again ("w") or continued ("a"). Raises OSError."""
    flags = {"w": os.O_WRONLY | os.O_TRUNC, "a": os.O_WRONLY | os.O_APPEND}[mode]
    return open(path, mode, encoding="utf-8", opener=lambda name, _: _descriptor(name, flags))


def replace(path: Path, text: str) -> None:
    """Let a file say this, whole: after a power cut it is the old one or the new one. Raises OSError."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with write(new) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    flush(path.parent)  # or else the power cut may take back the new name


def flush(path: Path) -> None:
    """Have what a file holds, or the names in a folder, on the disk itself. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def open_to_others(folder: Path) -> bool:
    """Whether other users of the machine can look into an existing folder, or change what is in it."""
    return bool(folder.stat().st_mode & OTHERS)


def _descriptor(path: str | Path, flags: int) -> int:
    """Of the file, which is created if it is not there; closed to others in any case."""
    try:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
        mode = FILE_MODE  # whatever the umask has taken
    except FileExistsError:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
        found = os.fstat(descriptor)
        if not _is_open(found):
            return descriptor
        mode = stat.S_IMODE(found.st_mode) & ~OTHERS
    with suppress(OSError):  # see make_private
        os.fchmod(descriptor, mode)
    return descriptor


def _is_open(found: os.stat_result) -> bool:
    """Whether it is a file of this user's with rights for others."""
    return bool(found.st_mode & OTHERS) and stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid()
