"""How fast a counter counts."""

from __future__ import annotations

import math

WINDOW_S = 600.0
"""Time constant of the rate: a door's visitors of the last ten minutes, the older ones fading."""
LEAST_S = 60.0
"""Nothing is made of less time than this: the first visitor is no crowd."""
PER_HOUR = 3600.0


class CounterRate:
    """A counter's steps as a number an hour. Time is an argument.

    A counter that goes back was set to zero, and counts from there. One that is then suddenly where it was
    (a sensor that said 0 while it started) has only counted what is beyond that. What it has counted since it
    was last heard came evenly in that time: after an hour away, the visitors of that hour are no crowd.
    """

    def __init__(self) -> None:
        self.count: float | None = None
        self._before: float | None = None
        """Where the counter was before it went back, until it has come there again."""
        self._sum = 0.0
        self._at = self._since = -math.inf

    def take(self, count: float, now: float) -> None:
        """It stands at `count`, at `now` (s, monotonic clock)."""
        steps = 0.0
        if self.count is None:
            self._since = now
        elif count < self.count:
            self._before = max(self.count, self._before or 0.0)
        else:
            start = self.count
            if self._before is not None and count >= self._before:
                start, self._before = self._before, None
            steps = count - start
        away = max(0.0, now - self._at) / WINDOW_S if steps else 0.0
        self._sum = self._faded(now) + (steps * (1.0 - math.exp(-away)) / away if away else steps)
        self._at = max(now, self._at)
        self.count = count

    def per_hour(self, now: float) -> float:
        """How much it counts an hour, at present."""
        seen_s = max(now - self._since, LEAST_S)
        return PER_HOUR * self._faded(now) / (WINDOW_S * (1.0 - math.exp(-seen_s / WINDOW_S)))

    def go_on_from(self, count: float, per_hour: float, now: float) -> None:
        """It was so at `now`."""
        self.count, self._at, self._since = count, now, -math.inf
        self._sum = per_hour * WINDOW_S / PER_HOUR

    def _faded(self, now: float) -> float:
        return self._sum * math.exp(-max(0.0, now - self._at) / WINDOW_S) if self._sum else 0.0
