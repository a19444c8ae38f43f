"""Sound as the power in a few bands, ten times a second: all that is kept of what a microphone hears."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

RATE_HZ = 16_000
FRAME_S = 0.1
FRAME = int(RATE_HZ * FRAME_S)
"""Samples from one frame to the next; each looks at two frames' worth, so that none falls between."""
EDGES_HZ = (100, 200, 400, 800, 1600, 3200, 6400)
"""Octaves: what a small loudspeaker plays and a cheap microphone hears."""
BANDS = len(EDGES_HZ) - 1


def _a_weight(hz: float) -> float:
    """How loud a frequency is to an ear, as a factor of power (IEC 61672-1, curve A)."""
    f2 = hz * hz
    top = 12194.0**2 * f2 * f2
    below = (f2 + 20.6**2) * math.sqrt((f2 + 107.7**2) * (f2 + 737.9**2)) * (f2 + 12194.0**2)
    return (1.2589 * top / below) ** 2


LOUDNESS: Floats = np.array([_a_weight(math.sqrt(low * high)) for low, high in pairwise(EDGES_HZ)])
"""What each band counts when they are added up; shape (BANDS,)."""


class BandPowers:
    """Turns samples, as they come, into frames of band powers."""

    def __init__(self) -> None:
        self._window = np.hanning(2 * FRAME)
        hz = np.fft.rfftfreq(2 * FRAME, 1 / RATE_HZ)
        self._starts = np.searchsorted(hz, EDGES_HZ)
        # A sine of amplitude 1 has a power of 1/2, whatever the window takes away.
        self._scale = 2 / (2 * FRAME * float(np.sum(self._window**2)))
        self._before = np.zeros(FRAME)

    def frame(self, samples: Floats) -> Floats:
        """The powers, shape (BANDS,), of the next FRAME samples (-1 to 1) and of those before them."""
        both = np.concatenate([self._before, samples])
        self._before = samples
        spectrum = np.abs(np.fft.rfft(both * self._window)) ** 2 * self._scale
        return np.add.reduceat(spectrum[: self._starts[-1]], self._starts[:-1])


def loudness_db(power: float) -> float:
    """A power, weighted and added up, in dB below a full microphone; -120 is silence."""
    return round(10 * math.log10(max(1e-12, power)), 1)
