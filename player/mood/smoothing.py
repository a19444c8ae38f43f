"""Readings of one room, smoothed over time."""

from __future__ import annotations

from player.mood.plane import between
from player.settings import MoodSettings
from player.types import MoodPoint

FAR = 0.5
"""A reading further than this from the smoothed mood is no scatter: readings of one unchanged scene lie about
0.15 on each axis around their mean, a calm room that becomes a party goes 1.0 and more."""

AGREE = 0.4
"""Two readings closer than this say the same."""


class Smoother:
    """Exponential smoothing that knows how much time has passed between two readings.

    After `half_life_s` of steady new readings half of the old value is left. That suits scatter; a reading
    that is far away is something else. Alone it counts only as if it lay FAR away, so that one wrong caption
    among steady ones moves little. Two in a row that agree are a change, and their mean is taken over at
    once: the value has then arrived where the room is, instead of trailing behind it for a minute.

    Readings at one and the same instant count as their mean, in whichever order they come; a clock that goes
    back is taken as standing still; after a gap longer than `stale_s` the next reading starts afresh.
    """

    def __init__(self, settings: MoodSettings) -> None:
        self._settings = settings
        self._now: float | None = None
        self._instant: list[MoodPoint] = []
        self._before: MoodPoint | None = None
        """The smoothed value, and below its time and last reading, before the instant in hand."""
        self._before_at = 0.0
        self._previous: MoodPoint | None = None
        self._value: MoodPoint | None = None

    @property
    def value(self) -> MoodPoint | None:
        """The smoothed mood as of the last reading; None before the first."""
        return self._value

    def update(self, point: MoodPoint, now: float) -> MoodPoint:
        """Take in a reading made at `now` (s, monotonic clock) and return the smoothed mood."""
        if self._now is None or now - self._now > self._settings.stale_s:
            self._before, self._previous, self._instant = None, None, []
            self._now = now
        elif now > self._now:
            self._before, self._before_at = self._value, self._now
            self._previous, self._instant = _mean(self._instant), []
            self._now = now
        # Sorted, so that not even the rounding of the mean depends on the order.
        self._instant = sorted([*self._instant, point], key=lambda p: (p.valence, p.energy))
        self._value = self._blend(_mean(self._instant), self._now)
        return self._value

    def _blend(self, reading: MoodPoint, now: float) -> MoodPoint:
        old = self._before
        if old is None or self._previous is None:
            return reading
        share = 1.0 - 0.5 ** ((now - self._before_at) / self._settings.half_life_s)
        far = old.distance(reading) > FAR
        agreed = self._previous.distance(reading) <= AGREE
        if far and agreed and old.distance(self._previous) > FAR:
            return _mean([self._previous, reading])
        if far and not agreed:
            share *= FAR / old.distance(reading)
        return between(old, reading, share)


def _mean(points: list[MoodPoint]) -> MoodPoint:
    return MoodPoint(
        sum(p.valence for p in points) / len(points), sum(p.energy for p in points) / len(points)
    )
