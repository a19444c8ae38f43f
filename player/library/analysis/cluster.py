"""The analysis on many machines: one file a task, over a Dask cluster that somebody else has started.

The workers need this program and see the music under the same paths. They write nothing: whoever iterates
over `analyses` does, so each file is kept once, however often a worker that died made it be heard again.
"""

from __future__ import annotations

import os
import platform
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path

from distributed import Client, Future, KilledWorker, as_completed

from player.errors import AudioFileError, ClusterError, ModelError, NotNowError
from player.library.analysis.analysis_pool import Found
from player.library.analysis.analysis_process import AnalysisProcess, record
from player.library.models import ANALYSIS_VERSION
from player.library.transient_errors import misnamed
from player.log import EventLog, LogEvent
from player.types import Json

log = EventLog(__name__, LogEvent.LIBRARY)

CONNECT_S = 10
TASKS_PER_THREAD = 4
"""In work or under way, so that no worker waits; never a graph of the whole library."""

_mine = threading.local()


def listen(path: str) -> Json:
    """What a file sounds like: the fields of an Analysis without its moods, or `error`, and `about` whom.

    Runs on a worker, in a process beside it, so that a file that crashes or hangs costs its row alone.
    """
    if not Path(path).exists():
        return {"error": f"{path} is not there on {platform.node()}.", "about": "worker"}
    if (wrong := misnamed(Path(path))) is not None:
        return {"error": str(wrong), "about": "file", "passing": True}
    process: AnalysisProcess | None = getattr(_mine, "process", None)
    if process is None:
        process = _mine.process = AnalysisProcess()
    try:
        return asdict(process.analyze(Path(path)))
    except AudioFileError as error:
        return {"error": str(error), "about": "file", "passing": isinstance(error, NotNowError)}
    except ModelError as error:
        return {"error": str(error), "about": "worker"}


def look(path: str) -> tuple[int, bool]:
    """What kind of analysis a worker makes, and whether it sees a file."""
    return ANALYSIS_VERSION, os.path.exists(path)


def analyses(
    address: str, paths: Sequence[Path], task: Callable[[str], Json] = listen
) -> Iterator[tuple[Path, Found]]:
    """Every file with what was heard or why nothing was, in the order in which the workers finish.

    A worker that dies has its files heard elsewhere; one that brings down as many workers as the scheduler's
    `allowed-failures` lets it is given up. Raises ClusterError if the cluster cannot be reached, or its
    workers lack this program, its version, its models or the music.
    """
    if not paths:
        return
    with _connected(address) as client:
        _inspect(client, address, paths[0])
        waiting = iter(paths)
        asked: dict[str, Path] = {}

        def submit(count: int) -> list[Future]:
            futures = []
            for path in islice(waiting, count):
                # No key of dask's own making: the same name may hold another sound by the next time.
                future = client.submit(task, str(path), pure=False)
                asked[future.key] = path
                futures.append(future)
            return futures

        first = submit(TASKS_PER_THREAD * max(1, sum(client.nthreads().values())))
        arriving = as_completed(first, loop=client.loop)
        for future in arriving:
            path = asked.pop(future.key)
            found = _found(future, path, address)
            future.release()
            arriving.update(submit(1))
            yield path, found


def _connected(address: str) -> Client:
    try:
        return Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"No Dask scheduler answers at {address} ({error}): start one or correct the address."
        ) from error


def _inspect(client: Client, address: str, path: Path) -> None:
    """Raises ClusterError, saying what to do, if a worker cannot do its part."""
    workers = client.run(look, str(path), on_error="return")
    if not workers:
        raise ClusterError(f"The Dask scheduler at {address} has no worker: start some.")
    for worker, answer in workers.items():
        if "ModuleNotFoundError" in repr(answer):  # which dask wraps into one of its own
            raise ClusterError(f"The worker {worker} does not have this program: install it there.")
        if isinstance(answer, BaseException):
            raise ClusterError(f"The worker {worker} cannot be used ({answer}): look at its log.")
        version, sees = answer
        if version != ANALYSIS_VERSION:
            raise ClusterError(f"The worker {worker} has another version of this program: update it there.")
        if not sees:
            raise ClusterError(
                f"The worker {worker} does not see {path}: mount the music there under the same path."
            )


def _found(future: Future, path: Path, address: str) -> Found:
    error = future.exception() if future.status == "error" else None
    if isinstance(error, KilledWorker):
        return AudioFileError(f"{path} crashed one worker after another: replace or remove it.")
    if error is not None:
        raise ClusterError(f"The cluster at {address} could not hear {path} ({error}): look at its logs.")
    if future.status != "finished":
        raise ClusterError(f"The cluster at {address} was lost: what is analysed is kept; run it again.")
    answer: Json = future.result()
    if answer.get("about") == "worker" and path.exists():
        raise ClusterError(f"A worker of {address} cannot do its part: {answer['error']}")
    if "error" in answer:
        return NotNowError(answer["error"]) if answer.get("passing") else AudioFileError(answer["error"])
    return record(answer)
