"""How well a track goes on from the one that plays: sound, tempo, key, loudness."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from player.library.index.candidates import Candidates, Floats
from player.library.index.track_table import key_number
from player.types import Track

SHARES = {"sound": 0.5, "tempo": 0.2, "key": 0.15, "loudness": 0.15}
"""How much each part counts; they sum to 1."""
_NO_IDEA = 0.5
"""A part that is unknown of either track speaks neither for nor against."""
_LOUDNESS_RANGE_DB = 12.0


def continuity(candidates: Candidates, playing: Track) -> tuple[Floats, dict[str, Floats]]:
    """How well each candidate follows `playing`: (n,) in [0, 1], and its parts by name, each alike."""
    parts = {
        "sound": _sound(candidates, playing),
        "tempo": tempo_closeness(candidates.tempo_bpm, playing.tempo_bpm or np.nan),
        "key": key_closeness(candidates.key, key_number(playing.key)),
        "loudness": _loudness(candidates, playing),
    }
    known = {name: np.nan_to_num(part, nan=_NO_IDEA).astype(np.float32) for name, part in parts.items()}
    whole = sum((SHARES[name] * part for name, part in known.items()), np.zeros(len(candidates), np.float32))
    return whole.astype(np.float32), known


def tempo_closeness(tempo_bpm: Floats, of_bpm: float) -> npt.NDArray[np.floating]:
    """1 for the same tempo, its half or its double, 0 for half an octave off; nan if one is unknown."""
    with np.errstate(divide="ignore", invalid="ignore"):
        octaves = np.log2(tempo_bpm / of_bpm)
    return np.asarray(1 - 2 * np.abs(octaves - np.round(octaves)))


def key_closeness(keys: npt.NDArray[np.int8], of: int) -> npt.NDArray[np.floating]:
    """1 for the same key or its relative, a sixth less for each step on the circle of fifths; nan unknown."""
    if of < 0:
        return np.full(len(keys), np.nan)
    steps = np.abs(_fifths(keys) - int(_fifths(np.int64(of))))
    return np.where(keys < 0, np.nan, 1 - np.minimum(steps, 12 - steps) / 6)


def _fifths(key: npt.NDArray[np.integer] | np.integer) -> npt.NDArray[np.int64]:
    """Place on the circle of fifths, 0 to 11; a minor key stands where its relative major does."""
    major = np.where(np.asarray(key) >= 12, np.asarray(key, dtype=np.int64) + 3, key)
    return np.asarray(major % 12 * 7 % 12, dtype=np.int64)


def _sound(candidates: Candidates, playing: Track) -> npt.NDArray[np.floating]:
    of = np.array(playing.embedding, dtype=np.float32)
    if of.shape != candidates.embedding.shape[1:] or not of.any():
        return np.full(len(candidates), np.nan)
    cosine = candidates.embedding.astype(np.float32) @ of / 127**2
    return np.where(candidates.embedding.any(axis=1), np.clip(cosine, 0, 1), np.nan)


def _loudness(candidates: Candidates, playing: Track) -> npt.NDArray[np.floating]:
    of = np.nan if playing.loudness_lufs is None else playing.loudness_lufs
    return np.asarray(1 - np.minimum(np.abs(candidates.loudness_lufs - of) / _LOUDNESS_RANGE_DB, 1))
