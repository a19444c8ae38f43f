"""What a room was taught, as a correction of its reading: a ridge on few moments, with an honest weight.

Where nothing alike was taught, and as far as the moments do not tell each other, the reading stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from player.mood.circumplex import between, clipped
from player.mood.moments import FEWEST, Moment, still_wanted
from player.types import MoodPoint

RIDGE = 1.0
"""Noise of a label beside the spread of what was taught (scripts/evaluate/teach.py)."""
ANYWHERE = 100.0
"""Spread of the mean of all labels: it is as good as free."""
SURE = 1.0
"""Moments by which the weight is held back: three that explain everything count three quarters."""
NEAR, FAR = 2.0, 6.0
"""Squared distance to the nearest moment, beside what is usual among them: from NEAR on it counts less, from
FAR on nothing."""
CLOSEST = 0.01
"""What is usual among moments is no less than this: two looks at the same empty room are that far apart."""
WORTH = 1e-3
"""Mean squared difference of taught and plain reading below which there is nothing to correct."""

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Correction:
    """A reading as the room was taught."""

    point: MoodPoint
    weight: float
    """How far energy was followed, 0 to 1: what the moments explain, times how alike this one is."""


class TaughtHead:
    """Knows the moments of one view, all of the same networks."""

    def __init__(self, moments: Sequence[Moment]) -> None:
        """Raises ValueError if a moment has another number of numbers than the first."""
        self._axes: dict[str, _Axis] = {}
        if any(still_wanted(moments)):
            return
        self._axes["energy"] = _Axis(moments, [m.energy for m in moments], [m.read.energy for m in moments])
        spoken = [m for m in moments if m.valence is not None]
        if len({m.valence for m in spoken if m.is_taught}) >= 2 and len(spoken) >= FEWEST:
            labels = [m.valence for m in spoken if m.valence is not None]
            self._axes["valence"] = _Axis(spoken, labels, [m.read.valence for m in spoken])

    @property
    def is_ready(self) -> bool:
        """Whether there is enough to correct anything."""
        return bool(self._axes)

    @property
    def weight(self) -> float:
        """How far energy is followed where a moment is like those that were taught, 0 to 1."""
        return self._axes["energy"].weight if self._axes else 0.0

    def correct(self, reading: MoodPoint, numbers: Sequence[float]) -> Correction:
        """The reading, moved as far as the moments deserve."""
        here = np.asarray(numbers, np.float64)
        point, followed = reading, 0.0
        for name, axis in self._axes.items():
            value, share = axis(here)
            aim = (point.valence, value) if name == "energy" else (value, point.energy)
            point = between(point, clipped(*aim), share)
            followed = share if name == "energy" else followed
        return Correction(point, followed)


class _Axis:
    """A Gaussian process with a linear kernel: a ridge, whose leave-one-out errors cost nothing more."""

    def __init__(self, moments: Sequence[Moment], labels: Sequence[float], read: Sequence[float]) -> None:
        rows = np.array([moment.numbers for moment in moments], np.float64)
        weights = np.array([moment.weight for moment in moments], np.float64)
        self._mean = np.average(rows, axis=0, weights=weights)
        self._rows = rows - self._mean
        self._spread = float(np.average((self._rows**2).sum(axis=1), weights=weights)) + 1e-9
        inverse = np.linalg.inv(self._kernel(self._rows) + np.diag(RIDGE / weights))
        target = np.array(labels, np.float64)
        self._alpha = inverse @ target
        left_out = self._alpha / np.diag(inverse)  # Rasmussen & Williams (2006), eq. 5.12
        plain = np.array(read, np.float64)
        taught = sum(moment.is_taught for moment in moments)
        self.weight = _stacked(target, plain, target - left_out, weights) * taught / (taught + SURE)
        distances = ((rows[:, None] - rows[None]) ** 2).sum(axis=2)
        np.fill_diagonal(distances, np.inf)
        self._usual = max(float(np.median(distances.min(axis=1))), CLOSEST)

    def _kernel(self, rows: Doubles) -> Doubles:
        return np.asarray(rows @ self._rows.T / self._spread + ANYWHERE, np.float64)

    def __call__(self, numbers: Doubles) -> tuple[float, float]:
        """What it should be, and how far to follow that, 0 to 1."""
        here = numbers - self._mean
        value = float((self._kernel(here[None]) @ self._alpha)[0])
        nearest = float(((self._rows - here) ** 2).sum(axis=1).min()) / self._usual
        return value, self.weight * min(1.0, max(0.0, (FAR - nearest) / (FAR - NEAR)))


def _stacked(target: Doubles, plain: Doubles, taught: Doubles, weights: Doubles) -> float:
    """The share of `taught` in a mixture with `plain` that is nearest to the target, 0 to 1 (Wolpert 1992).

    `taught` is what the others say of each moment that is left out; 0 if that is no better than `plain`.
    """
    step, wanted = taught - plain, target - plain
    size = float(np.average(step**2, weights=weights))
    if size < WORTH or float(np.average((target - taught) ** 2 - wanted**2, weights=weights)) >= 0:
        return 0.0
    return min(1.0, max(0.0, float(np.average(step * wanted, weights=weights)) / size))
