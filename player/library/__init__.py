"""The owner's music: found, analysed once, ranked for a Target.

As a package, without a daemon: `from player.library import analyze, analyze_files`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from player.errors import AudioFileError
    from player.library.analysis.mel_spectrogram import Floats
    from player.library.models import Analysis

__all__ = ["analyze", "analyze_files"]


def analyze(audio: str | Path | Floats, rate_hz: float | None = None) -> Analysis:
    """Listen to one file or array: its mood, loudness, tempo, key, and where the music lies in it.

    `audio` is the path of a music file, or sound in memory: (n,) or (n, channels) float32, nominally in
    [-1, 1], 0.1 s or more, of `rate_hz` samples a second (a whole number from 4000 to 384000). The first call
    opens the models, which takes a second and stays; calls from several threads are fine. Units are in the
    names of Analysis.

    Raises AudioFileError if the sound cannot be read, ModelError if a model cannot be opened, and
    ValueError for an array without its rate, of integers, of another shape, or too short.
    """
    from player.library.api import analyze_one  # noqa: PLC0415 - importing the package must stay cheap

    return analyze_one(audio, rate_hz)


def analyze_files(
    files: Iterable[str | Path], workers: int = 1
) -> Iterator[tuple[Path, Analysis | AudioFileError]]:
    """Listen to many files, `workers` at a time (1 or more), each in a process that may crash or hang alone.

    Gives (file, Analysis) in the order of `files`, or (file, AudioFileError) for a file that cannot be read.
    Leaving the loop early ends the processes. Raises ModelError if no process can start, ValueError for
    `workers` below 1.
    """
    from player.library.api import analyze_many  # noqa: PLC0415

    return analyze_many(files, workers)
