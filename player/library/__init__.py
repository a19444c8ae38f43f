"""The owner's music: found, analysed once, ranked for a Target.

As a package, without a daemon: `from player.library import analyze`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from player.library.melspec import Floats
    from player.library.records import Analysis

__all__ = ["analyze"]


def analyze(audio: str | Path | Floats, rate_hz: int | None = None) -> Analysis:
    """Listen to one file or array: its mood, loudness, tempo, key, and where the music lies in it.

    `audio` is the path of a music file, or sound in memory: (n,) or (n, channels) float32, nominally in
    [-1, 1], 0.1 s or more, of `rate_hz` samples a second (4000 to 384000). The first call opens the models,
    which takes a second and stays; calls from several threads are fine. Units are in the names of Analysis.

    Raises AudioFileError where the sound cannot be read, ModelError where a model cannot be opened, and
    ValueError for an array without its rate, of another shape, or too short.
    """
    from player.library.one import analyze_one  # noqa: PLC0415 - importing the package must stay cheap

    return analyze_one(audio, rate_hz)
