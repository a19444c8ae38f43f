"""True peak: the highest point of the waveform between its samples, by fourfold interpolation.

ITU-R BS.1770-4, Annex 2. Interpolating everything would cost more than decoding; but no interpolated value
exceeds GAIN times the samples around it, so that only places which could beat the present peak are looked at.
The result is the same.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from player.library.analysis.mel_spectrogram import Floats

# Phases 0 and 1 of the filter in Annex 2; 3 and 2 are the same backwards.
_PHASES = np.array(
    [
        [
            0.0017089843750, 0.0109863281250, -0.0196533203125, 0.0332031250000, -0.0594482421875,
            0.1373291015625, 0.9721679687500, -0.1022949218750, 0.0476074218750, -0.0266113281250,
            0.0148925781250, -0.0083007812500,
        ],
        [
            -0.0291748046875, 0.0292968750000, -0.0517578125000, 0.0891113281250, -0.1665039062500,
            0.4650878906250, 0.7797851562500, -0.2003173828125, 0.1015625000000, -0.0582275390625,
            0.0330810546875, -0.0189208984375,
        ],
    ]
)  # fmt: skip
FILTER = np.concatenate([_PHASES, _PHASES[::-1, ::-1]])
"""(4 phases, 12 taps)."""
GAIN = float(np.abs(FILTER).sum(axis=1).max())
_TAPS = FILTER.shape[1]
_BLOCK = 16  # places that are interpolated or passed over together
_SPAN = _BLOCK + _TAPS - 1


def _banded() -> Floats:
    """The filter at every place of a block, (_SPAN, 4 * _BLOCK) float32: one matrix product per block."""
    matrix = np.zeros((_SPAN, _BLOCK, 4), dtype=np.float32)
    for place in range(_BLOCK):
        matrix[place : place + _TAPS, place] = FILTER[:, ::-1].T
    return matrix.reshape(_SPAN, -1)


_MATRIX = _banded()


def _pairwise_max(values: Floats) -> Floats:
    """Maximum of every _BLOCK (a power of two) of them: ten times as fast as max(axis=1) over short rows."""
    for _ in range(_BLOCK.bit_length() - 1):
        values = np.maximum(values[0::2], values[1::2])
    return values


class TruePeak:
    """Takes a track in chunks; `peak` is the highest true peak of any channel so far, linear."""

    def __init__(self, channels: int) -> None:
        self.peak = 0.0
        self._rest = np.zeros((channels, _TAPS - 1), dtype=np.float32)

    def take(self, chunk: Floats) -> None:
        """The next (channels, n) float32 samples."""
        joined = np.concatenate([self._rest, chunk], axis=1)
        blocks = (joined.shape[1] - _TAPS + 1) // _BLOCK
        self._rest = joined[:, blocks * _BLOCK :].copy()
        if blocks > 0:
            for channel in joined[:, : blocks * _BLOCK + _TAPS - 1]:
                self._look(channel, blocks)

    def finish(self) -> None:
        """Silence follows: look at what is left."""
        self.take(np.zeros((len(self._rest), _SPAN), dtype=np.float32))

    def _look(self, samples: Floats, blocks: int) -> None:
        heights = np.abs(samples)
        highest = np.append(_pairwise_max(heights[: blocks * _BLOCK]), heights[blocks * _BLOCK :].max())
        around = np.maximum(highest[:-1], highest[1:])
        self.peak = max(self.peak, float(around.max()))
        windows = np.lib.stride_tricks.sliding_window_view(samples, _SPAN)[::_BLOCK]
        # The highest block first: it leaves fewer of the others.
        self._interpolate(windows, np.array([around.argmax()]))
        self._interpolate(windows, np.flatnonzero(around * GAIN > self.peak))

    def _interpolate(self, windows: Floats, which: npt.NDArray[np.intp]) -> None:
        if len(which):
            between = windows[which] @ _MATRIX
            self.peak = max(self.peak, float(between.max()), -float(between.min()))
