"""The microphone as seen from the daemon: levels, from a child process (child.py). Only `heard` waits."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from player.playback.child import ChildProcess
from player.playback.room_noise.reading import NoiseReading
from player.system.child_process import module_command

CHILD = module_command("player.playback.room_noise.child")
STARTING = "listening has just begun"


class Microphone(Protocol):
    """Hears the room; no method waits."""

    problem: str | None
    """Why nothing is heard, in words."""

    def poll(self, now: float, source: str | None, sink: str) -> NoiseReading | None:
        """A new reading, about once a second. `source` None is the system's own; our music is on `sink`."""
        ...

    def close(self) -> None:
        """Let go of the microphone."""
        ...


class MicrophoneProcess(Microphone):
    """The microphone in a child process of its own, respawned for ever; the first `poll` starts it."""

    def __init__(self, command: Sequence[str] = CHILD, clock: Callable[[], float] = time.monotonic) -> None:
        self._command, self._clock = command, clock
        self._child: ChildProcess | None = None
        self._told: tuple[str | None, str] | None = None
        self.problem: str | None = STARTING

    def poll(self, now: float, source: str | None, sink: str) -> NoiseReading | None:
        """See Microphone."""
        if self._child is None:
            self._child = ChildProcess("The room listener", self._command, self._clock)
        reading = None
        for said in self._child.poll(now):
            match said:
                case {"say": "ready"}:
                    self._told = None
                case {"say": "reading", "noise_db": noise_db, "music_db": music_db}:
                    reading, self.problem = NoiseReading(noise_db, music_db), None
                case {"say": "deaf" | "died", "reason": str(reason)}:
                    self.problem = reason
        if self._child.ready and self._told != (source, sink):
            self._told = (source, sink)
            self._child.tell("listen", microphone=source, sink=sink)
        return reading

    def close(self) -> None:
        """See Microphone."""
        if self._child is not None:
            self._child.close()
            self._child, self._told, self.problem = None, None, STARTING


def heard(microphone: Microphone, source: str | None, sink: str, patience_s: float = 8.0) -> str | None:
    """Wait until it hears something, and close it; None if it did, or else why not."""
    until = time.monotonic() + patience_s
    try:
        while time.monotonic() < until:
            microphone.poll(time.monotonic(), source, sink)
            if microphone.problem is None or microphone.problem != STARTING:
                return microphone.problem
            time.sleep(0.05)
        return "nothing was heard of the microphone"
    finally:
        microphone.close()
