"""Where the music of a track falls silent or takes a breath, from its level over time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from player.library.analysis.boundaries import BLOCK_S, silence_power

SHORTEST_SILENCE_S = 2.0
APART_S = 4.0
"""Between two rests."""
DIP_DB = 6.0
"""At a rest the level lies so far below the mean of the APART_S before, and that of the APART_S after."""
_SMOOTH = 3  # blocks: what is shorter is the gap between two strokes of a drum roll
_AROUND = round(APART_S / BLOCK_S)
_BOTTOM_DB = 1.0  # a rest is the middle of what lies so close to its lowest level


@dataclass(frozen=True, slots=True)
class Silences:
    """In seconds from the start of the file, in order."""

    silences: tuple[tuple[float, float], ...] = ()
    """(from, to) of each silence of SHORTEST_SILENCE_S or more between the first and the last sound."""
    rests: tuple[float, ...] = ()
    """Where a cut is least noticed: the middle of each silence, and of dips that stand out of the music.

    A dip counts APART_S or more from every other and from silences. Music that is steady has none.
    """


def find(powers: npt.NDArray[np.float64], loudness_lufs: float) -> Silences:
    """Pauses from the mean square of each BLOCK_S, (n,) float64, as in `edges.find`.

    Silence before and after the music is none of it; a file that is silent throughout has no pauses.
    """
    floor = silence_power(loudness_lufs)
    loud = np.flatnonzero(powers > floor)
    if not len(loud):
        return Silences()
    steps = np.diff(loud)
    gaps = [
        (int(start) + 1, int(start + step))
        for start, step in zip(loud[:-1], steps, strict=True)
        if step - 1 >= SHORTEST_SILENCE_S / BLOCK_S
    ]
    found = [(start + end) // 2 for start, end in gaps]
    levels = _levels(powers, floor)
    found += _dips(levels, _usual(powers, floor) - levels, (int(loud[0]), int(loud[-1])), gaps)
    silences = tuple((_seconds(start), _seconds(end)) for start, end in gaps)
    return Silences(silences, tuple(_seconds(block) for block in sorted(found)))


def _levels(powers: npt.NDArray[np.float64], floor: float) -> npt.NDArray[np.float64]:
    """(n,) dB, smoothed; what is silent is all alike."""
    smooth = np.convolve(powers, np.full(_SMOOTH, 1 / _SMOOTH))[_SMOOTH // 2 :][: len(powers)]
    return 10 * np.log10(np.maximum(smooth, floor))


def _dips(
    levels: npt.NDArray[np.float64],
    depth: npt.NDArray[np.float64],
    music: tuple[int, int],
    gaps: list[tuple[int, int]],
) -> Iterator[int]:
    """Blocks in the middle of dips, the deepest first, APART_S from `gaps` and each other."""
    free = np.zeros(len(levels), bool)
    free[music[0] + 1 : music[1]] = True
    for start, end in gaps:
        free[max(0, start - _AROUND) : end + _AROUND] = False
    lowest = np.zeros(len(levels), bool)
    lowest[1:-1] = (levels[1:-1] <= levels[:-2]) & (levels[1:-1] <= levels[2:])
    candidates = np.flatnonzero(free & lowest & (depth >= DIP_DB))
    for block in candidates[np.argsort(-depth[candidates], kind="stable")]:
        if free[block] and free[middle := _middle(levels, int(block))]:
            free[max(0, middle - _AROUND + 1) : middle + _AROUND] = False
            yield middle


def _usual(powers: npt.NDArray[np.float64], floor: float) -> npt.NDArray[np.float64]:
    """(n,) dB: the mean of what comes before each block or of what comes after it, whichever is lower.

    Before and after the file is silence, so that no end is a dip.
    """
    padded = np.pad(powers, (_AROUND, _AROUND))
    sums = np.concatenate([[0.0], np.cumsum(padded)])
    means = (sums[_AROUND:] - sums[:-_AROUND]) / _AROUND  # of what begins at each block
    lower = np.minimum(means[: len(powers)], means[_AROUND + 1 :])
    return np.asarray(10 * np.log10(np.maximum(lower, floor)))


def _middle(levels: npt.NDArray[np.float64], block: int) -> int:
    """Of the stretch around a block that is as quiet as it is."""
    start, end = block, block + 1
    while start > 0 and levels[start - 1] <= levels[block] + _BOTTOM_DB:
        start -= 1
    while end < len(levels) and levels[end] <= levels[block] + _BOTTOM_DB:
        end += 1
    return (start + end) // 2


def _seconds(block: int) -> float:
    return round(block * BLOCK_S, 2)
