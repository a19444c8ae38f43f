"""A deck as seen from the daemon: a child process that is spoken to in JSON lines and replaced when it fails.

Nothing here waits: pipes are non-blocking, and `poll` does all the reading, the watching and the replacing.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from player.playback.output import Deck, DeckEvent, Died, Ended, Faded, Failed, NoOutput, Playing, Position
from player.settings import PlaybackSettings

log = logging.getLogger(__name__)

HANG_S = 1.5
"""A child that says nothing for so long hangs; it says something four times a second."""
GLANCE_S = 0.25
"""One poll counts at most so much of that: when the daemon itself was kept waiting, nobody hangs."""
START_S = 10.0
"""A child that has not said `ready` for so long will not."""
RESPAWN_MAX_S = 15.0
STEADY_S = 30.0
"""A child that has lived so long does not count as one more in a row of failures."""

_EVENTS: dict[str, Callable[[dict[str, Any]], DeckEvent]] = {
    "playing": lambda said: Playing(said["at"], said["position_s"], said["duration_s"]),
    "position": lambda said: Position(said["at"], said["position_s"], said["duration_s"]),
    "faded": lambda _: Faded(),
    "ended": lambda _: Ended(),
    "failed": lambda said: Failed(said["reason"]),
    "no_output": lambda said: NoOutput(said["reason"]),
}

CHILD = (sys.executable, "-m", "player.playback.deck_child")


class DeckProcess(Deck):
    """One deck in a child process of its own, spawned at once and respawned for ever.

    name      for the log
    settings  of which it needs the output
    command   the program and its arguments before the output
    """

    def __init__(
        self,
        name: str,
        settings: PlaybackSettings,
        command: Sequence[str] = CHILD,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._command, self._output = tuple(command), settings.output
        self._spawned_for = ""
        self._clock = clock
        self._child: subprocess.Popen[bytes] | None = None
        self._ready = False
        self._unread = b""
        self._volume = 0.0
        self._load = 0
        self._died: str | None = None
        self._fatal = ""
        self._silence_s = 0.0
        self._failures = 0
        self._spawned_at = self._polled_at = self._respawn_at = clock()
        self._spawn(clock())

    @property
    def ready(self) -> bool:
        """Whether the child has loaded libVLC and listens."""
        return self._ready

    @property
    def pid(self) -> int | None:
        """The child's process id, None while there is none."""
        return self._child.pid if self._child is not None else None

    def load(self, path: Path | str, gain: float, start_s: float) -> None:
        """See Deck."""
        self._load += 1
        self._tell("load", load=self._load, path=str(path), gain=gain, start_s=start_s)

    def play(self) -> None:
        """See Deck."""
        self._tell("play")

    def fade(self, to: float, start_at: float, duration_ms: int) -> None:
        """See Deck."""
        self._tell("fade", to=to, start_at=start_at, duration_ms=duration_ms)

    def set_volume(self, gain: float, duration_ms: int) -> None:
        """See Deck."""
        self._volume = gain
        self._tell("volume", gain=gain, duration_ms=duration_ms)

    def pause(self) -> None:
        """See Deck."""
        self._tell("pause")

    def resume(self) -> None:
        """See Deck."""
        self._tell("resume")

    def stop(self) -> None:
        """See Deck."""
        self._load += 1  # whatever the old track still says is no longer of interest
        self._tell("stop")

    def use(self, output: str) -> None:
        """See Deck."""
        self._output = output

    def refresh(self) -> None:
        """See Deck."""
        if self._child is not None and self._output != self._spawned_for:
            self.close()
            self._respawn_at = self._clock()

    def restart(self, reason: str) -> None:
        """See Deck."""
        if self._died is None:
            self._died = reason

    def poll(self, now: float) -> list[DeckEvent]:
        """See Deck."""
        waited_s, self._polled_at = now - self._polled_at, now
        if self._child is None:
            if now >= self._respawn_at:
                self._spawn(now)
            return []
        events = self._read()
        self._silence_s += min(waited_s, GLANCE_S)
        if self._silence_s > (HANG_S if self._ready else START_S):
            self.restart("it hangs")
        if self._died is not None:
            events.append(self._bury(now))
        return events

    def close(self) -> None:
        """See Deck."""
        if self._child is not None:
            self._end(self._child)
            self._child = None
            self._ready = False

    def _spawn(self, now: float) -> None:
        try:
            self._child = subprocess.Popen(
                (*self._command, self._output), stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        except OSError as error:  # no memory, no process slots: both pass
            log.error(
                "Deck %s cannot be started (%s); the next try is in %g s.", self.name, error, RESPAWN_MAX_S
            )
            self._respawn_at = now + RESPAWN_MAX_S
            return
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        os.set_blocking(self._child.stdin.fileno(), False)
        os.set_blocking(self._child.stdout.fileno(), False)
        self._unread, self._died, self._fatal = b"", None, ""
        self._spawned_for = self._output
        self._silence_s = 0.0
        self._spawned_at = now

    def _tell(self, do: str, **more: object) -> None:
        if self._child is None or not self._ready:
            return
        assert self._child.stdin is not None
        line = json.dumps({"do": do, **more}).encode() + b"\n"
        try:
            if os.write(self._child.stdin.fileno(), line) != len(line):
                self.restart("it does not read its commands")
        except OSError as error:  # a full pipe (BlockingIOError) or a closed one
            self.restart(f"it takes no commands ({error.strerror})")

    def _read(self) -> list[DeckEvent]:
        assert self._child is not None
        assert self._child.stdout is not None
        while True:
            try:
                data = os.read(self._child.stdout.fileno(), 65536)
            except BlockingIOError:
                break
            if not data:
                self.restart("it crashed")
                break
            self._silence_s = 0.0
            self._unread += data
        *lines, self._unread = self._unread.split(b"\n")
        return [event for line in lines if (event := self._event(json.loads(line))) is not None]

    def _event(self, said: dict[str, Any]) -> DeckEvent | None:
        match said:
            case {"say": "ready"}:
                self._ready = True
                self.set_volume(self._volume, 0)
            case {"say": "fatal", "reason": reason}:
                self._fatal = reason
                return NoOutput(reason)
            case {"say": what, "load": load} if load == self._load:
                return _EVENTS[what](said)
        return None

    def _bury(self, now: float) -> Died:
        """End what is left of the child; the first replacement comes at once, later ones wait longer."""
        assert self._child is not None
        reason = self._fatal or self._died or "it crashed"
        self._end(self._child)
        self._child = None
        self._ready = False
        self._failures = 0 if now - self._spawned_at > STEADY_S else self._failures + 1
        wait_s = min(RESPAWN_MAX_S, 0.5 * 2 ** (self._failures - 2)) if self._failures > 1 else 0.0
        self._respawn_at = now + wait_s
        level = logging.WARNING if self._failures <= 1 else logging.DEBUG  # say it once, not every time
        log.log(level, "Deck %s is replaced: %s.", self.name, reason.rstrip("."))
        return Died(reason)

    @staticmethod
    def _end(child: subprocess.Popen[bytes]) -> None:
        child.kill()  # it holds nothing that a gentle end would save, and a hanging one knows no other
        try:
            child.wait(timeout=0.5)
        except subprocess.TimeoutExpired:  # stuck in the kernel, on a dead network mount for one
            log.warning("The process of a deck (%d) does not end; it is left behind.", child.pid)
        for pipe in (child.stdin, child.stdout):
            assert pipe is not None
            try:
                pipe.close()
            except OSError:  # what was still buffered for a dead child
                log.debug("Deck pipe closed with commands unread.")
