"""How much memory this process has held at most, for the benchmarks."""

from __future__ import annotations

import os

from player.system.proc import Proc


def peak_mb() -> float:
    """The peak of this program's resident memory, MB of 1024 KB.

    Not `getrusage`: its figure outlives exec, so a process begins with the peak of the one that started it.
    """
    try:
        return int(Proc().status(os.getpid(), "VmHWM").split()[0]) / 1024
    except OSError:
        return float("nan")
