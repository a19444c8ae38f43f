"""One file after another in an analysing process: what crashes or hangs there costs its file alone."""

from __future__ import annotations

import json
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

from player.errors import AudioFileError, LibraryError, ModelError
from player.library.records import Analysis
from player.types import Json

log = logging.getLogger(__name__)

CHILD = (sys.executable, "-m", "player.library.analyze_child")
TIME_LIMIT_S = 120.0
"""For a song: some fifty times what it takes. A decoder that needs more hangs."""
SLOWEST_BYTES_PER_S = 200_000
"""A long file may take longer: its size over this is added, an hour for ten hours of good MP3."""
TRIES = 3
"""A process that ended in mid-file may have been killed for another's hunger for memory: asked again."""
TICK_S = 0.2
GLANCE_S = 5 * TICK_S
"""One look counts at most so much: if this process itself was stopped, the other one was, too."""
CAN_STOP = sys.platform == "linux"
"""Whether a process may be stopped in mid-file: where it ends with its parent all the same."""

Hold = Callable[[], Any]
"""Whether to wait, at this moment; asked every TICK_S."""


class CrashError(AudioFileError):
    """The process ended in the middle of a file."""


class StoppedError(LibraryError):
    """The analysis was ended from outside: it says nothing about the file."""


def never() -> bool:
    """A Hold for those who are in a hurry."""
    return False


class Child:
    """One analysing process. If this process dies, it ends too."""

    def __init__(self, command: Sequence[str], time_limit_s: float, hold: Hold) -> None:
        self._time_limit_s, self._hold = time_limit_s, hold
        self._stopped = False
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._gone = threading.Event()
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,  # Ctrl-C at the terminal is for this process alone
            # numpy's threads would wait for each other in loops, on cores that the other processes use.
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_ready(self) -> bool:
        """Whether it has opened its models; False where it ended. Raises ModelError where it cannot."""
        first, _ = self._answer(self._time_limit_s)
        if "fatal" in first:
            raise ModelError(first["fatal"])
        return "ready" in first

    def analyze(self, path: Path) -> Analysis:
        """What the file sounds like, without its moods.

        Raises AudioFileError where it cannot be read or hung the process, CrashError where it ended it.
        """
        while self._hold() and not self._gone.wait(TICK_S):
            pass
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({"path": str(path)}) + "\n")
            self._process.stdin.flush()
        except OSError:
            log.debug("the analysing process is gone")  # which the answer will show
        limit_s = self._time_limit_s + _size(path) / SLOWEST_BYTES_PER_S
        answer, hung = self._answer(limit_s)
        if hung:
            raise AudioFileError(f"{path} halted the analysis for {limit_s:.0f} s: replace or remove it.")
        if not answer:
            raise CrashError(f"{path} brought the analysis down: replace or remove it.")
        if "error" in answer:
            raise AudioFileError(answer["error"])
        return record(answer)

    @property
    def alive(self) -> bool:
        """Whether it can take another file."""
        return not self._gone.is_set() and self._process.poll() is None

    def kill(self) -> None:
        """End the process, whatever it is doing; from any thread."""
        self._process.kill()

    def close(self) -> None:
        """End the process and forget it."""
        self.kill()
        self._process.wait()
        self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            try:
                pipe.close()
            except OSError:
                log.debug("the last request was never read")

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._gone.set()
        self._lines.put("")

    def _answer(self, limit_s: float) -> tuple[Json, bool]:
        """Its next line, and whether it was ended for being too slow; empty where it ended.

        The time for which it was stopped is not held against it.
        """
        worked_s, before = 0.0, monotonic()
        hung = False
        while True:
            try:
                line = self._lines.get(timeout=TICK_S)
            except queue.Empty:
                now = monotonic()
                worked_s += 0.0 if self._stopped else min(now - before, GLANCE_S)
                before = now
                self._stop(bool(self._hold()))
                if worked_s > limit_s and not hung:
                    hung = True
                    self.kill()
                continue
            if line.endswith("\n"):
                return json.loads(line), False
            self.kill()  # its output may close some time before it is gone
            self._process.wait()
            return {}, hung

    def _stop(self, stopped: bool) -> None:
        if CAN_STOP and stopped != self._stopped:
            self._stopped = stopped
            self._process.send_signal(signal.SIGSTOP if stopped else signal.SIGCONT)


class Analyst:
    """An analysing process that is started when there is a file, and replaced where one brought it down."""

    def __init__(
        self,
        command: Sequence[str] = CHILD,
        time_limit_s: float = TIME_LIMIT_S,
        hold: Hold = never,
    ) -> None:
        """`time_limit_s` is for a small file; a large one has more."""
        self._command, self._time_limit_s, self._hold = command, time_limit_s, hold
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._ended = False

    def __enter__(self) -> Analyst:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        if self._child is not None:
            self._child.close()

    def analyze(self, path: Path) -> Analysis:
        """What the file sounds like, without its moods.

        Raises AudioFileError where it cannot be read, or TRIES processes crashed or one hung on it, and
        ModelError where there can be no analysis at all. After `kill`, StoppedError.
        """
        for left in reversed(range(TRIES)):
            try:
                return self._ready().analyze(path)
            except CrashError:
                self._check()
                if not left:
                    raise
        raise AssertionError("the last try returns or raises")

    def kill(self) -> None:
        """End for good, whatever is being done; from any thread."""
        with self._lock:
            self._ended = True
            if self._child is not None:
                self._child.kill()

    def _ready(self) -> Child:
        if self._child is not None and self._child.alive:
            return self._child
        for _ in range(TRIES):
            with self._lock:
                self._check()
                if self._child is not None:
                    self._child.close()
                self._child = Child(self._command, self._time_limit_s, self._hold)
            if self._child.wait_ready():
                return self._child
            self._check()
        raise ModelError("The process that analyses music cannot start: see its message above.")

    def _check(self) -> None:
        if self._ended:
            raise StoppedError("The analysis was stopped.")


def record(answer: Json) -> Analysis:
    """An Analysis from its fields as JSON gives them: its tuples are lists there."""
    analysis = Analysis(**answer)
    return replace(
        analysis,
        silences=tuple((start, end) for start, end in analysis.silences),
        rests=tuple(analysis.rests),
        embedding=tuple(analysis.embedding),
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
