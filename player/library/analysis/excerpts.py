"""What is kept of a track while it streams by: passages spread over it, and the minute in its middle.

Memory is bounded whatever the length: the first minute, the middle one and at most MOST_KEPT passages,
some 16 MB. A clip of up to WHOLE_S is kept whole.
"""

from __future__ import annotations

import numpy as np

from player.library.analysis.mel_spectrogram import HOP, PATCH_FRAMES, RATE_HZ, WINDOW, Floats

PASSAGES = 10
WHOLE_S = 60
MOST_KEPT = 40
PASSAGE_SAMPLES = (PATCH_FRAMES - 1) * HOP + WINDOW
"""3 s: what the tagger reads at once."""
_WHOLE = WHOLE_S * RATE_HZ


class Excerpts:
    """Takes 16 kHz mono in chunks and keeps a little of it."""

    def __init__(self, announced_s: float = 0.0) -> None:
        """`announced_s`: the length that the file states, 0 if it states none: it places the middle."""
        self._taken = 0
        self._first = np.empty(_WHOLE, dtype=np.float32)
        self._middle_from = max(0, (int(announced_s * RATE_HZ) - _WHOLE) // 2)
        self._middle = np.empty(_WHOLE if self._middle_from else 0, dtype=np.float32)
        self._kept: dict[int, Floats] = {}
        self._stride = PASSAGE_SAMPLES
        self._open_from = 0
        self._open = np.empty(PASSAGE_SAMPLES, dtype=np.float32)

    @classmethod
    def of(cls, samples: Floats) -> Excerpts:
        """Of (n,) float32, 16 kHz mono, that are in memory anyway."""
        excerpts = cls(len(samples) / RATE_HZ)
        excerpts.take(samples)
        return excerpts

    def take(self, chunk: Floats) -> None:
        """The next (n,) float32 samples; they are copied."""
        at, self._taken = self._taken, self._taken + len(chunk)
        _copy(chunk, at, self._first, 0)
        _copy(chunk, at, self._middle, self._middle_from)
        _copy(chunk, at, self._open, self._open_from)
        while self._taken >= self._open_from + PASSAGE_SAMPLES:
            self._keep()
            _copy(chunk, at, self._open, self._open_from)

    def passages(self) -> list[Floats]:
        """Up to PASSAGES of (PASSAGE_SAMPLES,), evenly spread; a clip too short for one is repeated."""
        if self._taken <= _WHOLE:
            return _spread(self._first[: self._taken])
        kept = np.array(sorted(self._kept))
        wanted = np.linspace(0, self._taken - PASSAGE_SAMPLES, PASSAGES)
        nearest = np.abs(kept[None] - wanted[:, None]).argmin(axis=1)
        return [self._kept[start] for start in kept[nearest]]

    def middle(self) -> Floats:
        """Up to WHOLE_S from the middle; the first minute if the file lied about its length."""
        whole = 0 < self._middle_from <= self._taken - _WHOLE
        return self._middle if whole else self._first[: self._taken]

    def _keep(self) -> None:
        """Passages lie on a grid; when there are too many every other one goes and the grid doubles."""
        self._kept[self._open_from] = self._open.copy()
        if len(self._kept) == MOST_KEPT:
            self._stride *= 2
            self._kept = {start: kept for start, kept in self._kept.items() if start % self._stride == 0}
        self._open_from = (self._open_from // self._stride + 1) * self._stride


def _copy(chunk: Floats, at: int, target: Floats, start: int) -> None:
    """Put what a chunk, which begins at sample `at`, has of target's samples, which begin at `start`."""
    low, high = max(at, start), min(at + len(chunk), start + len(target))
    if low < high:
        target[low - start : high - start] = chunk[low - at : high - at]


def _spread(samples: Floats) -> list[Floats]:
    if len(samples) < PASSAGE_SAMPLES:
        samples = np.resize(samples, PASSAGE_SAMPLES)
    count = min(PASSAGES, len(samples) // (PATCH_FRAMES * HOP))
    starts = np.linspace(0, len(samples) - PASSAGE_SAMPLES, max(1, count)).astype(int)
    return [samples[start : start + PASSAGE_SAMPLES] for start in starts]
