"""Writes to the library, in order: while it cannot be written, the lines wait and nobody else does.

What may wait a little is written with what may not: a memory card wears by commits, hardly by their size.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import islice
from time import monotonic
from typing import Protocol

from player.errors import LibraryError, RowError
from player.log import EventLog, LogEvent

log = EventLog(__name__, LogEvent.LIBRARY)

MOST = 10_000
"""So many lines may wait; beyond, the oldest are lost. A house plays some 400 tracks a day."""
AT_ONCE = 100
"""So many lines become one commit: others wait for the library that long."""
RETRY_S = 1.0
END_S = 2.0
"""How long `stop` waits for what is still to be written."""


class Write(Protocol):
    """Has something written to the library; returns at once: WriteQueue.write."""

    def __call__(self, what: Callable[[], object], within_s: float = 0.0) -> None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class _Line:
    what: Callable[[], object]
    written: threading.Event | None = None


class WriteQueue:
    """A queue of writings, each a callable that may raise LibraryError, and the thread that does them.

    Before `start` and after `stop`, the caller's own thread does them. `together` makes one commit of what
    is written inside it (`Database.together`); a writing whose commit fails is done again.
    """

    def __init__(self, together: Callable[[], AbstractContextManager[None]] = nullcontext) -> None:
        self._together = together
        self._waiting: deque[_Line] = deque(maxlen=MOST)
        self._writing, self._due_lock = threading.Lock(), threading.Lock()
        self._due = math.inf
        """When what waits has to be written, on the monotonic clock."""
        self._news = threading.Event()
        self._stopping = threading.Event()
        self._trouble = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Write on a thread of its own from now on."""
        self._thread = threading.Thread(target=self._run, name="play history", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what can still be written within END_S, and end."""
        thread, self._thread = self._thread, None
        self._stopping.set()
        self._news.set()
        if thread is not None:
            thread.join(END_S)

    def write(self, what: Callable[[], object], within_s: float = 0.0) -> None:
        """Have it written within so many seconds. From any thread; returns at once."""
        self._add(_Line(what), within_s)

    def settle(self, timeout_s: float) -> bool:
        """Wait until what waits now is written; False if that takes longer."""
        if not self._waiting:
            return True
        written = threading.Event()
        self._add(_Line(lambda: None, written), 0.0)
        return written.wait(timeout_s)

    def work_off(self) -> bool:
        """Write all that waits, in order; False if the library cannot be written now."""
        with self._writing:
            while lines := list(islice(self._waiting, AT_ONCE)):
                try:
                    with self._together():
                        for line in lines:
                            _write(line)
                except LibraryError as error:
                    self._wait(error)
                    return False
                for line in lines:
                    if self._waiting and self._waiting[0] is line:  # not if it was lost meanwhile
                        self._waiting.popleft()
                    if line.written is not None:
                        line.written.set()
            if self._trouble:
                self._trouble = False
                log.info("the play history is up to date again")
            return True

    def _add(self, line: _Line, within_s: float) -> None:
        if len(self._waiting) == MOST:
            log.warning("the play history loses its oldest entry: %d are waiting to be written", MOST)
        self._waiting.append(line)
        self._hurry(monotonic() + within_s)
        if self._thread is None:
            self.work_off()

    def _hurry(self, due: float) -> None:
        with self._due_lock:
            self._due = min(self._due, due)
        self._news.set()

    def _wait(self, error: LibraryError) -> None:
        if not self._trouble:
            log.warning("the play history cannot be written now, the music goes on: %s", error)
        self._trouble = True

    def _run(self) -> None:
        while not self._stopping.is_set():
            left_s = self._due - monotonic()
            if left_s > 0:
                self._news.wait(min(left_s, threading.TIMEOUT_MAX))
                self._news.clear()
                continue
            with self._due_lock:
                self._due = math.inf  # who writes from now on sets it again
            if not self.work_off():
                self._stopping.wait(RETRY_S)
                self._hurry(monotonic())
        self.work_off()


def _write(line: _Line) -> None:
    """Do one writing; what cannot be written by itself holds up no other. Raises LibraryError."""
    try:
        line.what()
    except RowError as error:
        log.warning("an entry of the play history cannot be written: %s", error)
    except LibraryError:
        raise
    except Exception:
        log.exception("an entry of the play history could not be written")
