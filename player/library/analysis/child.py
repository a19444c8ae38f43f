"""`python -m player.library.analysis.child [--background]`: listens to files, in a process of its own.

One line of JSON in, `{"path": ...}`, one line out: the fields of an Analysis without its moods, or
`{"error": ..., "passing": ...}`: it passes if it is not the file's own fault. The first line out is
`{"ready": true}`, or `{"fatal": ...}` if the models cannot be opened. It ends as soon as its standard
input does: with its parent, however that ends, even in mid-file.
"""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from player.errors import AudioFileError, ModelError, NotNowError
from player.system import child_side
from player.types import Json, MoodPoint

if TYPE_CHECKING:
    from player.library.analysis.feature_extractor import Analysis, Analyzer

BACKGROUND = "--background"


def main() -> None:
    """Serve until standard input ends."""
    # Before numpy and its like start threads: each has a priority of its own, taken from who starts it.
    child_side.step_back(BACKGROUND in sys.argv[1:])
    files = child_side.read_commands(on_interrupt=signal.SIG_DFL)
    from player.library.analysis.feature_extractor import Analyzer  # noqa: PLC0415

    try:
        analyzer = Analyzer(_no_moods)
    except ModelError as error:
        _say({"fatal": str(error)})
        return
    _say({"ready": True})
    while True:
        path = Path(files.get()["path"])
        try:
            analysis = asdict(_listen(analyzer, path))
        except AudioFileError as error:
            _say({"error": str(error), "passing": isinstance(error, NotNowError)})
        else:
            _say(analysis)


def _listen(analyzer: Analyzer, path: Path) -> Analysis:
    """Twice if it fails: a disk may have recovered meanwhile. Raises AudioFileError."""
    from player.library.transient_errors import not_now  # noqa: PLC0415

    for last in (False, True):
        try:
            return analyzer.analyze(path)
        except (AudioFileError, OSError, MemoryError) as error:
            if (passing := not_now(path, error, whole=True)) is not None:
                raise passing from error
            if last and isinstance(error, AudioFileError):
                raise
            if last:
                raise AudioFileError(f"{path} cannot be decoded ({error}): replace or remove it.") from error
    raise AssertionError("the last try returns or raises")


def _say(record: Json) -> None:
    sys.stdout.write(json.dumps(record) + "\n")
    sys.stdout.flush()


def _no_moods(_point: MoodPoint) -> Mapping[str, float]:
    return {}  # the parent knows the names of moods


if __name__ == "__main__":
    main()
