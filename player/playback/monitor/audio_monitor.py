"""The ear as seen from the daemon: what the loudspeaker gets, from a child process (child.py).

Nothing here waits. Where nobody listens, `hearing` is None and says nothing about the music.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from player.playback.child import ChildProcess
from player.system.child_process import module_command
from player.types import Json

CHILD = module_command("player.playback.monitor.child")
STALE_S = 1.5
"""What was heard longer ago is no longer true."""


@dataclass(frozen=True, slots=True)
class Sink:
    """An output of PulseAudio."""

    name: str
    description: str
    default: bool
    muted: bool
    """By anyone, or its volume is at zero."""


@dataclass(frozen=True, slots=True)
class PlayedStream:
    """The sound of one of our decks, as PulseAudio has it."""

    pid: int
    sink: str
    muted: bool
    peak_db: float
    """What of it has come out of the sink in the last quarter of a second, in dBFS; -120 is silence."""


@dataclass(frozen=True, slots=True)
class Levels:
    """One report; `sinks` and `streams` are of the moment `at`."""

    at: float
    sinks: tuple[Sink, ...]
    streams: tuple[PlayedStream, ...]

    def sink(self, name: str) -> Sink | None:
        """The sink of that name."""
        return next((sink for sink in self.sinks if sink.name == name), None)


class AudioMonitor(Protocol):
    """Listens; what it hears is there after `poll`. No method waits."""

    levels: Levels | None
    """The last report; None where there is no PulseAudio, or nobody listens to it just now."""
    answered: bool
    """Whether it has ever said anything, be it that there is nothing to listen to."""

    def poll(self, now: float, pids: Sequence[int]) -> None:
        """Hear the news about the streams of these processes."""
        ...

    def close(self) -> None:
        """End it for good."""
        ...


class NullMonitor(AudioMonitor):
    """The ear where there is none: only the decks' own account counts."""

    levels = None
    answered = True

    def poll(self, now: float, pids: Sequence[int]) -> None:
        """See Ear."""

    def close(self) -> None:
        """See Ear."""


class AudioMonitorProcess(AudioMonitor):
    """The ear in a child process of its own, respawned for ever."""

    def __init__(self, command: Sequence[str] = CHILD, clock: Callable[[], float] = time.monotonic) -> None:
        self._command, self._clock = command, clock
        self._child: ChildProcess | None = None
        self._pids: tuple[int, ...] | None = None
        self.levels: Levels | None = None
        self.answered = False

    @property
    def pid(self) -> int | None:
        """The process id, None while there is no process."""
        return self._child.pid if self._child is not None else None

    def poll(self, now: float, pids: Sequence[int]) -> None:
        """See Ear. The first call starts it."""
        if self._child is None:
            self._child = ChildProcess("The ear", self._command, self._clock)
        for said in self._child.poll(now):
            match said:
                case {"say": "ready"}:
                    self._pids = None
                case {"say": "heard", "server": True}:
                    self.levels, self.answered = _levels(said, now), True
                case {"say": "heard" | "died"}:
                    self.levels, self.answered = None, True
        if self.levels is not None and now - self.levels.at > STALE_S:
            self.levels = None
        if self._child.ready and tuple(pids) != self._pids:
            self._pids = tuple(pids)
            self._child.tell("watch", pids=self._pids)

    def close(self) -> None:
        """See Ear."""
        if self._child is not None:
            self._child.close()


def _levels(said: Json, now: float) -> Levels:
    sinks, streams = said["sinks"], said["streams"]
    return Levels(
        now, tuple(Sink(**sink) for sink in sinks), tuple(PlayedStream(**stream) for stream in streams)
    )
