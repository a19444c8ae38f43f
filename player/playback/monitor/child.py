"""The audio monitor: a small process that hears what the loudspeaker gets, at the monitor of the decks' sink.

    python -m player.playback.monitor.child

It speaks JSON lines like a deck; player/playback/monitor/audio_monitor.py is the other end.

    {"do": "watch", "pids": [P, ...]}    the decks' processes, whose streams are ours

    {"say": "ready"} {"say": "alive"} {"say": "fatal", "reason": R}
    {"say": "heard", "server": true, "sinks": [SINK, ...], "streams": [STREAM, ...]}
    {"say": "heard", "server": false, "reason": R}             nobody to ask: PulseAudio does not run

    SINK    {"name": N, "description": D, "default": bool, "muted": bool}
    STREAM  {"pid": P, "sink": N, "muted": bool, "peak_db": L}

`muted` is also what is turned down to nothing. A stream's `peak_db` is what of it has come out of the sink
since the last report, in dBFS, -120 for silence: the lesser of two peaks, of the stream's and of the sink's,
so that neither another program on the same sink nor a muted sink can pass for our music.

libpulse's peak meters do the work in the server; what arrives here are ten numbers a second for each.
PulseAudio may be absent, restart, move streams and change sinks: all that is only a report.
"""

from __future__ import annotations

import ctypes
import math
import queue
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from player.playback.pulse import OURS
from player.playback.record_stream import MIXER, RecordStream
from player.system.child_side import Command, Report, read_commands, take_stdout

REPORT_S = 0.25
LOOK_S = 0.05
"""A server that changes is looked at no more often than this: fades change volumes all the time."""
RETRY_S = 1.0
PEAKS_HZ = 10
FLOOR_DB = -120.0
LEVELS_AT_ONCE = 2
"""Peaks that travel in one packet."""
EVERYWHERE = None
"""A meter's stream if it listens to the whole sink."""


class PeakMeter(RecordStream):
    """A stream of peaks, of a whole sink (its monitor) or of one stream on it.

    Raises pulsectl's CallError if the server refuses.
    """

    def __init__(self, pulsectl: Any, context: Any, source: int, stream: int | None) -> None:
        self._peak = 0.0
        # Without ADJUST_LATENCY: the sink keeps the long buffers that spare the processor.
        flags = (
            pulsectl.PA_STREAM_DONT_MOVE
            | pulsectl.PA_STREAM_PEAK_DETECT
            | pulsectl.PA_STREAM_DONT_INHIBIT_AUTO_SUSPEND
        )
        super().__init__(pulsectl, context, source, stream, PEAKS_HZ, LEVELS_AT_ONCE, flags, MIXER)

    def on_samples(self, samples: ctypes.Array[ctypes.c_float]) -> None:
        """See RecordStream."""
        self._peak = max(self._peak, *samples)

    def take(self) -> float:
        """The highest peak since the last call, 0 to 1 (or more)."""
        peak, self._peak = self._peak, 0.0
        return peak


