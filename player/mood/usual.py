"""What is usual of a signal, and how far a value lies outside it."""

from __future__ import annotations

import math
from dataclasses import dataclass

SILENT_SHARE = 1 / 16
"""Share of `baseline_hours` (half an hour of 8) that must be observed before anything is said; after twice as
much a hint has 63 % of its size."""
OUTLIER = 3.0
"""A value further out, in scatters, is learnt as if it lay there: one party does not make parties usual."""


@dataclass(slots=True)
class Usual:
    """Slow mean of a signal and of its distance from that mean, over the time observed.

    The plain means at first; once more than `constant_s` has been observed they forget with that constant.
    """

    mean: float
    scatter: float = 0.0
    observed_s: float = 0.0

    def learn(self, value: float, passed_s: float, constant_s: float, least: float) -> None:
        """Take in that the value has held for so long; `least` is what counts as scatter at least."""
        self.observed_s += passed_s
        share = max(1.0 - math.exp(-passed_s / constant_s), passed_s / self.observed_s)
        limit = OUTLIER * max(self.scatter, least)
        away = min(limit, max(-limit, value - self.mean))
        self.mean += share * away
        self.scatter += share * (abs(away) - self.scatter)

    def score(self, value: float, least: float) -> float:
        """-1 (far less than usual) to 1 (far more); 0 within the usual scatter."""
        away = (value - self.mean) / max(self.scatter, least)
        return math.copysign(math.tanh(max(abs(away) - 1.0, 0.0) / 2), away)

    def confidence(self, constant_s: float) -> float:
        """0 before a sixteenth of `constant_s` has been observed, then towards 1."""
        silent_s = SILENT_SHARE * constant_s
        return 1.0 - math.exp(-max(0.0, self.observed_s - silent_s) / silent_s)
