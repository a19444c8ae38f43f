"""Tests marked `alone` have the machine to themselves although others are run side by side (pytest-xdist)."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DOOR, ROOM = Path(__file__), Path(__file__).with_name("__init__.py")
"""Two files that every worker knows; only their locks are used."""


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
