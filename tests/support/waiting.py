"""Waiting for a condition, never for a time."""

import time
from collections.abc import Callable


def wait_for(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Return as soon as the condition holds; fails, saying what was waited for, after `seconds`."""
    deadline = time.monotonic() + seconds
    pause = 0.001
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:g} s in vain for {what}"
        time.sleep(pause)
        pause = min(2 * pause, 0.02)
