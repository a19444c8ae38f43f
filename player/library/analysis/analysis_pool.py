"""Several analysing processes at once, for somebody who waits for the results."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from player.errors import AudioFileError
from player.library.analysis.analysis_process import CHILD, TIME_LIMIT_S, AnalysisProcess
from player.library.models import Analysis
from player.library.transient_errors import misnamed

Found = Analysis | AudioFileError
"""What listening to a file gave: an analysis without its moods, or why there is none."""
T = TypeVar("T")

WINDOW = 64
"""Files in work or waiting for an earlier one: a slow file does not stop the processes beside its own."""


class AnalysisPool:
    """As many processes as `workers`; a context manager that leaves none behind."""

    def __init__(
        self, workers: int, command: Sequence[str] = CHILD, time_limit_s: float = TIME_LIMIT_S
    ) -> None:
        self._command, self._time_limit_s = command, time_limit_s
        self._mine = threading.local()
        self._lock = threading.Lock()
        self._processes: list[AnalysisProcess] = []
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="analysis")

    def __enter__(self) -> AnalysisPool:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            for process in self._processes:
                process.kill()
        self._pool.shutdown(cancel_futures=True)
        for process in self._processes:
            process.__exit__()

    def map(self, paths: Iterable[Path], then: Callable[[Path, Found], T]) -> Iterator[T]:
        """What `then` makes of each file, in the order of `paths`.

        `then` is called as soon as its file is done, on one of several threads. Raises ModelError if no
        process can start.
        """
        waiting: deque[Future[T]] = deque()
        for path in paths:
            waiting.append(self._pool.submit(self._work, path, then))
            if len(waiting) >= WINDOW:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def _work(self, path: Path, then: Callable[[Path, Found], T]) -> T:
        found: Found
        try:
            found = misnamed(path) or self._process().analyze(path)
        except AudioFileError as error:
            found = error
        return then(path, found)

    def _process(self) -> AnalysisProcess:
        """The process of this thread."""
        process: AnalysisProcess | None = getattr(self._mine, "process", None)
        if process is None:
            process = self._mine.process = AnalysisProcess(self._command, self._time_limit_s)
            with self._lock:
                self._processes.append(process)
        return process
