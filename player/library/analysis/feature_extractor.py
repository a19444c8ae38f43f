"""Listening to a music file: where it lies on the circumplex, how loud it is, how fast.

decode    one pass: excerpts at 16 kHz mono, loudness, true peak, where the music begins, pauses, ends
tagger    musicnn reads up to ten passages of 3 s, spread over the track
features  spectrum, timbre, rhythm, harmony and modulation of the minute in its middle
head      both together become a point, and how sure its quadrant is
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from player.errors import NotNowError
from player.library.analysis import features, mel_spectrogram
from player.library.analysis.decoding import Audio, decode
from player.library.analysis.excerpts import Excerpts
from player.library.analysis.mel_spectrogram import Floats
from player.library.models import Analysis
from player.library.scan.file_identity import content_hash
from player.models import open_session
from player.types import MoodPoint

if TYPE_CHECKING:
    import onnxruntime

__all__ = ["Analysis", "Analyzer", "FeatureExtractor"]

TAGGER = "music_tagger.onnx"
TAGGER_OUTPUTS = ("tags", "penultimate", "middle")
HEAD = "music_mood.onnx"
HEAD_OUTPUTS = ("point", "confidence", "embedding")
QUADRANTS = ("Q1", "Q2", "Q3", "Q4")
NO_NUMBERS = "this computer's arithmetic gave no number for its mood: it is tried again."
"""Seen of matrix products in an emulated arm64, which overflowed for one process and not for another."""


def quadrants_of(points: Floats) -> npt.NDArray[np.int64]:
    """Which of QUADRANTS each point lies in, valence and energy, (n, 2) -> (n,)."""
    pleasant, lively = (points >= 0).T
    return np.where(lively, np.where(pleasant, 0, 1), np.where(pleasant, 3, 2))


Feelings = Callable[[MoodPoint], Mapping[str, float]]
"""A point on the circumplex -> probability of each of the 13 feelings."""


class FeatureExtractor:
    """Samples into the features of the mood head: what training and analysis share."""

    def __init__(self, threads: int = 1) -> None:
        """Raises ModelError if the tagger cannot be opened."""
        self._tagger = open_session(TAGGER, threads)

    def features(self, excerpts: Excerpts) -> features.Description:
        """(1230,) float32, the tempo and the key of what was kept of a track.

        200 of musicnn's penultimate layer, 50 log-odds of its tags and 753 of its middle layers, each
        averaged over the patches, then the 227 of `features.describe`.
        """
        tags, penultimate, middle = self._tag(excerpts)
        described, bpm, key = features.describe(excerpts.middle())
        sure = np.clip(tags, 1e-4, 1 - 1e-4)
        log_odds = np.log(sure / (1 - sure))
        tagged = [layer.mean(axis=0) for layer in (penultimate, log_odds, middle)]
        heard = np.concatenate([*tagged, described])
        return features.Description(heard, bpm, key)

    def _tag(self, excerpts: Excerpts) -> list[Floats]:
        """Of each patch the probabilities of 50 tags, 200 numbers of the layer before, 753 from inside."""
        # One at a time: a batch takes longer here, and ten times the memory.
        spectra = (mel_spectrogram.power_spectra(passage, padded=False) for passage in excerpts.passages())
        mels = (mel_spectrogram.log_mel(power)[None] for power in spectra)
        read = [self._tagger.run(TAGGER_OUTPUTS, {"mel": mel}) for mel in mels]
        return [np.concatenate(patches) for patches in zip(*read, strict=True)]


class Analyzer:
    """Opens the models once and listens to files, one at a time."""

    def __init__(self, feelings: Feelings, threads: int = 1) -> None:
        """`feelings` names the moods at a point. Raises ModelError if a model cannot be opened."""
        self._feelings = feelings
        self._extractor = FeatureExtractor(threads)
        self._head: onnxruntime.InferenceSession = open_session(HEAD, threads=1)

    def analyze(self, path: Path) -> Analysis:
        """Listen to one file: about a second for four minutes of music, some 20 MB while it lasts.

        Raises AudioFileError, whatever is wrong with the file.
        """
        started = perf_counter()
        return replace(self.judge(decode(path), started), content=content_hash(path))

    def judge(self, audio: Audio, started: float) -> Analysis:
        """The analysis of sound that is decoded; `started` (perf_counter, s) is when that began.

        Raises NotNowError if this computer's arithmetic fails: no file without a flaw in it has such a mood.
        """
        heard, bpm, key = self._extractor.features(audio.excerpts)
        points, confidence, embedding = found = self._head.run(HEAD_OUTPUTS, {"features": heard[None]})
        if not all(np.isfinite(each).all() for each in found):
            raise NotNowError(NO_NUMBERS)
        point = MoodPoint(valence=float(points[0, 0]), energy=float(points[0, 1]))
        return Analysis(
            valence=point.valence,
            energy=point.energy,
            quadrant=QUADRANTS[int(quadrants_of(points)[0])],
            moods=self._feelings(point),
            loudness_lufs=audio.loudness_lufs,
            true_peak_dbtp=audio.true_peak_dbtp,
            tempo_bpm=bpm,
            duration_s=audio.duration_s,
            elapsed_ms=(perf_counter() - started) * 1000,
            confidence=float(confidence[0]),
            embedding=tuple(int(x) for x in np.rint(127 * embedding[0])),
            key=key,
            music_start_s=audio.boundaries.music_start_s,
            music_end_s=audio.boundaries.music_end_s,
            fade_out_s=audio.boundaries.fade_out_s,
            silences=audio.silences.silences,
            rests=audio.silences.rests,
        )
