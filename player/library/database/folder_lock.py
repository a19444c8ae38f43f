"""Who has the library open to write: whoever mends it takes its file away, and must be alone with it.

The lock is on its folder, where it leaves nothing lying. It is not on the library's own file: to open and
close that beside SQLite would take SQLite's locks away.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import weakref
from pathlib import Path

from player.errors import LibraryError


class FolderLock:
    """A share in a folder, held until it is released. Where locks do not work, everybody seems alone."""

    def __init__(self, folder: Path) -> None:
        """Take a share. Raises LibraryError while somebody is `alone` there, and OSError."""
        self._fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self.release = weakref.finalize(self, os.close, self._fd)
        """May be called again; letting go of the object does the same."""
        if not self._locked(fcntl.LOCK_SH):
            self.release()
            raise LibraryError(f"The library in {folder} is being mended by another program: try again.")

    def alone(self) -> bool:
        """Whether nobody else holds a share, nor can take one from now on; if not, the own one is lost."""
        return self._locked(fcntl.LOCK_EX)

    def share(self) -> None:
        """Let others in again."""
        self._locked(fcntl.LOCK_SH)

    def _locked(self, how: int) -> bool:
        try:
            fcntl.flock(self._fd, how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # a network's disk without locks
            return True
        return True


class WritingConnection(sqlite3.Connection):
    """A connection that holds a share in its folder while it is open."""

    lock: FolderLock | None = None

    def close(self) -> None:
        """Close it, and let go of the folder."""
        super().close()
        if self.lock is not None:
            self.lock.release()
