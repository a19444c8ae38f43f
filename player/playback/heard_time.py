"""For how long a track was really heard: what fades out counts, pauses and silence do not."""

from __future__ import annotations

from collections.abc import Callable

from player.events import PlaybackEvent, TrackHeard

REPORT_S = 30.0
"""It is told so often: what is not told by a crash is lost."""
LONGEST_STEP_S = 1.0
"""Whatever lies longer between two steps was not listened to."""


class HeardTime:
    """Adds up the time of the track on the air, and of the one before it while that fades out.

    tell    is told TrackHeard, now and then and whenever one of them is over
    """

    def __init__(self, tell: Callable[[PlaybackEvent], None]) -> None:
        self._tell = tell
        self._current_s = self._told_s = 0.0
        self._leaving_s: float | None = None
        self._at: float | None = None

    def step(self, now: float, current: bool, leaving: bool, gone: bool) -> None:
        """Whether the track on the air sounds, whether one that leaves does, and whether none leaves."""
        since_s = 0.0 if self._at is None else min(max(0.0, now - self._at), LONGEST_STEP_S)
        self._at = now
        if current:
            self._current_s += since_s
            if self._current_s - self._told_s >= REPORT_S:
                self._told_s = self._current_s
                self._tell(TrackHeard(self._current_s))
        if self._leaving_s is not None:
            if leaving:
                self._leaving_s += since_s
            if gone:
                self._close()

    def over(self) -> None:
        """The track on the air has ended; it may fade out."""
        self._close()
        if self._current_s > 0:
            self._tell(TrackHeard(self._current_s))
        self._leaving_s, self._current_s, self._told_s = self._current_s, 0.0, 0.0

    def _close(self) -> None:
        leaving_s, self._leaving_s = self._leaving_s, None
        if leaving_s:
            self._tell(TrackHeard(leaving_s, leaving=True))
