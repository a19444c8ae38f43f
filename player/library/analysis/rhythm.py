"""Onsets and tempo from a log mel spectrogram."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from player.library.analysis.mel_spectrogram import HOP, RATE_HZ, Floats

FRAMES_PER_S = RATE_HZ / HOP
SLOWEST_BPM, FASTEST_BPM = 40.0, 220.0
_PREFERRED_BPM = 120.0  # where listeners tap (Moelants 2002); decides between octaves of one pulse
_PREFERENCE_OCTAVES = 0.9
_LOCAL_S = 0.5


def onset_strength(mel: Floats) -> npt.NDArray[np.float64]:
    """Spectral flux: mean rise over the bands, (frames, 96) -> (frames,) float64, 0 and above.

    The local mean over half a second is taken away, so that loud passages do not outweigh quiet ones.
    """
    rise = np.maximum(0, np.diff(mel, axis=0, prepend=mel[:1])).mean(axis=1, dtype=np.float64)
    width = int(_LOCAL_S * FRAMES_PER_S) | 1
    local = np.convolve(np.pad(rise, width // 2, mode="edge"), np.full(width, 1 / width), mode="valid")
    return np.asarray(np.maximum(0, rise - local))


def tempo(onsets: npt.NDArray[np.float64]) -> tuple[float | None, float]:
    """Tempo in bpm from SLOWEST_BPM to FASTEST_BPM, and how clear the pulse is, 0 to 1.

    The lag at which the onsets agree best with themselves, summed over four multiples and weighted by a
    log-normal preference around 120 bpm. It may be an octave off, as a listener's foot may; None if the
    signal is shorter than four beats of the slowest tempo or has no pulse.
    """
    longest = int(60 / SLOWEST_BPM * FRAMES_PER_S) + 1
    if len(onsets) < 4 * longest or not onsets.any():
        return None, 0.0
    centred = onsets - onsets.mean()
    size = 1 << (2 * len(centred) - 1).bit_length()
    spectrum = np.fft.rfft(centred, size)
    agreement = np.fft.irfft(spectrum.real**2 + spectrum.imag**2)[: 4 * longest + 4]
    agreement /= agreement[0]
    # A fine grid of lags: frames are 16 ms apart, too coarse for multiples of a fast beat.
    bpm = np.exp(np.linspace(np.log(SLOWEST_BPM), np.log(FASTEST_BPM), 800))
    lags = 60 / bpm * FRAMES_PER_S
    grid = np.arange(len(agreement))
    comb = np.mean([np.interp(lags * k, grid, agreement) for k in (1, 2, 3, 4)], axis=0)
    preference = np.exp(-0.5 * (np.log2(bpm / _PREFERRED_BPM) / _PREFERENCE_OCTAVES) ** 2)
    best = int(np.argmax(np.maximum(comb, 0) * preference))
    clarity = float(np.clip(comb[best], 0, 1))
    return (float(bpm[best]), clarity) if clarity > 0 else (None, 0.0)
