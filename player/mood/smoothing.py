"""Readings of one room, smoothed over time."""

from __future__ import annotations

from player.config.settings.mood import MoodSettings
from player.mood.circumplex import between
from player.types import MoodPoint

FAR = 0.4
"""A reading further than this from the smoothed mood counts as if it lay this far away in its direction: it
may be one odd caption, and if it is not, a shift is going to say so."""


class Smoother:
    """Exponential smoothing that knows how much time has passed between two readings.

    After `half_life_s` of steady new readings half of the old value is left, and a reading that is FAR away
    moves it no more than a near one. `restart` is how a shift is told: the room is elsewhere from now on.

    Readings at one and the same instant count as their mean, in whichever order they come; a clock that goes
    back is taken as standing still; after a gap longer than `stale_s` the next reading starts again.
    """

    def __init__(self, settings: MoodSettings) -> None:
        self._settings = settings
        self._now: float | None = None
        self._instant: list[MoodPoint] = []
        self._before: MoodPoint | None = None
        """The smoothed value, and below its time, before the instant in hand."""
        self._before_at = 0.0
        self._value: MoodPoint | None = None

    @property
    def value(self) -> MoodPoint | None:
        """The smoothed mood as of the last reading; None before the first."""
        return self._value

    def restart(self, value: MoodPoint) -> None:
        """The room has changed and is so now; what was read before does not count any more."""
        self._before = self._value = value
        self._before_at, self._instant = self._now or 0.0, []

    def update(self, point: MoodPoint, now: float) -> MoodPoint:
        """Take in a reading made at `now` (s, monotonic clock) and return the smoothed mood."""
        if self._now is None or now - self._now > self._settings.stale_s:
            self._before, self._instant = None, []
            self._now = now
        elif now > self._now:
            self._before, self._before_at, self._instant = self._value, self._now, []
            self._now = now
        # Sorted, so that not even the rounding of the mean depends on the order.
        self._instant = sorted([*self._instant, point], key=lambda p: (p.valence, p.energy))
        self._value = self._blend(_mean(self._instant), self._now)
        return self._value

    def _blend(self, reading: MoodPoint, now: float) -> MoodPoint:
        old = self._before
        if old is None:
            return reading
        share = 1.0 - 0.5 ** ((now - self._before_at) / self._settings.half_life_s)
        return between(old, reading, share * min(1.0, FAR / max(old.distance(reading), FAR)))


def _mean(points: list[MoodPoint]) -> MoodPoint:
    return MoodPoint(
        sum(p.valence for p in points) / len(points), sum(p.energy for p in points) / len(points)
    )
