"""The mel front end of musicnn in numpy: 16 kHz mono -> log mel spectrogram, 96 bands, 62.5 frames a second.

The same figures as librosa's `melspectrogram` (Slaney's mel scale and area normalisation, periodic Hann
window, power) followed by musicnn's log10(10000 x + 1), to rounding; scripts/export/musicnn.py checks it.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

RATE_HZ = 16000
WINDOW = 512
HOP = 256
BANDS = 96
BINS = WINDOW // 2 + 1
PATCH_FRAMES = 187
"""Frames in one of musicnn's 3 s inputs."""

Floats = npt.NDArray[np.float32]


def hz_to_mel(hz: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Slaney's mel scale (Auditory Toolbox, 1998): linear below 1 kHz, logarithmic above."""
    return np.where(hz < 1000, hz * 3 / 200, 15 + 27 * np.log(np.maximum(hz, 1) / 1000) / np.log(6.4))


def mel_to_hz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Inverse of `hz_to_mel`."""
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp(np.log(6.4) / 27 * (mel - 15)))


@lru_cache(maxsize=1)
def filter_bank() -> Floats:
    """Triangular filters of unit area, (257 bins, 96 bands) float32."""
    top = hz_to_mel(np.array([RATE_HZ / 2]))[0]
    boundaries = mel_to_hz(np.linspace(0, top, BANDS + 2))
    bins = np.arange(BINS) * RATE_HZ / WINDOW
    low, centre, high = boundaries[:-2], boundaries[1:-1], boundaries[2:]
    rising = (bins[:, None] - low) / (centre - low)
    falling = (high - bins[:, None]) / (high - centre)
    triangles = np.maximum(0, np.minimum(rising, falling))
    return np.asarray(triangles * 2 / (high - low), dtype=np.float32)


@lru_cache(maxsize=1)
def _window() -> Floats:
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW), dtype=np.float32)


def power_spectra(samples: Floats, padded: bool = True) -> Floats:
    """Short-time power spectra: (n,) float32 in [-1, 1] at 16 kHz -> (frames, 257) float32.

    Padded, there are 1 + n // 256 frames, frame i is centred on sample 256 i and zeros stand before the
    first and after the last sample; otherwise only the frames that lie inside: 1 + (n - 512) // 256.
    """
    if padded:
        samples = np.pad(samples, WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
    spectra = np.fft.rfft(frames * _window())
    return np.asarray(spectra.real**2 + spectra.imag**2, dtype=np.float32)


def log_mel(power: Floats) -> Floats:
    """Musicnn's input from power spectra: (frames, 257) -> (frames, 96) float32, 0 and above."""
    return np.asarray(np.log10(10000 * (power @ filter_bank()) + 1))
