"""A folder for copies of the library; what a stop or a power cut left of an earlier one goes first."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from player.errors import LibraryError
from player.library.database.folder_lock import FolderLock

LEFT_S = 24 * 3600.0
"""No copy takes so long: one in which nothing was written for that time has nobody any more."""
_ENDING = "?" * 8
"""What tempfile puts after a prefix."""


@contextmanager
def scratch_folder(prefix: str, place: Path) -> Iterator[Path]:
    """A private folder within one in `place`, both there while it is used. Raises OSError.

    Older ones with that prefix, which nobody else may use, are removed, but for those that somebody holds or
    wrote to within a day.
    """
    with tempfile.TemporaryDirectory(prefix=prefix, dir=place) as name:
        outer = Path(name)
        lock = FolderLock(outer)
        try:
            _remove_left(prefix, outer)
            inner = outer / "copies"  # whoever opens a library in it takes a lock of that folder's own
            inner.mkdir()
            yield inner
        finally:
            lock.release()  # before it is removed: on a network's disk nothing goes while it is open


def _remove_left(prefix: str, new: Path) -> None:
    # Not by our clock, which may be wrong: by the disk's, which has just dated the new one. Other machines
    # that write to a disk of the network have their times from it, too.
    now = new.stat().st_mtime
    for left in new.parent.glob(f"{prefix}{_ENDING}"):
        with suppress(OSError, LibraryError):
            last = max(path.lstat().st_mtime for path in (left, *left.rglob("*")))
            if now - last > LEFT_S and _is_free(left):
                shutil.rmtree(left)


def _is_free(folder: Path) -> bool:
    """Whether no process of this machine holds it. Raises LibraryError and OSError."""
    lock = FolderLock(folder)
    try:
        return lock.alone()
    finally:
        lock.release()
