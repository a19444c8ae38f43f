"""How busy other programs keep this machine: from /proc on Linux, from the load average elsewhere."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from player.library.analysis.throttle import Throttle

MEASURE_S = 1.0
PROC = Path("/proc")
_IDLE = (3, 4)  # proc(5): idle and iowait
_GUEST = 8  # from here on: counted in user and nice already


class SystemLoad:
    """The time of the processors since the last look, without what this program and its children took."""

    def __init__(self, own_processes: int, proc: Path = PROC, pid: int | None = None) -> None:
        """`own_processes` are those that work for us while we ask, where only a load average can be had."""
        self._own, self._proc = own_processes, proc
        self._pid = os.getpid() if pid is None else pid
        self._before: tuple[int, int] | None = None

    def others(self) -> float | None:
        """Share of all cores' time since the last call, 0 to 1; None at first, and where it is not known."""
        try:
            ticks = [int(n) for n in self._text("stat").split("\n", 1)[0].split()[1:]]
        except (OSError, ValueError):
            return self._from_average()
        total = sum(ticks[:_GUEST])
        foreign = total - sum(ticks[i] for i in _IDLE) - self._own_ticks()
        before, self._before = self._before, (total, foreign)
        if before is None or total <= before[0]:
            return None
        return min(1.0, max(0.0, (foreign - before[1]) / (total - before[0])))

    def stalled(self) -> float:
        """Share of the last ten seconds in which something waited for memory, 0 to 1; 0 if unknown."""
        try:
            return float(self._text("pressure/memory").split("avg10=", 1)[1].split()[0]) / 100
        except (OSError, ValueError, IndexError):
            return 0.0

    def _from_average(self) -> float | None:
        if not hasattr(os, "getloadavg"):
            return None
        return min(1.0, max(0.0, os.getloadavg()[0] - self._own) / (os.cpu_count() or 1))

    def _own_ticks(self) -> int:
        """What this process, its children and those that have ended took so far."""
        taken = 0
        for entry in self._proc.iterdir():
            if not entry.name.isdecimal():
                continue
            try:
                fields = self._text(f"{entry.name}/stat").rpartition(")")[2].split()
            except OSError:  # it has ended since
                continue
            own = int(entry.name) == self._pid
            if own or int(fields[1]) == self._pid:
                taken += sum(map(int, fields[11:15] if own else fields[11:13]))
        return taken

    def _text(self, name: str) -> str:
        return (self._proc / name).read_text(encoding="utf-8", errors="replace")


class AnalysisThrottle:
    """Asked by the analysis, often and on any thread: why it has to wait, or "" where it may run."""

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
        """Measure where that is due, and decide."""
        with self._lock:
            now, others = self._clock(), None
            if now - self._measured_at >= MEASURE_S:
                self._measured_at = now
                others, self._stalled = self._load.others(), self._load.stalled()
            return self._pace.update(others, self._stalled, self._disturbed(), now)
