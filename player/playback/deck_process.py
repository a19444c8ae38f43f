"""A deck as seen from the daemon: a child process with a libVLC player, deck_child.py. Nothing here waits."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from player.config.settings.playback import PlaybackSettings
from player.playback.child import ChildProcess
from player.playback.deck import (
    Cue,
    Deck,
    DeckEvent,
    Died,
    Ended,
    Faded,
    Failed,
    NoOutput,
    Playing,
    Position,
    Prepared,
)
from player.playback.fades import Envelope
from player.system.child_process import module_command
from player.types import Json

_EVENTS: dict[str, Callable[[Json], DeckEvent]] = {
    "prepared": lambda said: Prepared(said["duration_s"]),
    "playing": lambda said: Playing(said["at"], said["position_s"], said["duration_s"]),
    "position": lambda said: Position(
        said["at"], said["position_s"], said["duration_s"], said.get("blocks", 0)
    ),
    "faded": lambda _: Faded(),
    "ended": lambda _: Ended(),
    "failed": lambda said: Failed(said["reason"]),
    "no_output": lambda said: NoOutput(said["reason"]),
}

CHILD = module_command("player.playback.deck_child")


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
        self._command = tuple(command)
        self._child = ChildProcess(f"Deck {name}", (*command, settings.output), clock)
        self._clock = clock
        self._volume = Envelope()
        self._load = 0

    @property
    def ready(self) -> bool:
        """Whether the child has loaded libVLC and listens."""
        return self._child.ready

    @property
    def pid(self) -> int | None:
        """See Deck."""
        return self._child.pid

    def load(self, cue: Cue) -> None:
        """See Deck."""
        self._load += 1
        how = {"gain": cue.gain, "limit": cue.limit, "start_s": cue.start_s, "bass_db": cue.bass_db}
        how["ahead_ms"] = cue.ahead_ms
        self._child.tell("load", load=self._load, path=str(cue.source), **how)

    def begin(self, at: float) -> None:
        """See Deck."""
        self._child.tell("begin", at=at)

    def fade(self, to: float, start_at: float, duration_ms: int) -> None:
        """See Deck."""
        self._child.tell("fade", to=to, start_at=start_at, duration_ms=duration_ms)

    def set_volume(self, gain: float, duration_ms: int) -> None:
        """See Deck."""
        now = self._clock()
        self._volume.gain(now)  # lets go of what is over
        self._volume.ramp(gain, now, duration_ms / 1000, "linear")
        self._child.tell("volume", gain=gain, duration_ms=duration_ms)

    def pause(self) -> None:
        """See Deck."""
        self._child.tell("pause")

    def resume(self) -> None:
        """See Deck."""
        self._child.tell("resume")

    def stop(self) -> None:
        """See Deck."""
        self._load += 1  # whatever the old track still says is no longer of interest
        self._child.tell("stop")

    def use(self, output: str) -> None:
        """See Deck."""
        self._child.use((*self._command, output))

    def refresh(self) -> None:
        """See Deck."""
        self._child.refresh()

    def restart(self, reason: str) -> None:
        """See Deck."""
        self._child.replace(reason)

    def poll(self, now: float) -> list[DeckEvent]:
        """See Deck."""
        return [event for said in self._child.poll(now) if (event := self._event(said)) is not None]

    def close(self) -> None:
        """See Deck."""
        self._child.close()

    def _take_up_volume(self, now: float) -> None:
        """A new child is as loud as the one before was by now, and goes on from there as slowly."""
        self._child.tell("volume", gain=self._volume.gain(now), duration_ms=0)
        if (left_s := self._volume.end_at - now) > 0:
            self._child.tell("volume", gain=self._volume.target, duration_ms=round(left_s * 1000))

    def _event(self, said: Json) -> DeckEvent | None:
        match said:
            case {"say": "ready"}:
                self._take_up_volume(self._clock())
            case {"say": "fatal", "reason": reason}:
                return NoOutput(reason)
            case {"say": "died", "reason": reason}:
                return Died(reason)
            case {"say": what, "load": load} if load == self._load:
                return _EVENTS[what](said)
        return None
