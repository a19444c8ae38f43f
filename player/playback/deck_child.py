"""One deck: a small process of its own with a libVLC player, which does what it is told over its stdin.

    python -m player.playback.deck_child OUTPUT

Commands and reports are JSON objects, one a line; player/playback/deck.py is the other end.

    {"do": "load", "load": N, "path": P, "gain": G, "start_s": S}   silent, not yet playing
    {"do": "play"} {"do": "pause"} {"do": "resume"} {"do": "stop"} {"do": "seek", "position_s": S}
    {"do": "fade", "to": E, "start_at": T, "duration_ms": D}        T on CLOCK_MONOTONIC
    {"do": "volume", "gain": G, "duration_ms": D}                   0 until it is first set

    {"say": "ready"} {"say": "alive"} {"say": "fatal", "reason": R}
    {"say": "playing" | "position", "load": N, "at": T, "position_s": S, "duration_s": D, "blocks": B}
    {"say": "ended" | "faded", "load": N}  {"say": "failed" | "no_output", "load": N, "reason": R}

What is heard is gain (the track's, fixed) x fade (crossfades) x volume (the house's) x hold (a short ramp
around a pause). The one thread here owns libVLC; a second one only reads stdin, and ends the process when
the parent is gone, even while libVLC hangs. Only the standard library is imported.
"""

from __future__ import annotations

import math
import queue
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from player.errors import OutputError
from player.playback.child_side import Command, Report, read_commands, take_stdout
from player.playback.fades import Envelope
from player.playback.vlc import VlcDeck, VlcEvent, is_stream

STEP_S = 0.015
"""Between two steps of a fade: at 6 s a step changes the level by less than libVLC's own grain."""
REST_S = 0.05
REPORT_S = 0.25
RUNNING_S = 0.25
"""A track runs once its position has moved this far and sound has gone to the output."""
HOLD_S = 0.15
OUTPUT_ERRORS = 8
"""So many errors of the output within a second mean that it is gone; it says a few while it starts."""


class Player(Protocol):
    """What the deck needs of libVLC; VlcDeck says what each member does."""

    @property
    def position_s(self) -> float: ...  # noqa: D102
    @property
    def duration_s(self) -> float: ...  # noqa: D102
    @property
    def blocks_played(self) -> int: ...  # noqa: D102
    @property
    def astray(self) -> str: ...  # noqa: D102
    def load(self, path: str, start_s: float) -> None: ...  # noqa: D102
    def play(self) -> None: ...  # noqa: D102
    def pause(self) -> None: ...  # noqa: D102
    def resume(self) -> None: ...  # noqa: D102
    def seek(self, position_s: float) -> None: ...  # noqa: D102
    def set_gain(self, gain: float) -> bool: ...  # noqa: D102
    def events(self) -> list[VlcEvent]: ...  # noqa: D102
    def release(self) -> None: ...  # noqa: D102


