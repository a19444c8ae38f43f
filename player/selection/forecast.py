"""The next tracks as they would be chosen now: for whoever asks, made aside, again if something happened."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from time import monotonic

from player.log import EventLog, LogEvent
from player.playback.queue import described
from player.status import TrackStatus
from player.types import Choice

log = EventLog(__name__, LogEvent.SELECTION)

COUNT = 3
FRESH_S = 0.2
"""So long whoever asks waits for one that is due."""
STALE_S = 30.0
"""Time passes, too: what was heard becomes fresh again, the room's target is led on."""
REST = 20
"""Times what the last one took: so long the next one waits, for a million tracks take a while."""


class Forecast:
    """Looks ahead on a thread of its own, if it is asked. From any thread.

    foresee  gives what comes next, at most so many
    """

    def __init__(
        self, foresee: Callable[[int], Sequence[Choice]], clock: Callable[[], float] = monotonic
    ) -> None:
        self._foresee, self._clock = foresee, clock
        self._lock = threading.Lock()
        self._latest: tuple[TrackStatus, ...] = ()
        self._happened = self._seen = 0
        self._made_at = self._again_at = float("-inf")
        self._thread: threading.Thread | None = None

    def on_event(self, _: object) -> None:
        """Something has happened that may change what comes. Returns at once."""
        self._happened += 1

    def latest(self) -> tuple[TrackStatus, ...]:
        """The newest there is."""
        with self._lock:
            thread, now = self._thread, self._clock()
            due = self._seen != self._happened or now - self._made_at >= STALE_S
            if thread is None and due and now >= self._again_at:
                thread = self._thread = threading.Thread(target=self._make, name="forecast", daemon=True)
                thread.start()
        if thread is not None:
            thread.join(FRESH_S)
        return self._latest

    def _make(self) -> None:
        happened, began_at = self._happened, self._clock()
        try:
            found = (described(choice) for choice in self._foresee(COUNT))
            self._latest = tuple(track for track in found if track is not None)
        except Exception:  # the music goes on without
            log.exception("what comes next cannot be foreseen")
            self._latest = ()
        with self._lock:
            now = self._clock()
            self._seen, self._made_at, self._thread = happened, now, None
            self._again_at = now + REST * (now - began_at)
