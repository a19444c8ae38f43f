"""`python -m player.library.analysis.child [--background]`: listens to files, in a process of its own.

One line of JSON in, `{"path": ...}`, one line out: the fields of an Analysis without its moods, or
`{"error": ..., "passing": ...}`: it passes if it is not the file's own fault. The first line out is
`{"ready": true}`, or `{"fatal": ...}` where the models cannot be opened. It ends as soon as its standard
input does: with its parent, however that ends, even in mid-file.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from player.errors import AudioFileError, ModelError, NotNowError
from player.types import Json, MoodPoint

if TYPE_CHECKING:
    from player.library.analysis.feature_extractor import Analysis, Analyzer

BACKGROUND = "--background"
NICENESS = 15
"""The music that plays and the models that watch the room come first."""
_OOM_SCORE = 500
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main() -> None:
    """Serve until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # it ends at once, whatever thread the signal meets
    # Before numpy and its like start threads: each has a priority of its own, taken from who starts it.
    _step_back(BACKGROUND in sys.argv[1:])
    from player.library.analysis.feature_extractor import Analyzer  # noqa: PLC0415

    paths: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(paths,), daemon=True).start()
    try:
        analyzer = Analyzer(_no_moods)
    except ModelError as error:
        _say({"fatal": str(error)})
        return
    _say({"ready": True})
    while True:
        path = Path(paths.get())
        try:
            analysis = asdict(_listen(analyzer, path))
        except AudioFileError as error:
            _say({"error": str(error), "passing": isinstance(error, NotNowError)})
        else:
            _say(analysis)


def _listen(analyzer: Analyzer, path: Path) -> Analysis:
    """Twice where it fails: a disk may have recovered meanwhile. Raises AudioFileError."""
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


def _step_back(background: bool) -> None:
    """Low priority; in the background only the time that nobody else wants, of processor and disk."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    if sys.platform != "linux":
        return
    # A stopped process does not notice the end of its standard input: the kernel ends it with its parent.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if background:
        with contextlib.suppress(OSError):  # a sandbox may forbid it
            # Linux derives the idle class of disk access from this one (block/ioprio.c).
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    with contextlib.suppress(OSError):
        # If memory runs out, this process goes, and not the music.
        Path("/proc/self/oom_score_adj").write_text(str(_OOM_SCORE), encoding="ascii")


def _read(paths: queue.SimpleQueue[str]) -> None:
    for line in sys.stdin.buffer:
        paths.put(json.loads(line)["path"])
    # A decoder that hangs in this process cannot be asked to stop: leave at once.
    os._exit(0)


def _say(record: Json) -> None:
    sys.stdout.write(json.dumps(record) + "\n")
    sys.stdout.flush()


def _no_moods(_point: MoodPoint) -> Mapping[str, float]:
    return {}  # the parent knows the names of moods


if __name__ == "__main__":
    main()
