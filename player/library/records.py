"""The values that the library keeps and hands around inside its stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from player.types import MoodPoint


@dataclass(frozen=True, slots=True)
class Analysis:
    """What listening to one file gave."""

    valence: float
    energy: float
    """Both in [-1, 1]."""
    quadrant: str
    """Q1 happy/energetic, Q2 tense/angry, Q3 sad, Q4 calm: the most probable one."""
    moods: Mapping[str, float]
    """Probability of each of the 13 feelings; they sum to 1."""
    loudness_lufs: float
    """Integrated loudness (EBU R128); -70 for silence."""
    peak_dbfs: float
    """Highest sample peak; 0 is full scale."""
    tempo_bpm: float | None
    """Beats per minute, possibly an octave off; None where no pulse was found."""
    duration_s: float
    elapsed_ms: float
    """What the analysis took."""

    @property
    def point(self) -> MoodPoint:
        """The place on the circumplex."""
        return MoodPoint(self.valence, self.energy)


@dataclass(frozen=True, slots=True)
class Play:
    """One track that was played."""

    path: Path
    artist: str
    started_at: datetime
    """Timezone-aware."""


@dataclass(frozen=True, slots=True)
class ScanReport:
    """What a scan changed."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    unreadable: list[tuple[Path, str]] = field(default_factory=list)
    """Every file and folder that cannot be used at present, and why."""
