"""The values that the library keeps and hands around inside its stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from player.types import Mood, MoodPoint

ANALYSIS_VERSION = 5
"""What an analysis holds; tracks with a lower one are listened to again."""
EMBEDDING_SIZE = 32
CLEAR = 0.5
"""Confidence from which on a mood is clear: its quadrant is as likely right as all others together."""


def is_clear(confidence: float | None) -> bool:
    """Whether a track has a clear mood; None is the confidence of one that was not analysed."""
    return confidence is not None and confidence >= CLEAR


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
    true_peak_dbtp: float
    """Highest true peak (ITU-R BS.1770-4, Annex 2) of either channel as played; 0 is full scale."""
    tempo_bpm: float | None
    """Beats per minute, possibly an octave off; None if no pulse was found."""
    duration_s: float
    elapsed_ms: float
    """What the analysis took."""
    confidence: float = 0.0
    """Calibrated probability that `quadrant` is right, 0 to 1."""
    key: str = ""
    """"C major" to "B minor"; empty if no key is clear."""
    music_start_s: float = 0.0
    """Silence before the music."""
    music_end_s: float = 0.0
    """Where the music ends and silence follows; the duration if it runs to the end."""
    fade_out_s: float = 0.0
    """From here on it dies away; `music_end_s` if it ends at full level."""
    silences: tuple[tuple[float, float], ...] = ()
    """(from, to) of each silence of 2 s or more inside the music, in seconds."""
    rests: tuple[float, ...] = ()
    """Moments at which the music takes a breath, in seconds: a cut is least noticed there."""
    embedding: tuple[int, ...] = ()
    """EMBEDDING_SIZE whole numbers in [-127, 127]: a unit vector times 127."""
    content: str = ""
    """Hash of the sound as it lies in the file, whatever its name and tags; empty if there is none."""

    @property
    def point(self) -> MoodPoint:
        """The place on the circumplex."""
        return MoodPoint(self.valence, self.energy)

    @property
    def clear(self) -> bool:
        """Whether the track has a clear mood."""
        return is_clear(self.confidence)


@dataclass(frozen=True, slots=True)
class Play:
    """One track that was played."""

    path: Path
    artist: str
    started_at: datetime
    """Timezone-aware."""
    track_id: int = 0
    """Track.id; 0 if the library did not know it."""


@dataclass(frozen=True, slots=True)
class ScanReport:
    """What a scan changed."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    unreadable: list[tuple[Path, str]] = field(default_factory=list)
    """Every file and folder that cannot be used at present, and why."""
    failed: list[tuple[Path, str]] = field(default_factory=list)
    """Of these, the files that the library itself could not take in."""
    closed: list[Path] = field(default_factory=list)
    """What the system did not let the scan look into: what lies there is not gone."""
    left_out: list[Path] = field(default_factory=list)
    """Names of bins, system folders and unfinished downloads, and hidden ones."""
    same: dict[Path, Path] = field(default_factory=dict)
    """Names of files that are in the folders under another one (through links), with that one."""
    again_s: float | None = None
    """When what could not be read is to be tried again, in seconds from now; None if there is nothing."""

    def under_own_names(self, given: Mapping[Path, Mood | None]) -> dict[Path, Mood | None]:
        """What was given to files, by the names under which they are in the library."""
        return {self.same.get(path, path): mood for path, mood in given.items()}