class MonitorWorker:
    """What one connection to the server shows: sinks, our streams, and how loud they are."""

    def __init__(self) -> None:
        import pulsectl  # noqa: PLC0415 - it loads libpulse, which may be missing: that is a report, too
        from pulsectl import _pulsectl  # noqa: PLC0415 - its meters live for one call; ours stay

        self._module, self._c = pulsectl, _pulsectl
        self._pulse: Any = None
        self._meters: dict[tuple[int, int | None], PeakMeter] = {}
        self._sinks: list[Any] = []
        self._streams: list[Any] = []
        self._default = ""
        self._changed = False
        self._looked_at = -math.inf
        self.pids: set[int] = set()
        self.urgent = False
        """Whether one of our streams has come, gone, moved or been muted since the last report."""

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What is raised if the server is not there, or is no more."""
        return (self._module.PulseError, self._module.PulseDisconnected, self._c.pa.CallError)

    def connect(self) -> None:
        """Reach the server. Raises PulseError if there is none."""
        pulse = self._module.Pulse("ambient-player monitor", connect=False)
        try:
            pulse.connect()
            pulse.event_mask_set("sink", "sink_input", "server")
        except self._module.PulseError:
            pulse.close()
            raise
        pulse.event_callback_set(self._on_change)
        self._pulse, self._changed = pulse, True

    @property
    def connected(self) -> bool:
        """Whether the server was there a moment ago."""
        return self._pulse is not None

    def disconnect(self) -> None:
        """Forget the server; its meters are gone with it."""
        if self._pulse is not None:
            for meter in self._meters.values():
                meter.close()
            self._pulse.close()
            self._pulse = None
            self._meters, self._sinks, self._streams = {}, [], []

    def wait(self, seconds: float) -> None:
        """Let libpulse work. Raises PulseDisconnected if the server is gone."""
        self._pulse.event_listen(seconds)

    def look(self, now: float) -> None:
        """See which sinks and streams there are, if any may have changed; listen to ours."""
        if not self._changed or now < self._looked_at + LOOK_S:
            return
        self._changed, self._looked_at = False, now
        before = self._placed()
        self._sinks, self._streams = self._pulse.sink_list(), self._pulse.sink_input_list()
        self._default = self._pulse.server_info().default_sink_name
        self._listen()
        self.urgent |= before != self._placed()

    def watch(self, pids: Sequence[int]) -> None:
        """The processes whose streams are ours."""
        self.pids, self._changed = set(pids), True

    def report(self) -> Report:
        """What was heard since the last report."""
        self.urgent = False
        peaks = {key: _db(meter.take()) for key, meter in self._meters.items()}
        streams = []
        for way in self._ours():
            peak_db = min(peaks.get(key, FLOOR_DB) for hop in way for key in _meters(*hop))
            (stream, _), (_, sink) = way[0], way[-1]
            muted = any(_muted(thing) for hop in way for thing in hop if thing is not sink)
            streams.append({"pid": _pid(stream), "sink": sink.name, "muted": muted, "peak_db": peak_db})
        sinks = [
            {
                "name": sink.name,
                "description": sink.description,
                "default": sink.name == self._default,
                "muted": _muted(sink),
            }
            for sink in self._sinks
            if not sink.name.startswith(OURS)
        ]
        return {"say": "heard", "server": True, "sinks": sinks, "streams": streams}

    def _on_change(self, _: object) -> None:
        self._changed = True
        raise self._module.PulseLoopStop

    def _ours(self) -> list[list[tuple[Any, Any]]]:
        """The way of each of our streams, through the sinks of filters, to the output."""
        ours = [stream for stream in self._streams if _pid(stream) in self.pids]
        return [way for stream in ours if (way := self._way(stream))]

    def _way(self, stream: Any) -> list[tuple[Any, Any]]:
        """(stream, its sink), then what the filter there sends on and its sink, and so on."""
        way: list[tuple[Any, Any]] = []
        sinks = {sink.index: sink for sink in self._sinks}
        while (sink := sinks.pop(stream.sink, None)) is not None:
            way.append((stream, sink))
            module = sink.owner_module
            sent = [each for each in self._streams if each.owner_module == module != self._c.PA_INVALID]
            if len(sent) != 1:  # an output, or several at once
                break
            stream = sent[0]
        return way

    def _placed(self) -> set[tuple[int, str, bool, bool]]:
        hops = [hop for way in self._ours() for hop in way]
        return {(stream.index, sink.name, bool(stream.mute), bool(sink.mute)) for stream, sink in hops}

    def _listen(self) -> None:
        """A meter for each of our streams and one for each sink on their way, no more and no less."""
        wanted: set[tuple[int, int | None]] = set()
        for way in self._ours():
            wanted |= {key for hop in way for key in _meters(*hop)}
        for key in self._meters.keys() - wanted:
            self._meters.pop(key).close()
        for source, stream in wanted - self._meters.keys():
            try:
                self._meters[source, stream] = PeakMeter(self._c, self._pulse._ctx, source, stream)
            except self._c.pa.CallError:  # it is gone again: the next change says so
                self._changed = True


def _meters(stream: Any, sink: Any) -> tuple[tuple[int, int | None], tuple[int, int | None]]:
    return (sink.monitor_source, EVERYWHERE), (sink.monitor_source, stream.index)


def _pid(stream: Any) -> int | None:
    said = stream.proplist.get("application.process.id", "")
    return int(said) if said.isdigit() else None


def _muted(thing: Any) -> bool:
    return bool(thing.mute) or max(thing.volume.values, default=1.0) == 0.0


def _db(peak: float) -> float:
    return round(20 * math.log10(peak), 1) if peak > 1e-6 else FLOOR_DB


def serve(
    monitor: MonitorWorker, commands: queue.SimpleQueue[Command], say: Callable[[Report], None]
) -> None:
    """Listen and report for ever; the process ends with its stdin."""
    next_report_at = next_try_at = 0.0
    trouble = "PulseAudio has not been asked yet"
    while True:
        while not commands.empty():
            monitor.watch(commands.get()["pids"])
        now = time.monotonic()
        try:
            if monitor.connected:
                monitor.wait(max(0.01, next_report_at - now))
                now = time.monotonic()
                monitor.look(now)
            elif now >= next_try_at:
                next_try_at = now + RETRY_S
                monitor.connect()
            else:
                time.sleep(REPORT_S)
        except monitor.errors as error:
            trouble = f"PulseAudio cannot be reached ({error or type(error).__name__})"
            monitor.disconnect()
        if now >= next_report_at or monitor.urgent:
            next_report_at = now + REPORT_S
            say(
                monitor.report()
                if monitor.connected
                else {"say": "heard", "server": False, "reason": trouble}
            )


def main() -> int:
    """Be the audio monitor until stdin ends."""
    say = take_stdout()
    commands = read_commands()
    try:
        monitor = MonitorWorker()
    except (ImportError, OSError, AttributeError) as error:
        say({"say": "fatal", "reason": f"libpulse cannot be loaded ({error}): sudo apt install libpulse0"})
        return 1
    say({"say": "ready"})
    serve(monitor, commands, say)
    return 0


if __name__ == "__main__":
    sys.exit(main())
