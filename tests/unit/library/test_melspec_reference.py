"""The mel front end against the textbook: float64, one loop per step, no code of the player's."""

import cmath
import math

import numpy as np

from player.library.analysis import mel_spectrogram

RATE_HZ, WINDOW, HOP, BANDS = 16000, 512, 256, 96


def mel(hz: float) -> float:
    return hz / (200 / 3) if hz < 1000 else 15 + math.log(hz / 1000) / (math.log(6.4) / 27)


def hertz(m: float) -> float:
    return m * 200 / 3 if m < 15 else 1000 * math.exp((m - 15) * math.log(6.4) / 27)


def triangle(hz: float, low: float, centre: float, high: float) -> float:
    """Of unit area, its base from low to high."""
    side = (hz - low) / (centre - low) if hz <= centre else (high - hz) / (high - centre)
    return max(0.0, side) * 2 / (high - low)


def frame_of(samples: list[float]) -> list[float]:
    """log10(10000 x + 1) of the 96 bands of one frame of 512 samples."""
    hann = [0.5 * (1 - math.cos(2 * math.pi * i / WINDOW)) for i in range(WINDOW)]
    turn = [cmath.exp(-2j * math.pi * i / WINDOW) for i in range(WINDOW)]
    weighed = [s * w for s, w in zip(samples, hann, strict=True)]
    power = [
        abs(sum(weighed[n] * turn[k * n % WINDOW] for n in range(WINDOW))) ** 2
        for k in range(WINDOW // 2 + 1)
    ]
    boundaries = [hertz(mel(RATE_HZ / 2) * i / (BANDS + 1)) for i in range(BANDS + 2)]
    energies = [
        sum(p * triangle(k * RATE_HZ / WINDOW, *boundaries[band : band + 3]) for k, p in enumerate(power))
        for band in range(BANDS)
    ]
    return [math.log10(10000 * energy + 1) for energy in energies]


def test_frames_equal_the_textbooks() -> None:
    random = np.random.default_rng(5)
    t = np.arange(4 * HOP + WINDOW) / RATE_HZ
    sound = 0.4 * np.sin(2 * np.pi * 440 * t) + 0.1 * np.sin(2 * np.pi * 5000 * t)
    sound = (sound + 0.01 * random.standard_normal(len(t))).astype(np.float32)

    found = mel_spectrogram.log_mel(mel_spectrogram.power_spectra(sound, padded=False))

    assert found.shape == (5, BANDS)
    for i in (0, 3):
        expected = frame_of([float(x) for x in sound[i * HOP : i * HOP + WINDOW]])
        np.testing.assert_allclose(found[i], expected, atol=2e-4)


def test_padding_centres_the_frames() -> None:
    """Frame i of the padded spectrogram is frame i - 1 of the other, half a window later."""
    sound = np.random.default_rng(6).standard_normal(4096).astype(np.float32)

    np.testing.assert_allclose(
        mel_spectrogram.power_spectra(sound)[1:-1],
        mel_spectrogram.power_spectra(sound, padded=False),
        rtol=1e-5,
    )
