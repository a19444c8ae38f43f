"""What is asked of PulseAudio, or PipeWire in its place, but for what the audio monitor hears.

The doctor asks for the default sink. A deck asks before each track whether the volume of its stream would
move the system's own (`flat-volumes = yes`), and plays through a sink of ours if it would; and it has the
sink mix no further ahead than libVLC's stream will want.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import count
from typing import Any, NamedTuple, TypeVar

from player.errors import OutputError

OURS = "ambient_player_"
"""Sinks of this name and a number are ours, and no outputs."""
_OWNER = "ambient-player.pid"
_FLAT_VOLUME = 0x0040  # PA_SINK_FLAT_VOLUME (pulse/def.h)
_DYNAMIC_LATENCY = 0x0080  # PA_SINK_DYNAMIC_LATENCY (pulse/def.h)
_START_CORKED = 0x0001  # PA_STREAM_START_CORKED (pulse/def.h)
_MODULE = "module-remap-sink"
_AHEAD_MS = 40
"""What libVLC's own stream has a sink mix ahead (libVLC 3.0.24: 120 ms less twice a request of 40 ms)."""
_PEAKS_HZ = 1000
"""Of the stream that asks for it; nothing goes through it."""
_LONGEST_S = 2.0
"""No sink of PulseAudio's mixes further ahead."""
_Answer = TypeVar("_Answer")


class Detour(NamedTuple):
    """A sink of ours, and the one that it leads to."""

    sink: str
    leads_to: str


class Detours:
    """The way round flat volumes: on a filter's sink a stream has a volume of its own, and moves no other.

    A process has one detour at most. Without a `lead` PulseAudio is not asked at all.
    """

    def __init__(self) -> None:
        self._may_exist = False

    def lead(self, sink: str) -> Detour | None:
        """A new detour to a sink ("" for the default one); None if none is needed, or no sink is there.

        Raises OutputError if one is needed and PulseAudio refuses it.
        """
        return _ask("deck", lambda pulse: self._lead(pulse, sink))

    def close(self) -> None:
        """Take away what `lead` made."""
        if self._may_exist:
            self._may_exist = False
            _ask("deck", _unload_own)

    def _lead(self, pulse: Any, wanted: str) -> Detour | None:
        sinks = pulse.sink_list()
        name = wanted or pulse.server_info().default_sink_name
        there = next((sink for sink in sinks if sink.name == name), None)
        if left := [sink for sink in sinks if (pid := _owner(sink)) is not None and not _lives(pid)]:
            used = {stream.sink for stream in pulse.sink_input_list()}
            _unload(pulse, [sink for sink in left if sink.index not in used])
        if there is None or not there.flags & _FLAT_VOLUME:
            return None
        self._may_exist = True
        return Detour(_load(pulse, there, {sink.name for sink in sinks}), there.name)


class ShortAhead:
    """Has a sink mix only a little ahead from before the first stream on it until the process ends.

    A sink that nobody listens to mixes 2 s of silence ahead. libVLC's stream shortens that when it is made,
    the moment it is to be heard, and a sink that does not take back what it has mixed then (module-null-sink)
    plays it out first: libVLC finds itself seconds late, throws sound away and puts silence in.

    What asks for it is a stream on the sink's monitor that is corked: it gets no sound and costs nothing,
    it keeps no sink awake, and no mixer lists it.
    """

    def __init__(self, sink: str) -> None:
        """`sink` by its name, "" for the default one."""
        self._sink = sink
        self._held: Any = None

    def hold(self) -> float:
        """Hold the sink and no other; in how many seconds it mixes only so far ahead.

        Asked before each track: the sink may be another one, and the server a new one.
        """
        return _ask("deck", self._hold) or 0.0

    def _hold(self, pulse: Any) -> float:
        name = self._sink or pulse.server_info().default_sink_name
        there = next((sink for sink in pulse.sink_list() if sink.name == name), None)
        before, self._held = self._held, None
        ahead_s = 0.0
        if there is not None and there.flags & _DYNAMIC_LATENCY:
            self._held = type(pulse)("ambient-player deck", connect=False)
            self._held.connect()
            _listen_corked(self._held, there.monitor_source)
            # On the same connection: it is answered only when the stream has been made.
            ahead_s = self._held.sink_info(there.index).latency / 1e6 - _AHEAD_MS / 1000
        if before is not None:
            before.close()  # only now: meanwhile the sink would mix far ahead again
        return min(max(0.0, ahead_s), _LONGEST_S)


