"""A judgement of recorded sound holds only if the machine let the sound server work."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import wraps
from itertools import count
from typing import Any, TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")

WAKE_S = 0.005
QUIET_S = 0.003
"""About as late as on a machine at rest. A gain glides in steps of 10 ms, and one that is late is higher.

What has the processor when this thread has not may keep a deck waiting for two or three times as long.
"""
MOST_TAKES = 4
MOST_TESTS = 3
"""A whole test is long, and all its takes have to end within its time-out."""


class Lateness:
    """How late a thread was woken at worst that wants to be woken every few milliseconds.

    It stands for every program on the machine, the decks and the sound server among them.
    """

    def __init__(self) -> None:
        self.worst_s = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Lateness:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            began = time.monotonic()
            if self._stop.wait(WAKE_S):
                return
            self.worst_s = max(self.worst_s, time.monotonic() - began - WAKE_S)


def judged_in_quiet(
    attempt: Callable[[], T],
    judge: Callable[[T], None],
    lateness: Callable[[], Lateness] = Lateness,
    most: int = MOST_TAKES,
) -> None:
    """Let `judge` assert what a take must be; one made while the machine kept others waiting is made again.

    If other programs hold up the sound server, what is recorded says nothing of the player. It is said.
    A wrong take in a quiet moment is the player's fault at once, and so are `most` wrong ones in a row.
    Raises the AssertionError of the last take.
    """
    for number in range(1, most + 1):
        with lateness() as late:
            taken = attempt()
        try:
            judge(taken)
        except AssertionError:
            if late.worst_s < QUIET_S or number == most:
                raise
            log.warning("take %d: a thread was kept waiting for %.0f ms", number, late.worst_s * 1000)
        else:
            return


class GapError(AssertionError):
    """Recorded sound that was silent for too long."""


def unbroken(silent_s: float, limit_s: float) -> None:
    """Fail with a GapError if a recording was silent for so long or longer."""
    if silent_s >= limit_s:
        raise GapError(f"silent for {silent_s:.2f} s, where {limit_s:g} s are too long")


def back_soon_enough(silent_s: float, limit_s: float) -> None:
    """Fail with a GapError if a recording was silent for longer than a machine as busy as now explains."""
    if not is_soon_enough(silent_s, limit_s):
        unbroken(silent_s, limit_s)


def gaps_judged_in_quiet(
    test: Callable[..., None],
    lateness: Callable[[], Lateness] = Lateness,
    wrong: type[AssertionError] = GapError,
) -> Callable[..., None]:
    """Decorate a test whose recording one of those above judges, as `judged_in_quiet`.

    It is played from the start, in a folder of its own. Whatever else is wrong fails it at once.
    """
    takes = count(1)

    @wraps(test)
    def judged(*arguments: Any, **fixtures: Any) -> None:
        def attempt() -> AssertionError | None:
            own = dict(fixtures)
            if "tmp_path" in fixtures:
                own["tmp_path"] = fixtures["tmp_path"] / f"take {next(takes)}"
                own["tmp_path"].mkdir()
            try:
                test(*arguments, **own)
            except wrong as error:
                return error
            return None

        def judge(error: AssertionError | None) -> None:
            if error is not None:
                raise error

        judged_in_quiet(attempt, judge, lateness, MOST_TESTS)

    return judged


def alarms_judged_in_quiet(test: Callable[..., None]) -> Callable[..., None]:
    """Decorate a test of when silence is an alarm: decks that are kept waiting are silent indeed.

    As `gaps_judged_in_quiet`, whatever is wrong.
    """
    return gaps_judged_in_quiet(test, wrong=AssertionError)


def limits(seconds: float) -> Iterator[float]:
    """A limit that needs the processors, and what a busy machine adds to it: asked for, it is measured."""
    yield seconds
    yield seconds * (slowness() - 1)


def is_soon_enough(took_s: float, limit_s: float) -> bool:
    """Whether something that needs the processors kept its limit; a busy machine stretches it."""
    return took_s < limit_s or took_s < limit_s * slowness()


def slowness() -> float:
    """How many times longer than its own processor time a start of Python takes now: 1 on a quiet machine."""
    began = time.monotonic()
    starting = subprocess.Popen([sys.executable, "-c", "import player.app"], stdin=subprocess.DEVNULL)
    _, status, usage = os.wait4(starting.pid, 0)
    starting.returncode = os.waitstatus_to_exitcode(status)
    return max(1.0, (time.monotonic() - began) / (usage.ru_utime + usage.ru_stime))
