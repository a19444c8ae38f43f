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
FRESH_S = 1.0
"""So long whoever asks waits for a count at most."""
QUICK_S = 0.1
REST = 20
"""Times what the last count took: so long the next one waits if it was not quick (a million tracks)."""


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
        until, began_before = monotonic() + FRESH_S, True
        while began_before and monotonic() < until:  # a count that others have begun may know too little
            with self._lock:
                thread, began_before = self._thread, self._thread is not None
                if thread is None:
                    if monotonic() < self._again_at:
                        break
                    # Even looking at the files may hang, on a disk that does.
                    thread = self._thread = threading.Thread(target=self._count, name="counts", daemon=True)
                    thread.start()
            thread.join(max(0.0, until - monotonic()))
        return self._latest, self._problem

    def _version(self) -> object:
        """Another one whenever anybody has written, this program or another; it costs no query."""
        database = self._library.database
        return database.opened, database.written, *map(_stamp, (f"{database.path}", f"{database.path}-wal"))

    def _count(self) -> None:
        version, began_at = self._version(), monotonic()
        try:
            if version != self._counted:
                with self._library.database.deadline(DEADLINE_S):
                    self._latest, self._problem, self._counted = self._library.counts(), "", version
        except LibraryError as error:
            self._problem, self._counted = str(error), None
        with self._lock:
            now = monotonic()
            took_s = now - began_at
            rests_s = REST * took_s if took_s > QUICK_S and self._counted is not None else 0.0
            self._again_at, self._thread = now + rests_s, None


def _stamp(path: str) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
