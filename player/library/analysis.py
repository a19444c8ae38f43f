"""Listening to a music file: where it lies on the circumplex, how loud it is, how fast.

decode    one pass: 16 kHz mono samples and loudness
tagger    musicnn reads up to ten passages of 3 s, spread over the track
features  spectrum, timbre, rhythm, harmony and modulation of the minute in its middle
head      both together become probabilities of the four quadrants, and these a point
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from player.library import features, melspec
from player.library.decode import decode
from player.library.melspec import HOP, PATCH_FRAMES, RATE_HZ, WINDOW, Floats
from player.library.records import Analysis
from player.models import open_session
from player.types import MoodPoint

if TYPE_CHECKING:
    import onnxruntime

__all__ = ["Analysis", "Analyzer", "Listener"]

TAGGER = "music_tagger.onnx"
HEAD = "music_mood.onnx"
PATCHES = 10
MIDDLE_S = 60
QUADRANTS = ("Q1", "Q2", "Q3", "Q4")
_PATCH_SAMPLES = (PATCH_FRAMES - 1) * HOP + WINDOW

Feelings = Callable[[MoodPoint], Mapping[str, float]]
"""A point on the circumplex -> probability of each of the 13 feelings."""


class Listener:
    """Samples into the features of the mood head: what training and analysis share."""

    def __init__(self, threads: int = 1) -> None:
        """Raises ModelError where the tagger cannot be opened."""
        self._tagger = open_session(TAGGER, threads)

    def features(self, samples: Floats) -> tuple[Floats, float | None]:
        """(n,) float32, 16 kHz mono -> (392,) float32 and the tempo in bpm, if there is a pulse.

        200 of musicnn's penultimate layer and 50 log-odds of its tags, each averaged over the patches, then
        the 142 of `features.describe`.
        """
        tags, penultimate = self._tag(samples)
        middle = (len(samples) - MIDDLE_S * RATE_HZ) // 2
        part = samples[middle : middle + MIDDLE_S * RATE_HZ] if middle > 0 else samples
        described, bpm = features.describe(part)
        sure = np.clip(tags, 1e-4, 1 - 1e-4)
        log_odds = np.log(sure / (1 - sure))
        return np.concatenate([penultimate.mean(axis=0), log_odds.mean(axis=0), described]), bpm

    def _tag(self, samples: Floats) -> tuple[Floats, Floats]:
        """(patches, 50) probabilities of the tags and (patches, 200) of the layer before."""
        # One at a time: a batch takes longer here, and ten times the memory.
        read = [self._tagger.run(None, {"mel": patch[None]}) for patch in patches(samples)]
        return np.concatenate([tags for tags, _ in read]), np.concatenate([layer for _, layer in read])


def patches(samples: Floats) -> list[Floats]:
    """Up to PATCHES log mel spectrograms (187, 96), evenly spread; a clip too short for one is repeated."""
    if len(samples) < _PATCH_SAMPLES:
        samples = np.resize(samples, _PATCH_SAMPLES)
    last = len(samples) - _PATCH_SAMPLES
    count = min(PATCHES, len(samples) // (PATCH_FRAMES * HOP))
    starts = np.linspace(0, last, max(1, count)).astype(int)
    return [
        melspec.log_mel(melspec.power_spectra(samples[start : start + _PATCH_SAMPLES], padded=False))
        for start in starts
    ]


class Analyzer:
    """Opens the models once and listens to files, one at a time."""

    def __init__(self, feelings: Feelings, threads: int = 1) -> None:
        """`feelings` names the moods at a point. Raises ModelError where a model cannot be opened."""
        self._feelings = feelings
        self._listener = Listener(threads)
        self._head: onnxruntime.InferenceSession = open_session(HEAD, threads=1)

    def analyze(self, path: Path) -> Analysis:
        """Listen to one file: about a second for four minutes of music, some 100 MB while it lasts.

        Raises AudioFileError, whatever is wrong with the file.
        """
        started = perf_counter()
        audio = decode(path)
        heard, bpm = self._listener.features(audio.samples)
        quadrants, points = self._head.run(["quadrants", "point"], {"features": heard[None]})
        point = MoodPoint(valence=float(points[0, 0]), energy=float(points[0, 1]))
        return Analysis(
            valence=point.valence,
            energy=point.energy,
            quadrant=QUADRANTS[int(np.argmax(quadrants[0]))],
            moods=self._feelings(point),
            loudness_lufs=audio.loudness_lufs,
            true_peak_dbtp=audio.peak_dbfs,
            tempo_bpm=bpm,
            duration_s=audio.duration_s,
            elapsed_ms=(perf_counter() - started) * 1000,
        )
