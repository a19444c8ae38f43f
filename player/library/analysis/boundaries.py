"""Where the music of a track begins, ends and dies away, from its level over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BLOCK_S = 0.05
"""Spacing of the levels."""
QUIET_LU = 40.0
"""What lies this far below the track's loudness is silence to a listener in a room."""
FLOOR_DB = -80.0
"""Silence in any case."""
FADE_DB = 6.0
"""A fade has begun if the level stays this far below what it was."""
SHORTEST_FADE_S = 1.0
LONGEST_FADE_S = 30.0
_SMOOTH_S = 1.0
_BEFORE_S = 60.0  # what the level "was": the median of the last minute


@dataclass(frozen=True, slots=True)
class Boundaries:
    """In seconds from the start of the file."""

    music_start_s: float
    music_end_s: float
    fade_out_s: float
    """`music_end_s` if the music ends at full level."""


def find(powers: npt.NDArray[np.float64], loudness_lufs: float, duration_s: float) -> Boundaries:
    """Edges from the mean square of each BLOCK_S, (n,) float64, 0 dB being a square wave at full scale.

    A file that is silent throughout counts as music from end to end.
    """
    loud = np.flatnonzero(powers > silence_power(loudness_lufs))
    if not len(loud):
        return Boundaries(0.0, duration_s, duration_s)
    first, last = int(loud[0]), int(loud[-1]) + 1
    end_s = duration_s if last == len(powers) else min(duration_s, last * BLOCK_S)
    return Boundaries(first * BLOCK_S, end_s, min(end_s, _fade(powers[first:last], first, end_s)))


def is_silent(powers: npt.NDArray[np.float64], loudness_lufs: float) -> bool:
    """Whether a listener hears nothing from end to end; `powers` as in `find`."""
    return not (powers > silence_power(loudness_lufs)).any()


def silence_power(loudness_lufs: float) -> float:
    """Mean square up to which a track of this loudness is silent."""
    return float(10 ** (max(FLOOR_DB, loudness_lufs - QUIET_LU) / 10))


def _fade(powers: npt.NDArray[np.float64], first: int, end_s: float) -> float:
    """Where the level falls for good; `end_s` if it does not, or for too short a time."""
    width = round(_SMOOTH_S / BLOCK_S)
    if len(powers) < 4 * width:
        return end_s
    sums = np.concatenate([[0.0], np.cumsum(powers)])
    smooth = (sums[width:] - sums[:-width]) / width  # of the second that begins at each block
    before = np.median(smooth[-round(_BEFORE_S / BLOCK_S) :])
    full = np.flatnonzero(smooth > before * 10 ** (-FADE_DB / 10))
    fallen_s = (first + int(full[-1]) + width / 2) * BLOCK_S
    if end_s - fallen_s < SHORTEST_FADE_S:
        return end_s
    return max(fallen_s, end_s - LONGEST_FADE_S)
