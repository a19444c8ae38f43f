"""How each track has fared so far: what it was given beyond the usual, smoothed and fading."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt

_PRIOR = 2.0
"""A track is believed to be as any other until it has been judged about so often."""

Doubles = npt.NDArray[np.float64]


@dataclass(slots=True)
class _Tally:
    """Sums that fade: of weights, and of weights times what was given beyond the usual."""

    weight: float = 0.0
    beyond: float = 0.0
    at: datetime | None = None

    def add(self, at: datetime, beyond: float, weight: float, half_life_days: float) -> None:
        if self.at is not None:
            kept = 0.5 ** ((at - self.at).total_seconds() / 86400 / half_life_days)
            self.weight, self.beyond = self.weight * kept, self.beyond * kept
        self.weight, self.beyond, self.at = self.weight + weight, self.beyond + weight * beyond, at

    @property
    def mean(self) -> float:
        return self.beyond / (self.weight + _PRIOR)


@dataclass(slots=True)
class TrackRecord:
    """What every track was given, for the whole day and per daypart. Feed it in the order of time."""

    half_life_days: float = 60.0
    _all: _Tally = field(default_factory=_Tally)
    _tallies: dict[tuple[int, str], _Tally] = field(default_factory=dict)

    def add(self, track_id: int, daypart: str, at: datetime, reward: float, weight: float) -> None:
        """Take in one judgement: `reward` from 0 to 1, `weight` how much it says."""
        usual = self._all.beyond / self._all.weight if self._all.weight else reward
        self._all.add(at, reward, weight, self.half_life_days)
        for key in ((track_id, ""), (track_id, daypart)):
            self._tallies.setdefault(key, _Tally()).add(at, reward - usual, weight, self.half_life_days)

    def of_one(self, track_id: int, daypart: str) -> tuple[float, float]:
        """One track's mean beyond the usual, -1 to 1: of the whole day and of a daypart; 0 is unknown."""
        nothing = _Tally()
        return (
            self._tallies.get((track_id, ""), nothing).mean,
            self._tallies.get((track_id, daypart), nothing).mean,
        )

    def of(self, ids: npt.NDArray[np.int64], daypart: str) -> tuple[Doubles, Doubles]:
        """The same for n tracks: two (n,) float64."""
        return self._column(ids, ""), self._column(ids, daypart)

    def _column(self, ids: npt.NDArray[np.int64], daypart: str) -> Doubles:
        """Only the tracks with a record are looked up: there are few of them among the candidates."""
        column = np.zeros(len(ids))
        known = {track_id: tally.mean for (track_id, part), tally in self._tallies.items() if part == daypart}
        if known:
            places = np.flatnonzero(np.isin(ids, np.fromiter(known, np.int64, len(known))))
            column[places] = [known[int(track_id)] for track_id in ids[places]]
        return column
