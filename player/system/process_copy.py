"""Work done by a copy of this process, which ends with it: what it takes or breaks goes with the copy."""

from __future__ import annotations

import contextlib
import gc
import os
import select
import signal
from collections.abc import Callable
from time import monotonic

from player.system import child_side

_WHOLE = b"."
"""Comes after all else that a copy says."""


def done_apart(
    work: Callable[[], bytes], most: int, limit_s: float, shut_in: Callable[[int], None] = lambda _: None
) -> bytes | None:
    """What `work` gives, up to `most` bytes; None if no copy can be made, it crashes, or needs longer.

    shut_in  is called by the copy before, with the number of the one file that it has to keep
    """
    reader, writer = os.pipe()
    try:
        pid = os.fork()
    except OSError:  # no memory, no process slots
        os.close(reader)
        os.close(writer)
        return None
    if pid == 0:
        _work(work, writer, shut_in)
    os.close(writer)
    try:
        said = _read(reader, most + len(_WHOLE), monotonic() + limit_s)
    finally:
        os.close(reader)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return said.removesuffix(_WHOLE) if said.endswith(_WHOLE) else None


def _work(work: Callable[[], bytes], writer: int, shut_in: Callable[[int], None]) -> None:
    """In the copy, to its end."""
    try:
        child_side.at_parents_end(signal.SIGKILL)
        gc.disable()  # it would write to, and so copy, all memory that both still share
        shut_in(writer)
        said = work() + _WHOLE
        while said:
            said = said[os.write(writer, said) :]
    finally:
        os._exit(0)


def _read(reader: int, most: int, until: float) -> bytes:
    """What the copy says; nothing if that is too much, or comes too late."""
    found = bytearray()
    while (left_s := until - monotonic()) > 0 and select.select([reader], [], [], left_s)[0]:
        more = os.read(reader, 2**18)
        if not more:
            return bytes(found)
        found += more
        if len(found) > most:
            break
    return b""
