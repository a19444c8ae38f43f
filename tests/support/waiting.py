"""Waiting for a condition, never for a time."""

import time
from collections.abc import Callable

from tests.support.quiet import limits


def wait_for(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Return as soon as the condition holds; fails, saying what was waited for, after `seconds`.

    A busy machine stretches them.
    """
    assert any(_holds(condition, limit_s) for limit_s in limits(seconds)), (
        f"waited {seconds:g} s in vain for {what}"
    )


def _holds(condition: Callable[[], object], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    pause = 0.001
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(pause)
        pause = min(2 * pause, 0.02)
    return True
