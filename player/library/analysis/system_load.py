"""How busy other programs keep this machine: from /proc on Linux, from the load average elsewhere."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic

from player.library.analysis.throttle import Throttle
from player.system.proc import ROOT, Proc

MEASURE_S = 1.0


class SystemLoad:
    """The time of the processors since the last look, without what this program and its children took."""

    def __init__(self, own_processes: int, proc: Path = ROOT, pid: int | None = None) -> None:
        """`own_processes` are those that work for us while we ask, if only a load average can be had."""
        self._own, self._proc = own_processes, Proc(proc)
        self._pid = os.getpid() if pid is None else pid
        self._before: tuple[int, int] | None = None

    def others(self) -> float | None:
        """Share of all cores' time since the last call, 0 to 1; None at first, and if it is not known."""
        try:
            total, used = self._proc.processor_ticks()
            foreign = used - self._own_ticks()
        except OSError:
            return self._from_average()
        before, self._before = self._before, (total, foreign)
        if before is None or total <= before[0]:
            return None
        return min(1.0, max(0.0, (foreign - before[1]) / (total - before[0])))

    def stalled(self) -> float:
        """Share of the last ten seconds in which something waited for memory, 0 to 1; 0 if unknown."""
        try:
            return self._proc.memory_pressure()
        except OSError:
            return 0.0

    def _from_average(self) -> float | None:
        if not hasattr(os, "getloadavg"):
            return None
        return min(1.0, max(0.0, os.getloadavg()[0] - self._own) / (os.cpu_count() or 1))

    def _own_ticks(self) -> int:
        """What this process, its children and those that have ended took so far."""
        taken = 0
        for pid in self._proc.pids():
            with suppress(OSError):  # it has ended since
                stat = self._proc.stat(pid)
                if pid == self._pid:
                    taken += stat.ticks + stat.waited_ticks
                elif stat.parent == self._pid:
                    taken += stat.ticks
        return taken


class AnalysisThrottle:
    """Asked by the analysis, often and on any thread: why it has to wait, or "" if it may run."""

    def __init__(
        self,
        pace: Throttle,
        load: SystemLoad,
        disturbed: Callable[[], str],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`disturbed` says what the analysis would disturb at this moment, or nothing."""
        self._pace, self._load, self._disturbed, self._clock = pace, load, disturbed, clock
        self._lock = threading.Lock()
        self._measured_at = float("-inf")
        self._stalled = 0.0

    def __call__(self) -> str:
        """Measure if that is due, and decide."""
        with self._lock:
            now, others = self._clock(), None
            if now - self._measured_at >= MEASURE_S:
                self._measured_at = now
                others, self._stalled = self._load.others(), self._load.stalled()
            return self._pace.update(others, self._stalled, self._disturbed(), now)
