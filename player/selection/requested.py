"""Tracks that somebody has asked to hear next, in their order; then the room is followed again."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from copy import copy


class Requested:
    """What is left of such a list. From any thread; a restart forgets it."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._ids: deque[int] = deque()
        """Those that have not begun."""
        self._due = False
        """Whether the first of these was taken: it stays the first until it begins."""
        self._asked = 0
        self._plays: int | None = None
        """The track of the list that began last: while it plays, the room does not take it away."""
        self._pinned: str | None = None

    def ask(self, track_ids: Iterable[int], pinned: str | None) -> None:
        """Take these, instead of what was left. `pinned` is what the music was held at meanwhile."""
        with self._lock:
            self._ids, self._due = deque(track_ids), False
            self._asked, self._plays, self._pinned = len(self._ids), None, pinned

    def twin(self) -> Requested:
        """The same list, to look ahead in."""
        with self._lock:
            made = copy(self)
            made._ids = self._ids.copy()
            return made

    def take(self) -> tuple[int, str] | None:
        """The next track's id, and its place in the list in words; None at the end.

        The same one again until it has begun: whatever is chosen may give way to another choice before.
        """
        with self._lock:
            if not self._ids:
                return None
            self._due = True
            number = self._asked - len(self._ids) + 1
            return self._ids[0], f"number {number} of {self._asked} that were asked for"

    def drop(self, track_id: int) -> None:
        """This was taken and cannot be played."""
        with self._lock:
            if self._due and track_id == self._ids[0]:
                self._ids.popleft()
                self._due = False

    def started(self, track_id: int) -> None:
        """This plays now: if it is none of the list's, nothing of that plays."""
        with self._lock:
            if self._due and track_id == self._ids[0]:
                self._plays = self._ids.popleft()
            elif track_id != self._plays:
                self._plays = None
            self._due = False

    def holds(self, pinned: str | None) -> bool:
        """Whether the list goes before the room; a pin that was set or taken away since ends it."""
        with self._lock:
            if pinned != self._pinned:
                self.clear()
                self._pinned = pinned
            return self._held

    def clear(self) -> bool:
        """Nothing is left of it; whether it was the list that went before the room."""
        with self._lock:
            held = self._held
            self._ids.clear()
            self._due, self._plays = False, None
            return held

    @property
    def _held(self) -> bool:
        return bool(self._ids) or self._plays is not None
