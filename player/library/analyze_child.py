"""`python -m player.library.analyze_child`: listens to files for AnalysisWorker, in a process of its own.

One line of JSON in, `{"path": ...}`, one line out: the fields of an Analysis without its moods, or
`{"error": ...}`. The first line out is `{"ready": true}`, or `{"fatal": ...}` where the models cannot be
opened. It ends as soon as its standard input does: with its parent, however that ends, even in mid-file.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from player.errors import AudioFileError, ModelError
from player.library.analysis import Analyzer
from player.types import Json, MoodPoint

NICENESS = 15
"""The music that plays and the models that watch the room come first."""


def main() -> None:
    """Serve until standard input ends."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
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
            analysis = asdict(analyzer.analyze(path))
        except AudioFileError as error:
            _say({"error": str(error)})
        else:
            _say(analysis)


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
