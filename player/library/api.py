"""What stands behind `player.library.analyze` and `analyze_files`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from time import perf_counter

from player.emotions import feelings_at
from player.errors import AudioFileError, NotNowError
from player.library.analysis.analysis_pool import AnalysisPool, Found
from player.library.analysis.decoding import from_array
from player.library.analysis.feature_extractor import Analyzer
from player.library.analysis.mel_spectrogram import Floats
from player.library.models import Analysis
from player.library.transient_errors import misnamed, not_now


def analyze_one(audio: str | Path | Floats, rate_hz: float | None) -> Analysis:
    """See `player.library.analyze`."""
    try:
        return _of_file(Path(audio)) if isinstance(audio, str | Path) else _of_array(audio, rate_hz)
    except NotNowError as error:
        raise error.for_once() from error


def _of_file(path: Path) -> Analysis:
    if (wrong := misnamed(path)) is not None:
        raise wrong
    analyzer = _analyzer()
    try:
        return analyzer.analyze(path)
    except (AudioFileError, OSError) as error:
        if (passing := not_now(path, error, whole=True)) is not None:
            raise passing from error
        raise


def _of_array(samples: Floats, rate_hz: float | None) -> Analysis:
    if rate_hz is None:
        raise ValueError("an array has no rate of its own: give rate_hz.")
    started = perf_counter()
    return _analyzer().judge(from_array(samples, rate_hz), started)


@cache
def _analyzer() -> Analyzer:
    return Analyzer(feelings_at, threads=2)


def analyze_many(files: Iterable[str | Path], workers: int) -> Iterator[tuple[Path, Found]]:
    """See `player.library.analyze_files`."""
    if workers < 1:
        raise ValueError(f"workers is 1 or more, not {workers}.")
    return _analyze_many(files, workers)


def _analyze_many(files: Iterable[str | Path], workers: int) -> Iterator[tuple[Path, Found]]:
    with AnalysisPool(workers) as pool:
        yield from pool.map(map(Path, files), _with_moods)


def _with_moods(path: Path, found: Found) -> tuple[Path, Found]:
    """The processes know points only: their parent knows the names of moods."""
    if isinstance(found, NotNowError):
        return path, found.for_once()
    if isinstance(found, AudioFileError):
        return path, found
    return path, replace(found, moods=feelings_at(found.point))
