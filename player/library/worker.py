"""Analysis in the background: one file after another, in child processes of low priority."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from player.errors import AudioFileError, LibraryError, ModelError
from player.library.records import Analysis
from player.library.store import Library
from player.settings import LibrarySettings
from player.types import Json, MoodPoint

log = logging.getLogger(__name__)

CHILD = (sys.executable, "-m", "player.library.analyze_child")
TIME_LIMIT_S = 120.0
"""For one file: some fifty times what a long one takes. A decoder that needs more hangs."""
LOOK_S = 5.0
"""Between two looks for files to analyse, where there were none."""
RETRY_S = 300.0
"""After the models or the database could not be used."""

Feelings = Callable[[MoodPoint], Mapping[str, float]]
"""A point on the circumplex -> probability of each of the 13 feelings."""


class Child:
    """One analysing process. Opened by `with`, it ends with the block; if this process dies, it ends too."""

    def __init__(self, command: Sequence[str], time_limit_s: float) -> None:
        self._time_limit_s = time_limit_s
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,  # Ctrl-C at the terminal is for this process alone
        )

    def __enter__(self) -> Child:
        first = self._answer()
        if "ready" not in first:
            self.close()
            raise ModelError(first.get("fatal", "The process that analyses music cannot start."))
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def analyze(self, path: Path) -> Analysis:
        """What the file sounds like, without its moods.

        Raises AudioFileError where it cannot be read, or where it crashed or hung the process.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({"path": str(path)}) + "\n")
            self._process.stdin.flush()
        except OSError:
            log.debug("the analysing process is gone")  # which the answer will show
        answer = self._answer()
        if not answer:
            self.kill()  # its output may close some time before it is gone
            self._process.wait()
            raise AudioFileError(f"{path} brought the analysis down or to a halt: replace or remove it.")
        if "error" in answer:
            raise AudioFileError(answer["error"])
        return Analysis(**answer)

    @property
    def alive(self) -> bool:
        """Whether it can take another file."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End the process, whatever it is doing; from any thread."""
        self._process.kill()

    def close(self) -> None:
        """End the process and forget it."""
        self.kill()
        self._process.communicate()

    def _answer(self) -> Json:
        """Its next line; empty where it ended, or was ended for being too slow."""
        assert self._process.stdout is not None
        timer = threading.Timer(self._time_limit_s, self._process.kill)
        timer.start()
        try:
            line = self._process.stdout.readline()
        finally:
            timer.cancel()
        answer: Json = json.loads(line) if line.endswith("\n") else {}
        return answer


class AnalysisWorker:
    """Analyses what the library has pending, with `settings.workers` processes while there is work."""

    def __init__(
        self,
        library: Library,
        settings: LibrarySettings,
        feelings: Feelings,
        on_done: Callable[[Path], None] | None = None,
        *,
        child: Sequence[str] = CHILD,
        time_limit_s: float = TIME_LIMIT_S,
        look_s: float = LOOK_S,
    ) -> None:
        """`on_done` is called on a worker thread after each file, readable or not."""
        self._library, self._feelings, self._on_done = library, feelings, on_done
        self._command, self._time_limit_s, self._look_s = child, time_limit_s, look_s
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._queue: list[Path] = []
        self._current: dict[Path, Child] = {}
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
            for child in self._current.values():
                child.kill()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout_s / len(self._threads))

    def status(self) -> Json:
        """running, files done and failed since the start, those in work, and what is wrong, if anything."""
        with self._lock:
            return {
                "running": any(thread.is_alive() for thread in self._threads),
                "done": self._done,
                "failed": self._failed,
                "current": [str(path) for path in self._current],
                "problem": self._problem,
            }

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
        """Analyse until nothing is pending; a process that a file brought down is replaced."""
        while self._refill() and not self._stop.is_set():
            with Child(self._command, self._time_limit_s) as child:
                while child.alive and (path := self._take(child)) is not None:
                    self._analyze(child, path)

    def _refill(self) -> bool:
        """Whether there is a file to take."""
        with self._lock:
            if not self._queue:
                # Files of a disk that was unplugged are not there to be read, which is no fault of theirs.
                self._queue = [p for p in self._library.pending() if p not in self._current and p.exists()]
                # Mixed, so that a half analysed library has music for every mood; fixed, to be repeatable.
                Random(0).shuffle(self._queue)
            return bool(self._queue)

    def _take(self, child: Child) -> Path | None:
        with self._lock:
            if self._stop.is_set() or not self._queue:
                return None
            path = self._queue.pop()
            self._current[path] = child
            return path

    def _analyze(self, child: Child, path: Path) -> None:
        failed = False
        try:
            analysis = child.analyze(path)
            self._library.save(path, replace(analysis, moods=self._feelings(analysis.point)))
        except AudioFileError as error:
            failed = True
            if not self._stop.is_set() and path.exists():
                log.warning("%s", error)
                self._library.mark_unreadable(path, str(error))
        finally:
            with self._lock:
                del self._current[path]
                self._done += not failed
                self._failed += failed
        if self._on_done is not None and not self._stop.is_set():
            self._on_done(path)
