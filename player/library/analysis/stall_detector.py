"""Whether a process that listens to a file still gets on: by its processor time and what it reads.

The clock alone says nothing: on a busy, slow or emulated machine a good file takes long, and a process that
is stopped or waits for a disk takes for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from player.system.proc import Proc

PROC = Proc()
MOST_ELAPSED_S = 1.0
"""Between two looks no more time counts: this process itself was stopped, or starved."""
MOST_LIMITS = 10
"""So many limits of processor time in all, however much is read meanwhile: a loop may read too."""
_RUNNABLE, _ASLEEP = frozenset("R"), frozenset("SDI")  # proc(5): state


@dataclass(frozen=True, slots=True)
class ProcessPulse:
    """What the system says of a process."""

    cpu_s: float
    """Processor time that it has taken since its start."""
    read_bytes: int
    """What it has read since its start, of files and pipes; 0 if the system does not say."""
    states: str
    """A letter for each of its threads: R runs or waits for a processor, S and D sleep, T is stopped."""


class Progress(Enum):
    """How it goes."""

    WORKS = auto()
    LOOPS = auto()
    """It takes processor time and gets nowhere."""
    STUCK = auto()
    """It waits for something, a disk or a lock: nothing is known of the file."""


class StallDetector:
    """Judges one piece of work; time is an argument. `limit_s` is what may pass without progress."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._first: ProcessPulse | None = None
        self._before: ProcessPulse | None = None
        self._at_progress_s = 0.0
        self._asleep_s = self._unknown_s = 0.0

    def update(self, pulse: ProcessPulse | None, elapsed_s: float) -> Progress:
        """How it goes by now; `elapsed_s` since the last call. Without a pulse, the clock has to do."""
        elapsed_s = min(elapsed_s, MOST_ELAPSED_S)
        if pulse is None:
            self._unknown_s += elapsed_s
            return Progress.LOOPS if self._unknown_s > self._limit_s else Progress.WORKS
        if self._first is None or self._before is None:
            self._first, self._at_progress_s = pulse, pulse.cpu_s
        elif pulse.read_bytes != self._before.read_bytes:
            self._at_progress_s, self._asleep_s = pulse.cpu_s, 0.0
        elif pulse.cpu_s != self._before.cpu_s or _RUNNABLE & set(pulse.states):
            self._asleep_s = 0.0
        elif set(pulse.states) <= _ASLEEP:
            self._asleep_s += elapsed_s
        self._before = pulse
        taken_s = pulse.cpu_s - self._first.cpu_s
        if pulse.cpu_s - self._at_progress_s > self._limit_s or taken_s > MOST_LIMITS * self._limit_s:
            return Progress.LOOPS
        return Progress.STUCK if self._asleep_s > self._limit_s else Progress.WORKS


def pulse_of(pid: int, proc: Proc = PROC) -> ProcessPulse | None:
    """Of a process; None if the system does not say, or it has ended."""
    try:
        return ProcessPulse(proc.stat(pid).cpu_s, _read_bytes(pid, proc), proc.states(pid))
    except OSError:
        return None


def _read_bytes(pid: int, proc: Proc) -> int:
    try:
        return proc.read_bytes(pid)
    except OSError:  # a sandbox may forbid it
        return 0
