"""Level over time and true peak of a track as it streams by, at its own rate and in all its channels."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from player.library.analysis.boundaries import BLOCK_S
from player.library.analysis.true_peak import TruePeak

SILENCE_DB = -120.0
_LOUDEST = 8.0  # 18 dB over full scale; floating-point files may hold anything
_AT_ONCE = 40  # blocks, 2 s: numpy's calls cost more than its sums for less


class LevelMeter:
    """Takes samples in chunks of any length; `finish` before its figures are read."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._block = max(1, round(rate_hz * BLOCK_S))
        self._channels = channels
        self._peak = TruePeak(channels)
        self._powers: list[npt.NDArray[np.float64]] = []
        self._waiting: list[npt.NDArray[np.float64]] = []
        self._count = 0
        self.finite = True
        """Whether every sample was a number."""

    def take(self, packed: npt.NDArray[np.float64]) -> None:
        """The next samples, (n * channels,) float64, interleaved."""
        self._waiting.append(packed)
        self._count += len(packed) // self._channels
        if self._count >= _AT_ONCE * self._block:
            self._measure(self._count // self._block * self._block)

    def finish(self) -> None:
        """There is no more."""
        if self._count:
            self._measure(self._count)
        self._peak.finish()

    @property
    def powers(self) -> npt.NDArray[np.float64]:
        """Mean square over the channels of each BLOCK_S, (n,) float64."""
        return np.concatenate(self._powers) if self._powers else np.zeros(0)

    @property
    def true_peak_dbtp(self) -> float:
        """Highest true peak of any channel; SILENCE_DB for silence."""
        return max(SILENCE_DB, 20 * math.log10(self._peak.peak)) if self._peak.peak > 0 else SILENCE_DB

    def _measure(self, frames: int) -> None:
        packed = np.concatenate(self._waiting)
        cut = frames * self._channels
        self._waiting, self._count = [packed[cut:]], self._count - frames
        # A sum is a number only if all of them are; doubles hold any sum of single-precision numbers.
        with np.errstate(invalid="ignore"):  # inf - inf
            self.finite = self.finite and math.isfinite(packed[:cut].sum())
        if not self.finite:
            return
        samples = packed[:cut].reshape(frames, self._channels).T.astype(np.float32, order="C")
        self._peak.take(samples)
        if self._peak.peak > _LOUDEST:
            samples = np.clip(samples, -_LOUDEST, _LOUDEST)
        whole = frames // self._block * self._block
        blocks = samples[:, :whole].reshape(self._channels, -1, self._block)
        self._powers.append(np.einsum("cbn,cbn->b", blocks, blocks) / (self._channels * self._block))
        if whole < frames:  # the last, shorter one
            self._powers.append(np.array([np.mean(samples[:, whole:] ** 2)], dtype=np.float64))
