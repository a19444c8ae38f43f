"""One file after another in an analysing process: what crashes or loops there costs its file alone."""

from __future__ import annotations

import json
import queue
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

from player.errors import AudioFileError, LibraryError, ModelError, NotNowError
from player.library.analysis.stall_detector import Progress, StallDetector, pulse_of
from player.library.models import Analysis
from player.library.transient_errors import FROM_OUTSIDE, signature
from player.log import EventLog, LogEvent
from player.system import child_process
from player.types import Json

log = EventLog(__name__, LogEvent.LIBRARY)

CHILD = child_process.module_command("player.library.analysis.child")
TIME_LIMIT_S = 120.0
"""Processor time for a song without progress: some fifty times what all of it takes. Then it is a loop."""
SLOWEST_BYTES_PER_S = 200_000
"""A long file may take longer: its size over this is added, an hour for ten hours of good MP3."""
END_S = 5.0
"""So long a process may take to end that was killed: one that waits for a disk does not even that."""
TRIES = 3
"""A process that ended in mid-file may have been killed for another's hunger for memory: asked again."""
TICK_S = 0.2
GLANCE_S = 5 * TICK_S
"""One look counts at most so much: if this process itself was stopped, the other one was, too."""
CAN_STOP = sys.platform == "linux"
"""Whether a process may be stopped in mid-file: if it ends with its parent all the same."""

Hold = Callable[[], Any]
"""Whether to wait, at this moment; asked every TICK_S."""


class CrashError(AudioFileError):
    """The process ended in the middle of a file."""


class KilledError(CrashError, NotNowError):
    """The process was ended from outside, for its memory perhaps: it says nothing about the file."""


class StoppedError(LibraryError):
    """The analysis was ended from outside: it says nothing about the file."""


def never() -> bool:
    """A Hold for those who have a deadline."""
    return False


class ChildHandle:
    """One analysing process. If this process dies, it ends too."""

    def __init__(self, command: Sequence[str], time_limit_s: float, hold: Hold) -> None:
        self._time_limit_s, self._hold = time_limit_s, hold
        self._stopped = self._abandoned = False
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._gone = threading.Event()
        # numpy's threads would wait for each other in loops, on cores that the other processes use.
        self._process = child_process.start(command, more={"OPENBLAS_NUM_THREADS": "1"}, own_session=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_ready(self) -> bool:
        """Whether it has opened its models; False if it ended. Raises ModelError if it cannot."""
        first, _ = self._answer(StallDetector(self._time_limit_s), may_stop=False)
        if "fatal" in first:
            raise ModelError(first["fatal"])
        return "ready" in first

    def analyze(self, path: Path) -> Analysis:
        """What the file sounds like, without its moods.

        Raises AudioFileError if it cannot be read or sent the process round in circles, NotNowError if
        that is not its own fault, CrashError if it ended the process, KilledError if others did.
        """
        while self._hold() and not self._gone.wait(TICK_S):
            pass
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({"path": str(path)}).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            log.debug("the analysing process is gone")  # which the answer will show
        limit_s = self._time_limit_s + _size(path) / SLOWEST_BYTES_PER_S
        answer, judgement = self._answer(StallDetector(limit_s))
        if judgement is Progress.LOOPS:
            raise AudioFileError(f"{path} halted the analysis for {limit_s:.0f} s: replace or remove it.")
        if judgement is Progress.STUCK:
            raise NotNowError(
                f"{path} cannot be read at present (no answer from its disk): it is tried again."
            )
        if not answer and self._process.returncode in FROM_OUTSIDE:
            raise KilledError(
                f"The analysis of {path} was ended, perhaps for lack of memory: it is tried again."
            )
        if not answer:
            raise CrashError(f"{path} crashed the analysis: replace or remove it.")
        if "error" in answer:
            raise (NotNowError if answer.get("passing") else AudioFileError)(answer["error"])
        return record(answer)

    @property
    def alive(self) -> bool:
        """Whether it can take another file."""
        return not (self._abandoned or self._gone.is_set()) and self._process.poll() is None

    def kill(self) -> None:
        """End the process, whatever it is doing; from any thread."""
        self._process.kill()

    def close(self) -> None:
        """End the process and forget it."""
        self.kill()
        if child_process.wait(self._process, END_S):  # else it ends as soon as its disk answers
            self._reader.join()
            child_process.close_pipes(self._process)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._gone.set()
        self._lines.put(b"")

    def _answer(self, patience: StallDetector, *, may_stop: bool = True) -> tuple[Json, Progress]:
        """Its next line, and how it went; empty if it ended, or was ended as it got nowhere.

        The time for which it was stopped is not held against it. One that still starts may not be stopped:
        it may not have asked the kernel yet to wake it when its parent ends.
        """
        before = monotonic()
        while True:
            try:
                line = self._lines.get(timeout=TICK_S)
            except queue.Empty:
                now = monotonic()
                elapsed_s = 0.0 if self._stopped else min(now - before, GLANCE_S)
                before = now
                self._stop(may_stop and bool(self._hold()))
                judgement = patience.update(pulse_of(self._process.pid), elapsed_s)
                if judgement is not Progress.WORKS:
                    self._abandoned = True
                    self.kill()
                    return {}, judgement
                continue
            if line.endswith(b"\n"):
                return json.loads(line), Progress.WORKS
            child_process.wait(self._process, TICK_S)  # its output may close some time before it is gone
            self.close()
            return {}, Progress.WORKS

    def _stop(self, stopped: bool) -> None:
        if CAN_STOP and stopped != self._stopped:
            self._stopped = stopped
            self._process.send_signal(signal.SIGSTOP if stopped else signal.SIGCONT)


class AnalysisProcess:
    """An analysing process that is started when there is a file, and replaced if one brought it down."""

    def __init__(
        self,
        command: Sequence[str] = CHILD,
        time_limit_s: float = TIME_LIMIT_S,
        hold: Hold = never,
    ) -> None:
        """`time_limit_s` is for a small file; a large one has more."""
        self._command, self._time_limit_s, self._hold = command, time_limit_s, hold
        self._lock = threading.Lock()
        self._child: ChildHandle | None = None
        self._ended = False

    def __enter__(self) -> AnalysisProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        if self._child is not None:
            self._child.close()

    def analyze(self, path: Path) -> Analysis:
        """What the file sounds like, without its moods.

        Raises AudioFileError if it cannot be read, or TRIES processes crashed or one looped on it,
        NotNowError if that is not its own fault or it changed meanwhile, and ModelError if there can be
        no analysis at all. After `kill`, StoppedError.
        """
        before = signature(path)
        try:
            found = self._analyze(path)
        except AudioFileError as error:
            if signature(path) != before:
                raise NotNowError(
                    f"{path} was changed or taken away meanwhile: it is tried again."
                ) from error
            raise
        if signature(path) != before:
            raise NotNowError(f"{path} is still being written: it is tried again.")
        return found

    def _analyze(self, path: Path) -> Analysis:
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

    def _ready(self) -> ChildHandle:
        if self._child is not None and self._child.alive:
            return self._child
        for _ in range(TRIES):
            with self._lock:
                self._check()
                if self._child is not None:
                    self._child.close()
                self._child = ChildHandle(self._command, self._time_limit_s, self._hold)
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
