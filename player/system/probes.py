"""Asking a disk that may not answer: a mount that lost its server holds up nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Answer = TypeVar("Answer")


ANSWER_S = 2.0
"""A folder that has not answered for so long is on a mount that lost its server, or a failing disk."""


SLICE_S = 0.1


def join_within(thread: threading.Thread, seconds: float) -> None:
    """Wait for a thread's end, at most so long; no time passes while this process is stopped (a suspend)."""
    for _ in range(max(1, round(seconds / SLICE_S))):
        if not thread.is_alive():
            return
        thread.join(SLICE_S)


def run_with_timeout(ask: Callable[[], Answer], answer_s: float) -> Answer:
    """Ask something of a disk, on a thread of its own. Raises TimeoutError, and whatever `ask` does."""
    answers: list[Answer] = []
    errors: list[Exception] = []

    def look() -> None:
        try:
            answers.append(ask())
        except Exception as error:  # noqa: BLE001 - it is raised where it was asked
            errors.append(error)

    search = threading.Thread(target=look, name="folders", daemon=True)
    search.start()
    join_within(search, answer_s)
    if errors:
        raise errors[0]
    if not answers:
        raise TimeoutError
    return answers[0]


def is_there(path: Path, answer_s: float = ANSWER_S / 2) -> bool:
    """Whether there is such a file, on a disk that says so within `answer_s`."""
    try:
        return run_with_timeout(path.is_file, answer_s)
    except OSError:  # a TimeoutError is one too
        return False


class FolderProbe:
    """Finds a music file on a thread of its own, so that a mount that never answers holds up nobody.

    While one search hangs no other is begun.
    """

    def __init__(self, find: Callable[[tuple[Path, ...]], Path | None], answer_s: float = ANSWER_S) -> None:
        self._find, self._answer_s = find, answer_s
        self._lock = threading.Lock()
        self._search: threading.Thread | None = None
        self._found: Path | None = None
        self._error: OSError | None = None

    def __call__(self, folders: tuple[Path, ...]) -> Path | None:
        """One music file, or None. Raises TimeoutError, and any OSError of the search."""
        with self._lock:
            if self.hangs:
                raise TimeoutError
            self._search = threading.Thread(target=self._look, args=(folders,), name="folders", daemon=True)
            self._search.start()
            join_within(self._search, self._answer_s)
            if self.hangs:
                raise TimeoutError
            if self._error is not None:
                raise self._error
            return self._found

    @property
    def hangs(self) -> bool:
        """Whether a search has not come back: what the folders hold is not known."""
        search = self._search
        return search is not None and search.is_alive()

    def _look(self, folders: tuple[Path, ...]) -> None:
        self._found = self._error = None
        try:
            self._found = self._find(folders)
        except OSError as error:
            self._error = error
