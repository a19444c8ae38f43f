"""What is usual for this camera: it reads much the same words all day, and only the difference is news."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from player.mood.circumplex import between, clipped
from player.types import Json, MoodPoint

SECONDS_PER_HOUR = 3600.0


class Baseline:
    """The slow mean of the moods seen, and how far it can be trusted.

    For as long as less than `hours` have been observed it is the plain mean over time; from then on it
    forgets exponentially with that time constant. `confidence` is 1 - exp(-observed / hours): 0 at the
    start, 0.63 after `hours`. Only time with readings counts: a gap longer than `stale_s` was not observed.
    """

    def __init__(self, hours: float, stale_s: float) -> None:
        self._constant_s, self._stale_s = hours * SECONDS_PER_HOUR, stale_s
        self._value: MoodPoint | None = None
        self._observed_s = 0.0
        self._last: float | None = None

    @property
    def value(self) -> MoodPoint | None:
        """The usual mood; None before two readings have been seen, or if `hours` is 0."""
        return self._value

    @property
    def confidence(self) -> float:
        """0 (nothing seen yet, or `hours` is 0) to 1."""
        return 1.0 - math.exp(-self._observed_s / self._constant_s) if self._constant_s > 0 else 0.0

    def update(self, point: MoodPoint, now: float, pace: float = 1.0) -> None:
        """Take in the mood that has held since the last update; `now` in s on the monotonic clock.

        `pace`: how much that time counts, 0 to 1.
        """
        passed_s = 0.0 if self._last is None else now - self._last
        self._last = now if self._last is None else max(now, self._last)
        if self._constant_s <= 0 or not 0 < passed_s <= self._stale_s:
            return
        passed_s *= pace
        self._observed_s += passed_s
        share = max(1.0 - math.exp(-passed_s / self._constant_s), passed_s / self._observed_s)
        self._value = between(self._value or point, point, share)

    def offset(self, centre: MoodPoint, weight: float) -> MoodPoint:
        """How far a reading is moved before the venue hears it: weight * confidence * (centre - usual).

        `centre` is the mood that the daypart starts with. A room that is as usual is heard nearer to that
        mood, and one that is busier than usual as busier than that mood: with weight 1 and full confidence
        only the difference counts, with weight 0 or no history only the plain reading does.
        """
        if self._value is None:
            return MoodPoint(0.0, 0.0)
        share = weight * self.confidence
        return MoodPoint(
            share * (centre.valence - self._value.valence), share * (centre.energy - self._value.energy)
        )

    def state(self) -> Json:
        """What to remember over a restart, as plain JSON."""
        if self._value is None:
            return {}
        return {
            "valence": self._value.valence,
            "energy": self._value.energy,
            "observed_s": self._observed_s,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a remembered state. Raises KeyError, TypeError, ValueError or OverflowError."""
        if not state:
            return
        numbers = [float(state[key]) for key in ("valence", "energy", "observed_s")]
        if not all(map(math.isfinite, numbers)) or numbers[2] < 0:
            raise ValueError(f"{dict(state)} is not a baseline")
        self._value, self._observed_s = clipped(numbers[0], numbers[1]), numbers[2]
