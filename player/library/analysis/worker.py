"""Analysis in the background: one file after another, in child processes of low priority."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from random import Random
from time import monotonic

from player.config.settings.library import LibrarySettings
from player.errors import AudioFileError, LibraryError, ModelError, NotNowError, RowError
from player.library.analysis.analysis_process import CHILD, TIME_LIMIT_S, AnalysisProcess, StoppedError
from player.library.database.store import Library
from player.library.scan.retries import Retries
from player.log import EventLog, LogEvent
from player.status import AnalysisStatus
from player.types import MoodPoint

log = EventLog(__name__, LogEvent.LIBRARY)

BACKGROUND = (*CHILD, "--background")
LOOK_S = 5.0
"""Between two looks for files to analyse, if there were none."""
AT_ONCE = 100
"""Files that an earlier version analysed, between two looks for new ones, which come first."""
RETRY_S = 300.0
"""After the models or the database could not be used."""

Feelings = Callable[[MoodPoint], Mapping[str, float]]
"""A point on the circumplex -> probability of each of the 13 feelings."""


def _never() -> str:
    return ""


class AnalysisWorker:
    """Analyses what the library has pending, with `settings.workers` processes while there is work."""

    def __init__(
        self,
        library: Library,
        settings: LibrarySettings,
        feelings: Feelings,
        on_done: Callable[[Path], None] | None = None,
        *,
        hold: Callable[[], str] = _never,
        child: Sequence[str] = BACKGROUND,
        time_limit_s: float = TIME_LIMIT_S,
        look_s: float = LOOK_S,
    ) -> None:
        """`on_done` is called on a worker thread after each file, readable or not; `hold`, often and on any
        thread, says why the analysis has to wait at this moment, or nothing if it need not.
        """
        self._library, self._feelings, self._on_done = library, feelings, on_done
        self._command, self._time_limit_s, self._look_s = child, time_limit_s, look_s
        self._hold = hold
        self._lock, self._refilling = threading.Lock(), threading.Lock()
        self._stop = threading.Event()
        self._queue: list[Path] = []
        self._retries = Retries()
        self._current: dict[Path, AnalysisProcess] = {}
        self._done = self._failed = 0
        self._problem: str | None = None
        self._threads = [
            threading.Thread(target=self._run, name=f"analysis-{i}", daemon=True)
            for i in range(settings.workers)
        ]

    def start(self) -> None:
        """Begin; files that a later scan finds are taken up within seconds."""
        for thread in self._threads:
            thread.start()

    def stop(self, timeout_s: float) -> None:
        """End, waiting at most `timeout_s`; the files in work stay pending."""
        self._stop.set()
        with self._lock:
            for process in self._current.values():
                process.kill()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout_s / len(self._threads))

    def status(self) -> AnalysisStatus:
        """running, files done and failed since the start, those in work, why it waits (`paused`) and what is
        wrong (`problem`), if anything.
        """
        with self._lock:
            current = tuple(str(path) for path in self._current)
            return AnalysisStatus(
                running=any(thread.is_alive() for thread in self._threads),
                done=self._done,
                failed=self._failed,
                current=current,
                paused=(self._hold() or None) if current else None,
                problem=self._problem,
            )

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._work_off()
                self._problem = None
                self._stop.wait(self._look_s)
            except (ModelError, LibraryError, OSError) as error:
                self._problem = str(error)
                log.error("Music cannot be analysed (%s) Trying again in %.0f min.", error, RETRY_S / 60)
                self._stop.wait(RETRY_S)

    def _work_off(self) -> None:
        """Analyse until nothing is pending."""
        while self._refill() and not self._stop.is_set():
            with AnalysisProcess(self._command, self._time_limit_s, self._hold) as process:
                while (path := self._take(process)) is not None:
                    self._analyze(process, path)

    def _refill(self) -> bool:
        """Whether there is a file to take."""
        with self._refilling:  # not the lock: a mount that never answers must not hold up the status
            if self._queue:
                return True
            queue = list(self._there(self._library.pending(unheard=True)))
            # Mixed, so that a half analysed library has music for every mood; fixed, to be repeatable.
            Random(0).shuffle(queue)
            queue = queue or list(islice(self._there(self._library.pending()), AT_ONCE))
            with self._lock:
                self._queue = queue
            return bool(queue)

    def _there(self, pending: Iterable[Path]) -> Iterator[Path]:
        """Files of a disk that was unplugged are not there to be read, which is no fault of theirs."""
        with self._lock:
            busy = set(self._current)
        now = monotonic()
        return (p for p in pending if p not in busy and self._retries.is_due(p, now) and _exists(p))

    def _take(self, process: AnalysisProcess) -> Path | None:
        with self._lock:
            if self._stop.is_set() or not self._queue:
                return None
            path = self._queue.pop()
            self._current[path] = process
            return path

    def _analyze(self, process: AnalysisProcess, path: Path) -> None:
        try:
            read = self._listen(process, path)
            with self._lock:
                self._done += read
                self._failed += not read
        except StoppedError:
            return
        except (RowError, NotNowError) as error:
            self._put_off(path, error)
        except (LibraryError, ModelError):
            raise
        except Exception as error:  # a bug with one file must not end the analysis of the others
            log.debug("%s", path, exc_info=True)
            self._put_off(path, error)
        finally:
            with self._lock:
                del self._current[path]
        if self._on_done is not None and not self._stop.is_set():
            self._on_done(path)

    def _put_off(self, path: Path, error: Exception) -> None:
        """Leave a file for later, and go on with the others."""
        pause_s = self._retries.failed(path, monotonic())
        log.info("The analysis of %s has to wait for %.0f s: %s", path.name, pause_s, error)
        with self._lock:
            self._failed += 1

    def _listen(self, process: AnalysisProcess, path: Path) -> bool:
        """Whether the file could be read, which the library knows afterwards."""
        try:
            analysis = process.analyze(path)
        except NotNowError:
            raise
        except AudioFileError as error:
            log.warning("%s", error)
            self._library.mark_unreadable(path, str(error))
            return False
        self._retries.succeeded(path)
        self._library.save(path, replace(analysis, moods=self._feelings(analysis.point)))
        return True


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a mount that has lost its server
        return False
