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
"""So many lines may wait; beyond, the oldest are lost. A house plays some 400 tracks a day, and a day has
1440 minutes: those give way."""
AT_ONCE = 100
"""So many lines become one commit: others wait for the library that long."""
RETRY_S = 1.0
END_S = 2.0
"""How long `stop` waits for what is still to be written."""


class Write(Protocol):
    """Has something written to the library; returns at once: WriteQueue.write, write_if_room."""

    def __call__(self, what: Callable[[], object], within_s: float = 0.0) -> None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class _Line:
    what: Callable[[], object]
    written: threading.Event | None = None
    gives_way: bool = False


class WriteQueue:
    """A queue of writings, each a callable that may raise LibraryError, and the thread that does them.

    Before `start` and after `stop`, the caller's own thread does them. `together` makes one commit of what
    is written inside it (`Database.together`); a writing whose commit fails is done again.
    """

    def __init__(self, together: Callable[[], AbstractContextManager[None]] = nullcontext) -> None:
        self._together = together
        self._waiting: deque[_Line] = deque()
        self._waiting_lock = threading.Lock()
        self._writing, self._due_lock = threading.Lock(), threading.Lock()
        self._due = math.inf
        """When what waits has to be written, on the monotonic clock."""
        self._news = threading.Event()
        self._stopping = threading.Event()
        self._trouble, self._losing = False, False
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

    def write_if_room(self, what: Callable[[], object], within_s: float = 0.0) -> None:
        """The same for what is lost before anything else if too much waits."""
        self._add(_Line(what, gives_way=True), within_s)

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
            while lines := self._next():
                try:
                    with self._together():
                        for line in lines:
                            _write(line)
                except LibraryError as error:
                    self._wait(error)
                    return False
                for line in lines:
                    with self._waiting_lock:
                        if self._waiting and self._waiting[0] is line:  # not if it was lost meanwhile
                            self._waiting.popleft()
                    if line.written is not None:
                        line.written.set()
            self._losing = False
            if self._trouble:
                self._trouble = False
                log.info("the play history is up to date again")
            return True

    def _next(self) -> list[_Line]:
        with self._waiting_lock:
            return list(islice(self._waiting, AT_ONCE))

    def _add(self, line: _Line, within_s: float) -> None:
        with self._waiting_lock:
            self._waiting.append(line)
            is_news = len(self._waiting) > MOST and self._lose_one()
        if is_news:
            log.warning(
                "%d entries of the play history are waiting to be written: from now on the oldest are lost,"
                " how the day went before what was played",
                MOST,
            )
        self._hurry(monotonic() + within_s)
        if self._thread is None:
            self.work_off()

    def _lose_one(self) -> bool:
        """The oldest that gives way, else the oldest; whether it is the first since all was written."""
        lost = next((number for number, line in enumerate(self._waiting) if line.gives_way), 0)
        del self._waiting[lost]
        was_losing, self._losing = self._losing, True
        return not was_losing

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
