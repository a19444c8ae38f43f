"""What stands behind `player.library.analyze`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from time import perf_counter

from player.feelings import feelings_at
from player.library.analysis import Analyzer
from player.library.decode import from_array
from player.library.melspec import Floats
from player.library.records import Analysis


def analyze_one(audio: str | Path | Floats, rate_hz: int | None) -> Analysis:
    """See `player.library.analyze`."""
    if isinstance(audio, str | Path):
        return _analyzer().analyze(Path(audio))
    if rate_hz is None:
        raise ValueError("an array has no rate of its own: give rate_hz.")
    started = perf_counter()
    return _analyzer().judge(from_array(audio, rate_hz), started)


@cache
def _analyzer() -> Analyzer:
    return Analyzer(feelings_at, threads=2)