class DeckWorker:
    """The deck's state: at most one track, and the four gains that make its level."""

    def __init__(self, player: Player, say: Callable[[Report], None]) -> None:
        self._player = player
        self._say = say
        self._load = 0
        self._state = "idle"  # idle, loaded, starting, playing, pausing, paused
        self._gain = 1.0
        self._fade, self._volume, self._hold = Envelope(0.0), Envelope(0.0), Envelope(1.0)
        self._fading = False
        self._gliding = False
        self._start_s = 0.0
        self._position = (0.0, 0.0)
        self._next_report_at = 0.0
        self._errors: deque[tuple[float, str]] = deque(maxlen=OUTPUT_ERRORS)

    @property
    def patience_s(self) -> float:
        """How long the deck may wait for a command before its next `tick`."""
        return STEP_S if self._gliding else REST_S if self._state != "idle" else REPORT_S

    def obey(self, command: Command, now: float) -> None:
        """Do one command; a command that makes no sense in the present state is let pass."""
        match command["do"]:
            case "load":
                self._take(command)
            case "play" if self._state == "loaded":
                self._player.play()
                self._state = "starting"
            case "fade" if self._state != "idle":
                self._fade.glide(command["to"], command["start_at"], command["duration_ms"] / 1000)
                self._fading = True
            case "volume":
                self._volume.glide(command["gain"], now, command["duration_ms"] / 1000, "linear")
            case "pause" if self._state in {"starting", "playing"}:
                self._hold.glide(0.0, now, HOLD_S)
                self._state = "pausing"
            case "resume" if self._state in {"pausing", "paused"}:
                self._player.resume()
                self._hold.glide(1.0, now, HOLD_S)
                self._state = "starting"
            case "seek" if self._state != "idle":
                self._player.seek(command["position_s"])
            case "stop":
                self._rest()
        self.tick(now)

    def tick(self, now: float) -> None:
        """Move the fades on, hear what libVLC says, report."""
        if self._state != "idle":
            self._listen(now)
        if self._state != "idle":
            gains = (self._fade, self._volume, self._hold)
            self._player.set_gain(self._gain * math.prod(gain.gain(now) for gain in gains))
            self._gliding = not all(gain.settled(now) for gain in gains)
            if self._fading and self._fade.settled(now):
                self._fading = False
                self._report("faded")
            if self._state == "pausing" and self._hold.settled(now):
                self._player.pause()
                self._state = "paused"
            self._follow(now)
        if now >= self._next_report_at:
            self._next_report_at = now + REPORT_S
            if self._state == "playing":
                self._report("position", **self._whereabouts(now))
            else:
                self._say({"say": "alive"})

    def _take(self, command: Command) -> None:
        self._rest()
        self._load, self._gain, self._start_s = command["load"], command["gain"], command["start_s"]
        self._fade, self._hold = Envelope(0.0), Envelope(1.0)
        if not is_stream(command["path"]) and not Path(command["path"]).is_file():
            self._report("failed", reason="there is no such file")
            return
        try:
            self._player.load(command["path"], self._start_s)
        except OutputError as error:
            self._report("no_output", reason=f"no audio device: {error}")
            return
        self._state = "loaded"

    def _listen(self, now: float) -> None:
        for event in self._player.events():
            if event.kind == "output_error":
                self._errors.append((now, event.text))
            else:
                self._end(event)
                return
        if len(self._errors) == OUTPUT_ERRORS and now - self._errors[0][0] < 1.0:
            self._no_output(f"no audio device: {self._errors[0][1]}")
        elif self._player.astray:
            self._no_output(self._player.astray)

    def _no_output(self, reason: str) -> None:
        self._rest()
        self._report("no_output", reason=reason)

    def _end(self, event: VlcEvent) -> None:
        heard = self._player.blocks_played > 0
        self._rest()
        if event.kind == "ended" and heard:
            self._report("ended")
        else:
            self._report("failed", reason="libVLC finds no sound in it that it can play")

    def _follow(self, now: float) -> None:
        """Keep the position, and notice when sound really goes out."""
        position_s = self._player.position_s
        if position_s != self._position[0]:
            self._position = (position_s, now)
        moved_s = position_s - self._start_s
        if self._state == "starting" and moved_s >= RUNNING_S and self._player.blocks_played > 0:
            self._state = "playing"
            self._report("playing", **self._whereabouts(now))

    def _whereabouts(self, now: float) -> Report:
        position_s, since = self._position
        return {
            "at": now,
            # libVLC moves its position on every 0.3 s; between two of its steps the clock knows better.
            "position_s": position_s + min(now - since, 0.3),
            "duration_s": self._player.duration_s,
            "blocks": self._player.blocks_played,
        }

    def _rest(self) -> None:
        self._player.release()
        self._errors.clear()
        self._position = (0.0, 0.0)
        self._fading = False
        self._state = "idle"

    def _report(self, say: str, **more: object) -> None:
        self._say({"say": say, "load": self._load, **more})


def serve(worker: DeckWorker, commands: queue.SimpleQueue[Command]) -> None:
    """Obey and tick for ever; the process ends with its stdin."""
    while True:
        try:
            worker.obey(commands.get(timeout=worker.patience_s), time.monotonic())
        except queue.Empty:
            worker.tick(time.monotonic())


def main() -> int:
    """Run the deck on the output named by the first argument."""
    say = take_stdout()
    commands = read_commands()
    try:
        player = VlcDeck(sys.argv[1])
    except OutputError as error:
        say({"say": "fatal", "reason": str(error)})
        return 1
    say({"say": "ready"})
    serve(DeckWorker(player, say), commands)
    return 0


if __name__ == "__main__":
    sys.exit(main())