def default_sink() -> str | None:
    """The sink that `auto` and `pulse` play on, None if there is no PulseAudio, or it has no sink."""
    return _ask("doctor", lambda pulse: str(pulse.server_info().default_sink_name) or None)


def _ask(who: str, question: Callable[[Any], _Answer | None]) -> _Answer | None:
    """The answer over a connection of its own; None if PulseAudio is not there, or goes meanwhile."""
    try:
        import pulsectl  # noqa: PLC0415 - it loads libpulse, which may be missing
    except (ImportError, OSError, AttributeError):
        return None
    with (
        suppress(pulsectl.PulseError, pulsectl.PulseDisconnected),
        pulsectl.Pulse(f"ambient-player {who}", connect=False) as pulse,
    ):
        pulse.connect()  # with its timeout it would wait for all of it, whatever the answer
        return question(pulse)
    return None


def _load(pulse: Any, master: Any, taken: set[str]) -> str:
    """Have a sink of ours that leads to `master`; returns its name."""
    name = next(name for number in count(1) if (name := f"{OURS}{number}") not in taken)
    about = f"device.description='Ambient player' {_OWNER}={os.getpid()}"
    try:
        module = pulse.module_load(
            _MODULE, f'sink_name={name} sink_properties="{about}" master={master.name} remix=no'
        )
    except Exception as error:
        if not pulse.connected:
            raise
        raise OutputError(
            "PulseAudio's flat volumes would move the system's own volume with every fade, and it refuses"
            f" the module that prevents it ({_MODULE}): write flat-volumes = no into /etc/pulse/daemon.conf"
            " and restart PulseAudio."
        ) from error
    sink = next(sink for sink in pulse.sink_list() if sink.owner_module == module)
    # PulseAudio remembers volumes by the name of a sink: the gain is ours.
    pulse.volume_set_all_chans(sink, 1.0)
    pulse.mute(sink, mute=False)
    return str(sink.name)


def _listen_corked(pulse: Any, source: int) -> None:
    """A corked stream on a sink's monitor, which lives as long as the connection."""
    from pulsectl import _pulsectl as c  # noqa: PLC0415 - as above

    spec = c.PA_SAMPLE_SPEC(format=c.PA_SAMPLE_FLOAT32NE, rate=_PEAKS_HZ, channels=1)
    # With ADJUST_LATENCY, and only so, the sink has to go by it, too.
    packet = c.PA_BUFFER_ATTR(maxlength=2**32 - 1, fragsize=4 * _PEAKS_HZ * _AHEAD_MS // 1000)
    # Mixers list no meters of this name, and it must not appear as one who records.
    names = c.pa.proplist_from_string("application.id=org.PulseAudio.pavucontrol")
    stream = c.pa.stream_new_with_proplist(pulse._ctx, "ahead", ctypes.byref(spec), None, names)
    c.pa.proplist_free(names)
    flags = (
        _START_CORKED
        | c.PA_STREAM_ADJUST_LATENCY
        | c.PA_STREAM_DONT_MOVE
        | c.PA_STREAM_PEAK_DETECT
        | c.PA_STREAM_DONT_INHIBIT_AUTO_SUSPEND
    )
    with suppress(c.pa.CallError):  # the sink is gone again
        c.pa.stream_connect_record(stream, str(source).encode(), packet, flags)
    c.pa.stream_unref(stream)  # the connection keeps it


def _unload_own(pulse: Any) -> None:
    _unload(pulse, [sink for sink in pulse.sink_list() if _owner(sink) == os.getpid()])


def _unload(pulse: Any, sinks: Sequence[Any]) -> None:
    for sink in sinks:
        pulse.module_unload(sink.owner_module)


def _owner(sink: Any) -> int | None:
    """The process that a sink of ours belongs to; None of any other sink."""
    said = sink.proplist.get(_OWNER, "") if sink.name.startswith(OURS) else ""
    return int(said) if said.isdigit() else None


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True
