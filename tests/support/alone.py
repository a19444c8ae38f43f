"""Tests marked `alone` have the machine to themselves although others are run side by side (pytest-xdist)."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

DOOR, ROOM = Path(__file__), Path(__file__).with_name("__init__.py")
BESIDE = Path(__file__).with_name("quiet.py")
BROWSER = Path(__file__).with_name("browser.py")
"""Four files that every worker knows; only their locks are used."""


@contextmanager
def room(alone: bool, door: Path = DOOR, inside: Path = ROOM) -> Iterator[None]:
    """Wait until a test may run: one alone until all others have left, the others until it has.

    Who wants to be alone waits in the door, so that no more go in meanwhile.
    """
    with door.open() as waiting, inside.open() as running:
        fcntl.flock(waiting, fcntl.LOCK_EX)
        fcntl.flock(running, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(waiting, fcntl.LOCK_UN)  # said aloud: a forked child has these files, too
        try:
            yield
        finally:
            fcntl.flock(running, fcntl.LOCK_UN)


@contextmanager
def browsing(browser: Path = BROWSER) -> Iterator[None]:
    """One test at a time has a browser, which alone takes more than a core of two; it comes before `room`."""
    with browser.open() as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(turn, fcntl.LOCK_UN)


@contextmanager
def corner(door: Path = DOOR, inside: Path = ROOM, beside: Path = BESIDE) -> Iterator[None]:
    """The same for a unit test, which is soon over: one at a time runs beside one that is alone.

    It needs one core of two for a moment, much less than the busy loops beside which those must pass as well.
    """
    with door.open() as waiting, inside.open() as running, beside.open() as turn:
        free = _share(waiting) and _share(running)
        fcntl.flock(waiting, fcntl.LOCK_UN)
        if not free:
            fcntl.flock(running, fcntl.LOCK_UN)
            fcntl.flock(turn, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(running if free else turn, fcntl.LOCK_UN)


def _share(file: IO[str]) -> bool:
    """Whether nobody has it to themselves; if so, take part."""
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
