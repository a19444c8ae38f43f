"""Where in its track a deck is: by the clock, held to what libVLC says.

libVLC moves its own position on a few times a second, in steps of up to 0.4 s, and is right within 35 ms at
that moment (measured with MP3, FLAC, Opus, AAC and WAV, from the beginning and from a place within): an old
position is behind, and none is ahead. Between two of them the clock knows better, but for a stall and for a
pause that a busy machine carries out late. Only the standard library is imported.
"""

from __future__ import annotations

TRUST_S = 0.5
"""The clock is believed while it is no farther than this ahead of libVLC."""
AHEAD_S = 0.1
"""libVLC is never so far ahead of what is heard: then the clock is behind."""
CERTAIN_S = 1.5
"""So much is never a position that is merely old; less has to be said twice: the next may be right again."""
PATIENCE_S = 1.5
"""After so long without a new position from libVLC the track stands still."""


class Playhead:
    """One track's position in seconds; `now` is the monotonic clock."""

    def __init__(self, position_s: float = 0.0) -> None:
        self._position_s = position_s
        self._since: float | None = None
        self._told_s = -1.0
        self._told_at = 0.0
        self._was_off = False

    @property
    def runs(self) -> bool:
        """Whether it moves with the clock."""
        return self._since is not None

    def run(self, now: float) -> None:
        """It moves from now on."""
        self._since = self._told_at = now

    def hold(self, now: float) -> None:
        """It stands where it is."""
        self._position_s, self._since = self.at(now), None

    def hear(self, told_s: float, now: float) -> None:
        """What libVLC says: that it moves on, and where it really is if the clock is wrong."""
        if told_s == self._told_s:
            return
        self._told_s, self._told_at = told_s, now
        behind_s = self.at(now) - told_s if self.runs else 0.0
        is_off = behind_s > TRUST_S
        if behind_s < -AHEAD_S or behind_s > CERTAIN_S or (is_off and self._was_off):
            self._position_s, self._since = told_s, now
        self._was_off = is_off

    def at(self, now: float) -> float:
        """The position at `now`."""
        if self._since is None:
            return self._position_s
        return self._position_s + max(0.0, min(now, self._told_at + PATIENCE_S) - self._since)
