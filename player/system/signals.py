"""Signals, received where none is lost.

The kernel hands them to any thread, and a main thread that waits in a lock would sleep on. So the C handler
notes each one in a pipe, whatever thread it runs in, and a thread of its own reads that pipe. Signals are
held back until somebody says what to do with them, and over a restart.
"""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from collections.abc import Callable, Iterable

from player.log import EventLog, LogEvent

log = EventLog(__name__, LogEvent.PLAYER)

OURS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
END_S = 9.0
"""A player that has been told to end ends by then, whatever hangs; the unit's TimeoutStopSec is 10."""
WORDS_S = 0.2
"""So long the last line of the log is waited for."""
POKE_S = 0.05
POKES = 100
"""So often a main thread is woken for a Ctrl-C that it has not heeded."""


def hold() -> None:
    """Keep what comes from now on for `Receiver`, or until `release`. For the thread that calls it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, OURS)


def release() -> None:
    """Let signals have their usual effect, also one that came meanwhile."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, OURS)


class _Pipe:
    """What the C handler writes to: one byte for each signal, its number."""

    def __init__(self) -> None:
        self._out, into = os.pipe()
        os.set_blocking(into, False)
        signal.set_wakeup_fd(into, warn_on_full_buffer=False)

    def wait(self, seconds: float | None) -> bool:
        """Whether there is one to read, or comes in time; None waits for ever."""
        return bool(select.select([self._out], [], [], seconds)[0])

    def read(self) -> bytes:
        """Those since the last call; never waits."""
        return os.read(self._out, 65536) if self.wait(0) else b""


class Receiver:
    """Receives what ends the player (SIGTERM, SIGINT) or has it reload (SIGHUP). One a process; main thread.

    From here on children begin with default signals: nothing is blocked, and what a careless parent had
    ignored is not.
    """

    def __init__(self) -> None:
        global _receiver  # noqa: PLW0603 - signals are the process's own
        self.stop = threading.Event()
        """Set by SIGTERM and SIGINT."""
        self._ended_at: float | None = None
        self._reload: Callable[[], None] | None = None
        self._reload_asked = False
        self._lock = threading.RLock()
        self._pipe = _Pipe()
        for number in signal.valid_signals() - {signal.SIGPIPE, getattr(signal, "SIGXFSZ", 0)}:
            if signal.getsignal(number) is signal.SIG_IGN:  # SIGCHLD ignored would hide how children end
                signal.signal(number, signal.SIG_DFL)
        for number in OURS:
            signal.signal(number, _noted)
        threading.Thread(target=self._run, name="signals", daemon=True).start()
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        _receiver = self

    def reload_with(self, reload: Callable[[], None]) -> None:
        """Call this on SIGHUP, at once if one has already come. It must not wait."""
        with self._lock:
            self._reload = reload
            if self._reload_asked:
                self._reload_asked = False
                reload()

    def last_look(self) -> bool:
        """Whether the player has been told to end, be it at this very moment; what comes later is held back.

        For a process that is about to become another one. From any thread.
        """
        hold()
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):  # another thread may still get it
                signal.signal(number, signal.SIG_DFL)
        with self._lock:
            self._obey(self._pipe.read())
            return self._ended_at is not None

    def _run(self) -> None:
        while True:
            left_s = None if self._ended_at is None else self._ended_at + END_S - time.monotonic()
            if left_s is not None and left_s <= 0:
                # Who reads the log may not (Ctrl-S, a full pipe): saying it must not keep the process alive.
                words = threading.Thread(target=_say_late, name="last words", daemon=True)
                words.start()
                words.join(WORDS_S)
                os._exit(1)
            self._pipe.wait(left_s)
            with self._lock:
                self._obey(self._pipe.read())

    def _obey(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            if number == signal.SIGHUP:
                self._reload_asked = self._reload is None
                if self._reload is not None:
                    self._reload()
            elif number in OURS:
                self._ended_at = self._ended_at or time.monotonic()
                self.stop.set()


def _say_late() -> None:
    log.error("the player did not stop within %g s: ending it now", END_S)


_receiver: Receiver | None = None


def told_to_end() -> bool:
    """See Receiver.last_look; False if nobody receives."""
    return _receiver is not None and _receiver.last_look()


def _noted(*_: object) -> None:
    """A handler in Python, without which the one in C writes nothing."""


def interrupt_main() -> None:
    """Have Ctrl-C end a command that waits for its own threads; for the main thread of one.

    If SIGINT is ignored (a command in the background of a script) it stays so.
    """
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        return
    main, heeded, pipe = threading.get_ident(), threading.Event(), _Pipe()

    def interrupt(*_: object) -> None:
        heeded.set()
        raise KeyboardInterrupt

    def wake() -> None:
        while True:
            pipe.wait(None)
            if signal.SIGINT not in pipe.read():
                continue
            for _ in range(POKES):
                if heeded.wait(POKE_S):
                    break
                signal.pthread_kill(main, signal.SIGURG)  # it looks for signals when one ends its wait
            heeded.clear()

    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGURG, _noted)
    threading.Thread(target=wake, name="signals", daemon=True).start()
