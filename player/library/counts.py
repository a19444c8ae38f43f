"""How many tracks and plays there are, without asking the database each time."""

from __future__ import annotations

import os
import threading
from time import monotonic

from player.errors import LibraryError
from player.library.database.store import Library
from player.status import LibraryCounts

DEADLINE_S = 1.0
"""So long a count waits for others who use the database."""
FRESH_S = 0.2
"""So long whoever asks waits for a count that is due."""
REST = 20
"""Times what the last count took: so long the next one waits, for counts of a million tracks take a while."""


class Counts:
    """Counts again, on a thread of its own, if the database's files have changed. From any thread."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._latest, self._problem = LibraryCounts(), ""
        self._counted: object = None
        """What the files were like when they were counted; None if they could not be."""
        self._again_at = float("-inf")
        self._thread: threading.Thread | None = None

    def latest(self) -> tuple[LibraryCounts, str]:
        """The newest counts there are, and what is wrong with the database if they cannot be had."""
        if problem := self._library.database.problem:
            return self._latest, problem
        with self._lock:
            thread = self._thread
            if thread is None and monotonic() >= self._again_at:
                # Even looking at the files may hang, on a disk that does.
                thread = self._thread = threading.Thread(target=self._count, name="counts", daemon=True)
                thread.start()
        if thread is not None:
            thread.join(FRESH_S)
        return self._latest, self._problem

    def _version(self) -> object:
        """Another one whenever anybody has written, this program or another; it costs no query."""
        database = self._library.database
        return database.opened, database.written, *map(_stamp, (f"{database.path}", f"{database.path}-wal"))

    def _count(self) -> None:
        version, began_at, rest = self._version(), monotonic(), REST
        try:
            if version != self._counted:
                with self._library.database.deadline(DEADLINE_S):
                    self._latest, self._problem, self._counted = self._library.counts(), "", version
        except LibraryError as error:
            self._problem, self._counted, rest = str(error), None, 1
        with self._lock:
            now = monotonic()
            self._again_at, self._thread = now + rest * (now - began_at), None


def _stamp(path: str) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
