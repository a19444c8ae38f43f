"""The JSON objects that `caption`, `mood` and `library analyze` print: names and order are a promise."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from player.privacy.redaction import redacted
from player.types import Json, Mood, Scene

if TYPE_CHECKING:
    from player.library.analysis.feature_extractor import Analysis


def caption(path: Path, scene: Scene, mood: Mood, ms: float) -> Json:
    """`ambient-player caption`: one photo."""
    return {
        "path": str(path),
        "caption": scene.caption,
        "people": scene.people,
        **_point(mood.valence, mood.energy),
        "mood7": mood.mood7,
        "moods": _probabilities(mood.moods),
        "reader": scene.reader,
        "ms": round(ms, 1),
    }


def mood(text: str, read: Mood) -> Json:
    """`ambient-player mood`: one text."""
    return {
        "text": text,
        **_point(read.valence, read.energy),
        "mood7": read.mood7,
        "moods": _probabilities(read.moods),
    }


def analysis(path: Path, found: Analysis) -> Json:
    """`ambient-player library analyze`: one file."""
    return {
        "path": str(path),
        **_point(found.valence, found.energy),
        "quadrant": found.quadrant,
        "moods": _probabilities(found.moods),
        "loudness_lufs": _rounded(found.loudness_lufs, 2),
        "tempo_bpm": _rounded(found.tempo_bpm, 1),
        "duration_s": round(found.duration_s, 3),
        "confidence": round(found.confidence, 4),
        "key": found.key,
        "true_peak_dbtp": _rounded(found.true_peak_dbtp, 2),
        "music_start_s": round(found.music_start_s, 2),
        "music_end_s": round(found.music_end_s, 2),
        "fade_out_s": round(found.fade_out_s, 2),
        "silences": found.silences,
        "rests": found.rests,
        "ms": round(found.elapsed_ms, 1),
    }


def unreadable(what: str, value: object, error: Exception | str) -> Json:
    """What stands in the place of an input that could not be read."""
    name = redacted(str(value)) if ":/" in str(value) else str(value)  # an address is no file, and may tell
    return {what: name, "error": redacted(str(error))}


def _point(valence: float, energy: float) -> Json:
    return {"valence": round(valence, 4), "energy": round(energy, 4)}


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _probabilities(moods: Mapping[str, float]) -> Json:
    return {name: round(float(probability), 4) for name, probability in moods.items()}
