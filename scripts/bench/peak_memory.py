"""How much memory this process has held at most, for the benchmarks."""

from __future__ import annotations

import re
from pathlib import Path


def peak_mb() -> float:
    """The peak of this program's resident memory, MB of 1024 KB.

    Not `getrusage`: its figure outlives exec, so a process begins with the peak of the one that started it.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else float("nan")
