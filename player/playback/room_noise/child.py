"""The room listener: a small process that hears a microphone, and says how loud the room is beside our music.

    python -m player.playback.room_noise.child

It speaks JSON lines like a deck; player/playback/room_noise/microphone.py is the other end.

    {"do": "listen", "microphone": NAME or null, "sink": NAME}    null is the system's own microphone

    {"say": "ready"} {"say": "alive"} {"say": "fatal", "reason": R}
    {"say": "reading", "noise_db": L or null, "music_db": L or null}    once a second
    {"say": "deaf", "reason": R}                                        nothing can be heard just now

No sample leaves this process, and none stays in it: what arrives becomes the power in six bands ten times a
second, and the sound is forgotten (bands.py). What is played comes from the sink's monitor.
"""

from __future__ import annotations

import ctypes
import queue
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np

from player.playback.record_stream import RecordStream
from player.playback.room_noise.bands import FRAME, RATE_HZ
from player.playback.room_noise.listener import Backlog, Listener
from player.system.child_side import Command, Report, read_commands, step_back, take_stdout

APPLICATION = "ambient-player.room-noise"
ALIVE_S = 0.25
RETRY_S = 2.0
DEAF_S = 5.0
"""A microphone that gives nothing for so long is unplugged, or muted by a switch of its own."""


class Ear(RecordStream):
    """A stream of sound, of a microphone or of a sink's monitor; see RecordStream."""

    def __init__(self, pulsectl: Any, context: Any, source: str | None, *, prompt: bool) -> None:
        """`prompt`: have it delivered soon; a sink keeps the long buffers that spare the processor."""
        self.backlog = Backlog()
        flags = pulsectl.PA_STREAM_ADJUST_LATENCY if prompt else pulsectl.PA_STREAM_DONT_INHIBIT_AUTO_SUSPEND
        super().__init__(
            pulsectl,
            context,
            source,
            None,
            RATE_HZ,
            FRAME // 2,
            flags | pulsectl.PA_STREAM_DONT_MOVE,
            APPLICATION,
        )

    def on_samples(self, samples: ctypes.Array[ctypes.c_float]) -> None:
        """See RecordStream."""
        self.backlog.put(np.nan_to_num(np.clip(np.array(samples, dtype=np.float64), -4, 4)))


class RoomListener:
    """One connection to the server, with the microphone and the output on it."""

    def __init__(self) -> None:
        import pulsectl  # noqa: PLC0415 - it loads libpulse, which may be missing: that is a report, too
        from pulsectl import _pulsectl  # noqa: PLC0415 - its record streams live for one call; ours stay

        self._module, self._c = pulsectl, _pulsectl
        self._pulse: Any = None
        self._ears: list[Ear] = []
        self._listener: Listener | None = None
        self._wanted: Command | None = None
        self._said_at = 0.0

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What is raised if the server is not there, or is no more, or has no such microphone."""
        return (self._module.PulseError, self._module.PulseDisconnected, self._c.pa.CallError, LookupError)

    def want(self, command: Command) -> None:
        """Listen to other sources from now on."""
        if command != self._wanted:
            self.close()
            self._wanted = command

    @property
    def is_wanted(self) -> bool:
        """Whether it was said what to listen to."""
        return self._wanted is not None

    @property
    def is_open(self) -> bool:
        """Whether it listens."""
        return self._listener is not None

    def open(self, now: float) -> None:
        """Reach the server and listen. Raises one of `errors`, LookupError with what is missing."""
        assert self._wanted is not None
        self._pulse = self._module.Pulse("ambient-player room listener", connect=False)
        self._pulse.connect()
        monitor = self._pulse.get_sink_by_name(self._wanted["sink"]).monitor_source_name
        name = self._wanted["microphone"] or self._pulse.server_info().default_source_name
        sources = {source.name for source in self._pulse.source_list()}
        if self._wanted["microphone"] is None and (name not in sources or name.endswith(".monitor")):
            raise LookupError("no microphone is connected")
        if name not in sources:
            raise LookupError(f"there is no microphone called {name}")
        if name == monitor:
            raise LookupError(f"{name} is the music's own output and no microphone")
        for source, prompt in ((name, True), (monitor, False)):
            self._ears.append(Ear(self._c, self._pulse._ctx, source, prompt=prompt))
        self._pulse.event_mask_set("null")
        self._pulse.event_callback_set(lambda _: None)  # else pulsectl runs no loop, in which the ears hear
        self._listener = Listener(*(ear.backlog for ear in self._ears))
        self._said_at = now

    def listen(self, seconds: float, now: float) -> list[Report]:
        """Let libpulse work for so long; what has become known. Raises one of `errors`."""
        assert self._listener is not None
        self._pulse.event_listen(seconds)
        found = self._listener.readings()
        if found:
            self._said_at = now
        elif now - self._said_at > DEAF_S:
            raise LookupError("the microphone gives no sound: is it plugged in?")
        return [{"say": "reading", **asdict(reading)} for reading in found]

    def close(self) -> None:
        """Listen no more, and forget what was learnt of this room."""
        for ear in self._ears:
            ear.close()
        self._ears, self._listener = [], None
        if self._pulse is not None:
            self._pulse.close()
            self._pulse = None


def serve(
    listener: RoomListener, commands: queue.SimpleQueue[Command], say: Callable[[Report], None]
) -> None:
    """Listen and say what is known for ever; the process ends with its stdin."""
    next_alive_at = next_try_at = 0.0
    while True:
        while not commands.empty():
            listener.want(commands.get())
            next_try_at = 0.0
        now = time.monotonic()
        try:
            if listener.is_open:
                for report in listener.listen(0.1, now):
                    say(report)
            elif listener.is_wanted and now >= next_try_at:
                next_try_at = now + RETRY_S
                listener.open(now)
            else:
                time.sleep(0.1)
        except listener.errors as error:
            listener.close()
            say({"say": "deaf", "reason": _reason(error)})
        if now >= next_alive_at:
            next_alive_at = now + ALIVE_S
            say({"say": "alive"})


def _reason(error: Exception) -> str:
    if isinstance(error, LookupError) and error.args:
        return str(error.args[0])
    return f"PulseAudio cannot be asked for the microphone ({error or type(error).__name__})"


def main() -> int:
    """Be the room listener until stdin ends."""
    say = take_stdout()
    commands = read_commands()
    step_back(background=False, niceness=5)
    try:
        listener = RoomListener()
    except (ImportError, OSError, AttributeError) as error:
        say({"say": "fatal", "reason": f"libpulse cannot be loaded ({error}): sudo apt install libpulse0"})
        return 1
    say({"say": "ready"})
    serve(listener, commands, say)
    return 0


if __name__ == "__main__":
    sys.exit(main())
