"""Music made for tests: two kinds that no ear and no analysis would confuse, and what tells them apart.

Both are steady, so that every change of level in a recording is the player's doing.
"""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt

RATE = 48000
BEAT_S = 60 / 170
BAR_S = 4 * BEAT_S
HIGH_HZ = 5000.0
"""Only `lively` music has sound above this."""

Samples = npt.NDArray[np.float64]


def calm(path: Path, seconds: float, root_hz: float = 220.0) -> Path:
    """A soft chord of sines that breathes slowly."""
    t = np.arange(round(seconds * RATE)) / RATE
    notes = [root_hz * ratio for ratio in (1, 1.25, 1.5, 2, 2.5, 3)]
    sound = sum(
        np.sin(2 * np.pi * hz * t + n) * (1 + 0.05 * np.sin(2 * np.pi * (0.1 + 0.03 * n) * t)) / (n + 1)
        for n, hz in enumerate(notes)
    )
    return _write(path, np.asarray(sound), 0.12)


def lively(path: Path, seconds: float, root_hz: float = 110.0) -> Path:
    """Fast rock: distorted fifths on the eighths, loud drums, cymbals."""
    random = np.random.default_rng(round(root_hz))
    half = np.arange(round(BEAT_S / 2 * RATE)) / RATE
    guitar = []
    for chord in (0, 0, 3, 5, 0, 0, 7, 5):
        strings = [root_hz * 2 ** ((chord + up) / 12) * (1 + 0.002 * up) for up in (0, 7, 12, 19)]
        saws = sum(np.sin(2 * np.pi * hz * n * half) / n for hz in strings for n in range(1, 25))
        guitar.append(np.tanh(3 * np.asarray(saws)) * np.exp(-half * 1.5))
    kick = np.sin(2 * np.pi * (50 * half + 6 * (1 - np.exp(-half * 30)))) * np.exp(-half * 9)
    snare = random.standard_normal(half.size) * np.exp(-half * 12)
    snare += 0.5 * np.sin(2 * np.pi * 190 * half) * np.exp(-half * 18)
    cymbal = np.diff(random.standard_normal(half.size + 1)) * np.exp(-half * 6)
    drums = np.concatenate([kick, kick * 0.3, snare, kick, kick, kick * 0.5, snare, snare * 0.3])
    bar = np.concatenate(guitar) + 4 * drums + 0.6 * np.tile(cymbal, 8)
    return _write(path, np.resize(bar, round(seconds * RATE)), 0.15)


def k_weighted_db(samples: npt.NDArray[np.floating], window_s: float) -> Samples:
    """Level of each window as ITU-R BS.1770 weighs it: (n // window,) dB, its -0.691 offset included."""
    size = round(window_s * RATE)
    windows = np.asarray(samples[: samples.size // size * size], np.float64).reshape(-1, size)
    power = np.abs(np.fft.rfft(windows)) ** 2 * _k_weighting(np.fft.rfftfreq(size, 1 / RATE)) ** 2
    return 10 * np.log10(np.maximum(2 * power.sum(axis=1) / size**2, 1e-12)) - 0.691


def _k_weighting(frequencies: Samples) -> Samples:
    """Magnitude of BS.1770-4's two filters, tables 1 and 2, at 48 kHz."""
    z = np.exp(-2j * np.pi * frequencies / RATE)
    shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
        1 - 1.69065929318241 * z + 0.73248077421585 * z**2
    )
    high_pass = (1 - 2 * z + z**2) / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
    return np.asarray(np.abs(shelf * high_pass))


def _write(path: Path, sound: Samples, rms: float) -> Path:
    scaled = sound * (rms / np.sqrt(np.mean(sound**2)))
    data = (np.clip(scaled, -1, 1) * 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(data.tobytes())
    return path
