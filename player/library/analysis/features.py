"""What the mood head hears besides the tagger: spectrum, timbre, rhythm, harmony and modulation, in numpy.

All of it is independent of the length of the passage, and nearly so of its level.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from player.library.analysis import harmony, keys, mel_spectrogram
from player.library.analysis.mel_spectrogram import RATE_HZ, Floats
from player.library.analysis.rhythm import FRAMES_PER_S, onset_strength, tempo

WIDTH = 142 + harmony.WIDTH
"""Numbers that `describe` gives."""
_SILENCE = 1e-9
_CEPSTRA = 20
_NEUTRAL_BPM = 100.0  # stands in if there is no pulse
_CHROMA_WINDOW = 4096
_CHROMA_HZ = (80.0, 2500.0)  # fundamentals and their first overtones
_MODULATION_HZ = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
_MODULATION_BANDS = 12
_MODULATION_FRAMES = 512

Doubles = npt.NDArray[np.float64]


class Description(NamedTuple):
    """What `describe` finds."""

    features: Floats
    """(WIDTH,) float32."""
    tempo_bpm: float | None
    """None if there is no pulse."""
    key: str
    """One of keys.KEYS; empty if none is clear."""


def describe(samples: Floats) -> Description:
    """Of (n,) float32 at 16 kHz, half a second or more."""
    power = mel_spectrogram.power_spectra(samples)
    mel = mel_spectrogram.log_mel(power)
    rhythm, bpm = _rhythm(mel)
    chroma = _chroma(samples)
    parts = (
        _spectrum(power, mel, samples), rhythm, _timbre(mel), _harmony(chroma), _modulation(mel),
        harmony.describe(chroma),
    )  # fmt: skip
    return Description(np.concatenate(parts).astype(np.float32), bpm, keys.name(chroma.mean(axis=0)))


def _mean_and_deviation(values: npt.NDArray[np.floating]) -> Doubles:
    return np.concatenate([values.mean(axis=0, dtype=np.float64), values.std(axis=0, dtype=np.float64)])


def _spectrum(power: Floats, mel: Floats, samples: Floats) -> Doubles:
    """Mean and deviation of centroid, spread, flatness, rolloff (85 %) and flux; zero crossings: (11,)."""
    hz = np.arange(mel_spectrogram.BINS) * RATE_HZ / mel_spectrogram.WINDOW
    shares = np.sqrt(power) + 1e-8
    shares /= shares.sum(axis=1, keepdims=True)
    centroid = shares @ hz
    spread = np.sqrt(np.maximum(0, shares @ hz**2 - centroid**2))
    flatness = np.log(power + _SILENCE).mean(axis=1) - np.log(power.mean(axis=1) + _SILENCE)
    below = np.cumsum(power, axis=1) / (power.sum(axis=1, keepdims=True) + _SILENCE)
    rolloff = (below < 0.85).sum(axis=1) * RATE_HZ / mel_spectrogram.WINDOW
    flux = np.maximum(0, np.diff(mel, axis=0, prepend=mel[:1])).mean(axis=1)
    crossings = np.count_nonzero(np.diff(np.signbit(samples))) / len(samples)
    figures = np.stack([centroid, spread, flatness, rolloff, flux], axis=1)
    return np.append(_mean_and_deviation(figures), crossings)


def _rhythm(mel: Floats) -> tuple[Doubles, float | None]:
    """Tempo in octaves, clearness of the pulse, onsets a second, and how strong they are: (6,), and bpm."""
    strength = onset_strength(mel)
    bpm, clarity = tempo(strength)
    peaks = (strength[1:-1] > strength[:-2]) & (strength[1:-1] >= strength[2:])
    peaks &= strength[1:-1] > strength.mean() + strength.std() / 2
    rate = np.count_nonzero(peaks) / len(strength) * FRAMES_PER_S
    octaves = np.log2((bpm or _NEUTRAL_BPM) / _NEUTRAL_BPM)
    figures = [octaves, clarity, rate, strength.mean(), strength.std(), np.percentile(strength, 95)]
    return np.array(figures), bpm


def _timbre(mel: Floats) -> Doubles:
    """Mel cepstra: mean, deviation, deviation of their changes: (60,)."""
    cosines = np.cos(
        np.pi
        / mel_spectrogram.BANDS
        * (np.arange(mel_spectrogram.BANDS) + 0.5)[:, None]
        * np.arange(_CEPSTRA)
    )
    cepstra = mel @ (cosines * np.sqrt(2 / mel_spectrogram.BANDS))
    return np.append(_mean_and_deviation(cepstra), np.diff(cepstra, axis=0).std(axis=0))


@lru_cache(maxsize=1)
def _chroma_bank() -> Floats:
    """Weight of each bin in each pitch class, (2049, 12) float32: a Gaussian of 0.4 semitones."""
    hz = np.fft.rfftfreq(_CHROMA_WINDOW, 1 / RATE_HZ)
    semitones = 12 * np.log2(np.maximum(hz, 1) / 440)
    off = (semitones[:, None] - np.arange(12) + 6) % 12 - 6
    heard = (hz > _CHROMA_HZ[0]) & (hz < _CHROMA_HZ[1])
    return np.asarray(np.exp(-0.5 * (off / 0.4) ** 2) * heard[:, None], dtype=np.float32)


def _chroma(samples: Floats) -> npt.NDArray[np.floating]:
    """How strong each pitch class is, A first, in windows of a quarter of a second: (frames, 12)."""
    padded = np.pad(samples, (0, max(0, _CHROMA_WINDOW - len(samples))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _CHROMA_WINDOW)[:: _CHROMA_WINDOW // 2]
    spectra = np.abs(np.fft.rfft(frames * np.hanning(_CHROMA_WINDOW).astype(np.float32)))
    return np.asarray(np.log1p(10 * spectra) @ _chroma_bank())


def _harmony(chroma: npt.NDArray[np.floating]) -> Doubles:
    """Fit of the best major and minor key, their difference, change of harmony, concentration: (5,)."""
    mean = chroma.mean(axis=0)
    major, minor = keys.agreements(mean).max(axis=1)
    shapes = chroma - chroma.mean(axis=1, keepdims=True)
    shapes /= np.linalg.norm(shapes, axis=1, keepdims=True) + 1e-6
    change = np.linalg.norm(np.diff(shapes, axis=0), axis=1).mean() if len(shapes) > 1 else 0.0
    strongest = np.sort(mean)[-3:].sum() / (mean.sum() + _SILENCE)
    return np.array([major, minor, major - minor, change, strongest])


def _modulation(mel: Floats) -> Doubles:
    """How strongly twelve bands of loudness swing at five rates from 0.5 to 16 Hz, log10: (60,)."""
    padded = np.pad(mel, ((0, max(0, _MODULATION_FRAMES - len(mel))), (0, 0)), mode="edge")
    bands = padded.reshape(len(padded), _MODULATION_BANDS, -1).mean(axis=2)
    pieces = np.lib.stride_tricks.sliding_window_view(bands, _MODULATION_FRAMES, axis=0)
    pieces = pieces[:: _MODULATION_FRAMES // 2]
    pieces = (pieces - pieces.mean(axis=2, keepdims=True)) * np.hanning(_MODULATION_FRAMES)
    power = (np.abs(np.fft.rfft(pieces)) ** 2).mean(axis=0)
    hz = np.fft.rfftfreq(_MODULATION_FRAMES, 1 / FRAMES_PER_S)
    rates = [power[:, (hz >= low) & (hz < high)].mean(axis=1) for low, high in pairwise(_MODULATION_HZ)]
    return np.log10(np.concatenate(rates) + 1e-6)
