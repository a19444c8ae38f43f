"""What a thread may do about itself."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress


def step_back(niceness: int) -> None:
    """Leave the processor to whoever wants it, and from a niceness of 19 on most of the disk; never raises.

    For threads that work for seconds at a time: what is heard comes first. Only on Linux is a thread nice by
    itself, and the disk follows it (ionice(1): 4 of 7 for 0, 7 for 19).
    """
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)
