"""Writes to the library, in order: while it cannot be written, the lines wait and nobody else does."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from player.errors import LibraryError, RowError
from player.log import EventLog, LogEvent

log = EventLog(__name__, LogEvent.LIBRARY)

MOST = 10_000
"""So many lines may wait; beyond, the oldest are lost. A house plays some 400 tracks a day."""
RETRY_S = 1.0
END_S = 2.0
"""How long `stop` waits for what is still to be written."""


class WriteQueue:
    """A queue of writings, each a callable that may raise LibraryError, and the thread that does them.

    Before `start` and after `stop`, the caller's own thread does them.
    """

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], object]] = deque(maxlen=MOST)
        self._lock = threading.Lock()
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

    def write(self, what: Callable[[], object]) -> None:
        """Have it written, soon if possible. From any thread; returns at once."""
        if len(self._waiting) == MOST:
            log.warning("the play history loses its oldest entry: %d are waiting to be written", MOST)
        self._waiting.append(what)
        self._news.set()
        if self._thread is None:
            self.work_off()

    def settle(self, timeout_s: float) -> bool:
        """Wait until what waits now is written; False if that takes longer."""
        written = threading.Event()
        self.write(written.set)
        return written.wait(timeout_s)

    def work_off(self) -> bool:
        """Write all that waits, in order; False if the library cannot be written now."""
        with self._lock:
            while self._waiting:
                what = self._waiting[0]
                try:
                    what()
                except LibraryError as error:
                    if not isinstance(error, RowError):
                        self._wait(error)
                        return False
                    log.warning("an entry of the play history cannot be written: %s", error)
                if self._waiting and self._waiting[0] is what:
                    self._waiting.popleft()
            if self._trouble:
                self._trouble = False
                log.info("the play history is up to date again")
            return True

    def _wait(self, error: LibraryError) -> None:
        if not self._trouble:
            log.warning("the play history cannot be written now, the music goes on: %s", error)
        self._trouble = True

    def _run(self) -> None:
        while True:
            self._news.wait()
            self._news.clear()
            try:
                done = self.work_off()
            except Exception:
                log.exception("an entry of the play history could not be written")
                self._waiting.popleft()
                done = False
            if self._stopping.is_set():
                return
            if not done:
                self._stopping.wait(RETRY_S)
                self._news.set()
