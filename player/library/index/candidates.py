"""What the recommender knows of the tracks it weighs, as columns, and who may have an opinion on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from player.types import MoodPoint

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """n tracks that may come next. Every column has length n and the same order."""

    id: npt.NDArray[np.int64]
    """Track.id."""
    valence: Floats
    energy: Floats
    """Both in [-1, 1]; nan until analysed."""
    confidence: Floats
    """Probability that the mood's quadrant is right, 0 to 1; nan if unknown."""
    tempo_bpm: Floats
    """nan if unknown; possibly an octave off."""
    key: npt.NDArray[np.int8]
    """0 to 11: C major to B major; 12 to 23: C minor to B minor; -1 unknown."""
    loudness_lufs: Floats
    """Integrated loudness; nan if unknown."""
    embedding: npt.NDArray[np.int8]
    """(n, 32): unit vectors times 127; all zero if unknown."""

    def __len__(self) -> int:
        return len(self.id)


class Taste(Protocol):
    """What the venue has learnt from skips, likes and plays heard to the end."""

    def scores(self, candidates: Candidates, daypart: str, target: MoodPoint) -> Floats:
        """How probably each candidate would be kept if it came next, (n,) float32 in [0, 1]."""
        ...
