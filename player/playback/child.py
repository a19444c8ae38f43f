"""A child process that is spoken to in JSON lines, and replaced when it fails.

Nothing here waits: pipes are non-blocking, and `poll` does all the reading, the watching and the replacing.
The child says {"say": "ready"} once and then something, anything, four times a second or more often; with
{"say": "fatal", "reason": R} it says why it cannot do its work at all.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from player.log import EventLog, LogEvent
from player.playback.failure_reasons import CRASHED
from player.system import child_process
from player.system.backoff import BackOff
from player.system.proc import Proc
from player.types import Json

log = EventLog(__name__, LogEvent.PLAYBACK)

PROC = Proc()
HANG_S = 1.5
"""A child that says nothing for so long hangs; it says something four times a second. What it waits for a
processor meanwhile does not count: on a busy machine it is late, and another one would be later."""
NOTICE_S = 0.75
"""From here on it is looked at what it waits for: looking costs too much to be done all the time."""
MOST_LIMITS = 10
"""So many times the limit are the end, whatever it waits for: one thread may hang while others wait."""
GLANCE_S = 0.25
"""One poll counts at most so much of that: when the daemon itself was kept waiting, nobody hangs."""
START_S = 10.0
"""A child that has not said `ready` for so long will not."""
RESPAWN_S, RESPAWN_MAX_S = 0.5, 15.0
"""The first replacement comes at once, the next after so long, then ever more slowly."""
END_S = 0.5
"""A child whose stdin is closed tidies up and ends; one that takes longer is killed."""
STEADY_S = 30.0
"""A child that has lived so long does not count as one more in a row of failures."""


class ChildProcess:
    """One child process, spawned at once and respawned for ever.

    name     for the log: "Deck A"
    command  the program and its arguments
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        clock: Callable[[], float] = time.monotonic,
        queued_s: Callable[[int], float] = PROC.queued_s,
    ) -> None:
        """`queued_s`: how long a process has been kept waiting for a processor; OSError: nobody knows."""
        self._name = name
        self._clock = clock
        self._queued_s = queued_s
        self._command = tuple(command)
        self._spawned_as = self._command
        self._process: child_process.Process | None = None
        self._ready = False
        self._unread = b""
        self._died: str | None = None
        self._fatal = ""
        self._silence_s = 0.0
        self._queue_s: float | None = None  # what it had waited for a processor when its silence was noticed
        self._back_off = BackOff(RESPAWN_S, RESPAWN_MAX_S, free=1)
        self._spawned_at = self._polled_at = self._respawn_at = clock()
        self._spawn(clock())

    @property
    def ready(self) -> bool:
        """Whether the child has started up and listens."""
        return self._ready

    @property
    def pid(self) -> int | None:
        """The process id, None while there is no process."""
        return self._process.pid if self._process is not None else None

    def tell(self, do: str, **more: object) -> None:
        """Send a command; a child that is not ready misses it, one that cannot take it is replaced."""
        if self._process is None or not self._ready:
            return
        assert self._process.stdin is not None
        line = json.dumps({"do": do, **more}).encode() + b"\n"
        try:
            if os.write(self._process.stdin.fileno(), line) != len(line):
                self.replace("it does not read its commands")
        except OSError as error:  # a full pipe (BlockingIOError) or a closed one
            self.replace(f"it does not take commands ({error.strerror})")

    def use(self, command: Sequence[str]) -> None:
        """Start the next process with another command."""
        self._command = tuple(command)

    def replace(self, reason: str) -> None:
        """End the process at the next poll, because it is not to be trusted any more."""
        if self._died is None:
            self._died = reason

    def refresh(self) -> None:
        """Replace the process if it was started with another command; says nothing."""
        if self._process is not None and self._command != self._spawned_as:
            self.close()
            self._respawn_at = self._clock()

    def poll(self, now: float) -> list[Json]:
        """What the child has said since the last call; {"say": "died", "reason": R} when it was buried."""
        waited_s, self._polled_at = now - self._polled_at, now
        if self._process is None:
            if now >= self._respawn_at:
                self._spawn(now)
            return []
        said = self._read()
        if self._hangs(min(waited_s, GLANCE_S)):
            self.replace("it hangs")
        if self._died is not None:
            said.append({"say": "died", "reason": self._bury(now)})
        return said

    def _heard(self) -> None:
        """It lives: its silence begins again."""
        self._silence_s, self._queue_s = 0.0, None

    def _hangs(self, passed_s: float) -> bool:
        """Whether it has been silent for too long, `passed_s` more by now, though it could have spoken."""
        self._silence_s += passed_s
        if self._silence_s <= NOTICE_S:
            return False
        if self._queue_s is None:
            self._queue_s = self._in_queue_s()
        limit_s = HANG_S if self._ready else START_S
        if self._silence_s <= limit_s:
            return False
        kept_waiting_s = (
            self._in_queue_s() - self._queue_s
        )  # of several threads, so it may be more than passed
        return max(self._silence_s - kept_waiting_s, self._silence_s / MOST_LIMITS) > limit_s

    def _in_queue_s(self) -> float:
        assert self._process is not None
        try:
            return self._queued_s(self._process.pid)
        except OSError:  # it has just ended, or this system does not say
            return 0.0

    def close(self) -> None:
        """End the process for good."""
        if self._process is not None:
            assert self._process.stdin is not None
            with suppress(OSError):
                self._process.stdin.close()
                child_process.wait(self._process, END_S)
            self._end(self._process)
            self._process = None
            self._ready = False

    def _spawn(self, now: float) -> None:
        try:
            self._process = child_process.start(self._command)
        except OSError as error:  # no memory, no process slots: both pass
            log.error("%s cannot be started (%s); the next try is in %g s.", self._name, error, RESPAWN_MAX_S)
            self._respawn_at = now + RESPAWN_MAX_S
            return
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
        self._unread, self._died, self._fatal = b"", None, ""
        self._spawned_as = self._command
        self._heard()
        self._spawned_at = now

    def _read(self) -> list[Json]:
        assert self._process is not None
        assert self._process.stdout is not None
        while True:
            try:
                data = os.read(self._process.stdout.fileno(), 65536)
            except BlockingIOError:
                break
            if not data:
                self.replace(CRASHED)
                break
            self._heard()
            self._unread += data
        *lines, self._unread = self._unread.split(b"\n")
        said: list[Json] = [json.loads(line) for line in lines]
        for each in said:
            match each:
                case {"say": "ready"}:
                    self._ready = True
                case {"say": "fatal", "reason": reason}:
                    self._fatal = reason
        return said

    def _bury(self, now: float) -> str:
        """End what is left of the child; the first replacement comes at once, later ones wait longer."""
        assert self._process is not None
        reason = self._fatal or self._died or CRASHED
        self._end(self._process)
        self._process = None
        self._ready = False
        self._respawn_at = now
        if now - self._spawned_at > STEADY_S:
            self._back_off.worked()
        else:
            self._respawn_at += self._back_off.failed(now)
        level = logging.DEBUG if self._back_off.exhausted else logging.WARNING  # say it once, not every time
        log.log(level, "%s is replaced: %s.", self._name, reason.rstrip("."))
        return reason

    def _end(self, process: child_process.Process) -> None:
        process.kill()
        if not child_process.wait(process, END_S):  # stuck in the kernel, on a dead network mount for one
            log.warning("%s does not stop (process %d); going on without it.", self._name, process.pid)
        child_process.close_pipes(process)
