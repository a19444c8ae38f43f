"""libVLC behind one small class; the only module that imports `vlc`, and only a deck's child process uses it.

libVLC is not re-entrant: every method here is called by one thread, and libVLC's own threads do nothing
but put a note into a queue.
"""

from __future__ import annotations

import ctypes
import math
import os
import queue
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from player.audio.joined import is_joined
from player.errors import AudioFileError, OutputError
from player.playback.frame_count import Counting
from player.playback.pulse import OURS, Detours
from player.system.audio_output import ALLOWED, AudioOutput, OutputKind

if TYPE_CHECKING:
    from player.playback.rendering import Rendering

INSTALL = "install it with: sudo apt install libvlc5 libvlc-bin vlc-plugin-base"
"""libvlc-bin keeps the cache of plugins: without it each start takes 0.3 s and 40 MB more, on a fast disk."""

_OPTIONS = (
    "--intf=dummy",
    "--quiet",
    "--no-video",
    "--no-xlib",
    "--no-spu",
    "--no-osd",
    "--no-lua",
    "--no-interact",
    "--no-sub-autodetect-file",
    "--no-metadata-network-access",
    # The gain is ours: neither a remembered volume nor libVLC's own ReplayGain may come on top of it.
    "--no-volume-save",
    "--audio-replay-gain-mode=none",
    # PulseAudio remembers volumes by role: our fades must not become the volume of other players.
    "--role=none",
    # Tracks play at their own speed: the time stretcher would only cost.
    "--no-audio-time-stretch",
)
_ERROR = 4
"""libvlc_log_level LIBVLC_ERROR."""
_FILE_OPTIONS = (
    # libVLC's own Ogg reader seeks seconds beside the mark, and works by pages: a second at a time. No other
    # one is asked: with "any", what a file with the list of a stream (HLS, DASH) names is fetched.
    ":demux=avformat,none",
    # Opened, decoded and held: `resume` is heard within 20 ms, from the first sample on.
    ":start-paused",
)
COUNTED_S = 0.4
"""The frames of a file are counted by then, or it begins without a known length."""
GUESSED_S = 1.0
"""Farther into a file than this libVLC is not to guess its way by bit rate."""
_UNITY_DB = 12.0
"""libVLC's equaliser divides by four on its way in; this makes up for it."""
_BASS = (0.9, 0.6, 0.9)
"""Shares of the cut for the bands at 31, 63 and 125 Hz; their slopes make 40 to 120 Hz even."""


class VlcEvent(NamedTuple):
    """Something libVLC said; `text` is its own message where there is one."""

    kind: Literal["prepared", "ended", "error", "output_error"]
    text: str = ""


def arguments(output: str) -> tuple[list[str], str]:
    """libVLC's options and the PulseAudio sink ("" for the default one) that `settings.output` means.

    Raises OutputError if it is no output's name.
    """
    wanted = _parsed(output)
    match wanted.kind:
        case OutputKind.AUTO:
            return [*_OPTIONS], ""
        case OutputKind.PULSE:
            # ",none": an output that was named must never silently become another.
            return [*_OPTIONS, "--aout=pulse,none"], wanted.device
        case OutputKind.ALSA:
            named = [f"--alsa-audio-device={wanted.device}"] if wanted.device else []
            return [*_OPTIONS, "--aout=alsa,none", *named], ""


def _parsed(output: str) -> AudioOutput:
    try:
        return AudioOutput.parse(output)
    except ValueError as error:
        raise OutputError(f"playback.output {output!r} is unknown: use {ALLOWED}.") from error


def volume_percent(gain: float) -> int:
    """libVLC's volume for a linear gain: its scale is cubic, 100 * gain^(1/3), in whole steps."""
    return round(100 * math.cbrt(max(0.0, gain)))


def is_stream(source: str) -> bool:
    """Whether a deck's source is an address and not a file: a file's path is absolute."""
    return source.lower().startswith(("http://", "https://"))


def _binding() -> Any:
    """python-vlc, which loads libVLC while it is imported. Raises OutputError if that is missing."""
    try:
        import vlc  # noqa: PLC0415 - importing this module must not fail where libVLC is missing
    except (ImportError, OSError, NotImplementedError, AttributeError, SystemExit) as error:
        raise OutputError(f"libVLC cannot be loaded ({error}): {INSTALL}.") from error
    return vlc


def _instance(options: list[str]) -> Any:
    instance = _binding().Instance(options)
    if instance is None:
        raise OutputError(f"libVLC does not start, probably without its plugins: {INSTALL}.")
    instance.set_user_agent("Ambient player", "ambient-player")
    instance.set_app_id("ambient-player", "", "")
    return instance


def version() -> str:
    """libVLC's own name for its version. Raises OutputError without libVLC."""
    return str(_binding().libvlc_get_version().decode())


def outputs() -> dict[AudioOutput, str]:
    """Every device there is now, and how people call it.

    Raises OutputError without libVLC.
    """
    found: dict[AudioOutput, str] = {}
    for kind in (OutputKind.PULSE, OutputKind.ALSA):
        player = _instance(arguments(kind.value)[0]).media_player_new()
        devices = {name: said for name, said in _devices(player).items() if not name.startswith(OURS)}
        found |= {AudioOutput(kind, name): description for name, description in devices.items()}
        player.release()
    return found


def _devices(player: Any) -> dict[str, str]:
    """The devices of a player's audio output now, and how people call them."""
    found: dict[str, str] = {}
    device = first = player.audio_output_device_enum()
    while device:
        name, description = device.contents.device, device.contents.description or b""
        # ALSA's descriptions have two lines: the card, and which of its ways out.
        found[name.decode()] = ", ".join(description.decode(errors="replace").splitlines())
        device = device.contents.next
    if first:
        _binding().libvlc_audio_output_device_list_release(first)
    return found


class VlcDeck:
    """One libVLC media player and what it says.

    output   by its name, as audio_output.py reads it
    detours  the way round PulseAudio's flat volumes

    Raises OutputError without libVLC.
    """

    def __init__(self, output: str, detours: Detours | None = None) -> None:
        options, self._named = arguments(output)
        self._detours = detours or Detours() if _parsed(output).needs_sound_server else None
        self._lead_to(self._named, self._named)
        self._vlc = vlc = _binding()
        self._events: queue.SimpleQueue[VlcEvent] = queue.SimpleQueue()
        self._instance = _instance(options)
        self._libc = ctypes.CDLL(None)
        self._log = vlc.CallbackDecorators.LogCb(self._on_log)  # kept: libVLC calls it as long as it lives
        vlc.libvlc_log_set(self._instance, self._log, None)
        self._stats: Any = vlc.MediaStats()
        self._player: Any = None
        self._manager: Any = None
        self._media: Any = None
        self._percent = -1
        self._loaded: tuple[str, float, float, int] = ("", 0.0, 0.0, 0)
        self._held = True
        self._loaded_at = 0.0
        self._counting: Counting | None = None
        self._rendering: Rendering | None = None
        # Kept, as libVLC calls it; it never raises.
        self._read = vlc.CallbackDecorators.MediaReadCb(self._on_read)

    def load(self, path: str, start_s: float, bass_db: float = 0.0, ahead_ms: int = 1000) -> None:
        """Open a file, silent and held at `start_s` (says "prepared"), or a stream, which plays in silence.

        `bass_db` is what the bass is taken back by, `ahead_ms` how much of a file is read ahead. Raises
        OutputError if no audio output is.

        Each file gets a fresh player and with it a fresh connection to the output: `stop()` ends the
        connection, and a volume set between `stop()` and `play()` is lost (libVLC 3.0.24), so that the
        next track would begin with a burst at full level. It also finds an output that came back.
        """
        self.release()
        self._drain()  # what the last file still had to say
        self._loaded, self._held = (path, start_s, bass_db, ahead_ms), True
        stream = is_stream(path)
        self._loaded_at, self._counting = time.monotonic(), None
        if not stream and is_joined(Path(path)) and self._render():
            return
        self._counting = None if stream else Counting(Path(path))
        self._open_player(bass_db)
        media = self._instance.media_new_location if stream else self._instance.media_new_path
        self._media = media(os.fsencode(path))
        for option in () if stream else (*_FILE_OPTIONS, f":file-caching={ahead_ms}"):
            self._media.add_option(option)
        if start_s > 0:
            self._media.add_option(f":start-time={start_s:.3f}")
        self._player.set_media(self._media)
        self._player.play()

    def _open_player(self, bass_db: float) -> None:
        self._find_way()
        self._player = self._instance.media_player_new()
        # python-vlc's own event_manager() keeps every player that it was ever asked about (6 KB each).
        self._manager = manager = self._vlc.libvlc_media_player_event_manager(self._player)
        kinds = self._vlc.EventType
        manager.event_attach(kinds.MediaPlayerEndReached, lambda _: self._events.put(VlcEvent("ended")))
        manager.event_attach(kinds.MediaPlayerEncounteredError, lambda _: self._events.put(VlcEvent("error")))
        manager.event_attach(kinds.MediaPlayerBuffering, self._on_buffering)
        if self._sink:
            self._player.audio_output_device_set(None, self._sink)
        self._percent = -1
        if not self.set_gain(0.0):
            said = [event.text for event in self._drain() if event.kind == "output_error"]
            self.release()
            raise OutputError(f"no audio device: {said[0] if said else 'libVLC finds none'}")
        if self._sink and self._sink not in _devices(self._player):
            self.release()  # PipeWire would take another one for it
            raise OutputError(self._missing)
        if bass_db < 0:
            self._take_back_bass(bass_db)

    def _render(self) -> bool:
        """Begin the file again, decoded by ourselves (rendering.py); False if that cannot be."""
        from player.playback.rendering import Rendering  # noqa: PLC0415 - few files need it, and it is large

        path, start_s, bass_db, ahead_ms = self._loaded
        try:
            rendering = Rendering(Path(path), start_s)
        except AudioFileError:
            return False
        self.release()
        self._drain()
        self._rendering = rendering
        self._open_player(bass_db)
        self._media = self._instance.media_new_callbacks(None, self._read, None, None, None)
        held = (":start-paused",) if self._held else ()
        for option in (":demux=wav", f":network-caching={ahead_ms}", *held):
            self._media.add_option(option)
        self._player.set_media(self._media)
        self._player.play()
        return True

    def _on_read(self, _opaque: object, buffer: Any, most: int) -> int:
        """libVLC wants more of the rendering; on a thread of its own."""
        try:
            chunk = self._rendering.read(most) if self._rendering is not None else b""
        except Exception:  # noqa: BLE001 - it would be lost in C code; the track ends here
            return -1
        ctypes.memmove(buffer, chunk, len(chunk))
        return len(chunk)

    def _misplayed(self, kind: str) -> bool:
        """Whether libVLC does not play the file as it is: more than two channels, a change, or not at all."""
        if self._rendering is not None or self._media is None or is_stream(self._loaded[0]):
            return False
        if kind == "prepared":
            frames = self._counting.found if self._counting is not None else None
            # To go to a place in it libVLC would guess, too.
            wrong_sink = frames is not None and (not frames.uniform or self._loaded[1] > GUESSED_S)
            return wrong_sink or self._channels() > 2
        return kind in ("error", "ended") and self.blocks_played == 0

    def _channels(self) -> int:
        """Of the first audio track that libVLC has found, 0 if it has none."""
        kind = self._vlc.MediaTrack
        first = ctypes.POINTER(kind)()  # as the binding has it; it is an array of pointers
        count = self._vlc.libvlc_media_tracks_get(self._media, ctypes.byref(first))
        tracks = ctypes.cast(first, ctypes.POINTER(ctypes.POINTER(kind)))
        found = [tracks[i].contents for i in range(count)]
        counts = [t.audio.contents.channels for t in found if t.type == self._vlc.TrackType.audio]
        self._vlc.libvlc_media_tracks_release(tracks, count)
        return counts[0] if counts else 0

    def pause(self) -> None:
        """Hold at the present position."""
        self._held = True
        self._player.set_pause(1)

    def resume(self) -> None:
        """Go on after `pause()`, or begin after `load()`."""
        self._held = False
        self._player.set_pause(0)

    def set_gain(self, gain: float) -> bool:
        """Set the linear gain, 0 to about 2; False if there is no audio output."""
        percent = volume_percent(gain)
        if percent == self._percent:
            return True
        if self._player is None or self._player.audio_set_volume(percent) < 0:
            return False
        self._percent = percent
        return True

    @property
    def position_s(self) -> float:
        """Where the player is, in seconds; libVLC 3 moves it on four times a second."""
        if self._player is None:
            return 0.0
        began_s = 0.0 if self._rendering is None else self._loaded[1]
        return float(began_s + max(0, self._player.get_time()) / 1000)

    @property
    def duration_s(self) -> float:
        """Length of the file in seconds, 0 while unknown."""
        if self._counting is not None and not self._counting.done:
            return 0.0
        if self._counting is not None and self._counting.found is not None:
            return self._counting.found.duration_s
        if self._rendering is not None:
            return self._rendering.duration_s
        return max(0, self._player.get_length()) / 1000 if self._player is not None else 0.0

    @property
    def blocks_played(self) -> int:
        """How many blocks of sound have gone to the audio output since `load()`.

        The position moves on even if nothing can be heard; this number does not.
        """
        if self._media is None or not self._media.get_stats(self._stats):
            return 0
        return int(self._stats.played_abuffers)

    @property
    def wrong_sink(self) -> str:
        """What has become of the sink that was named, where the sound goes to another one; else empty.

        PulseAudio moves the streams of a sink that is gone to the default one; libVLC hears of it within
        milliseconds. Before a stream is there it answers with the sink that was asked for.
        """
        if not self._sink or self._player is None:
            return ""
        sink = self._player.audio_output_device_get()
        return self._missing if sink and sink != self._sink else ""

    def events(self) -> list[VlcEvent]:
        """What libVLC has said since the last call, in order. Raises OutputError as `load` does."""
        said = self._drain()
        counted = self._counting is None or self._counting.done
        if not counted and said and time.monotonic() < self._loaded_at + COUNTED_S:
            for event in said:
                self._events.put(event)  # whether the file is played rightly is known in a moment
            return []
        for event in said:
            # What it says of a file that it does not play rightly holds no longer.
            if self._misplayed(event.kind) and self._render():
                return []
        return said

    def _drain(self) -> list[VlcEvent]:
        said = []
        while True:
            try:
                said.append(self._events.get_nowait())
            except queue.Empty:
                return said

    def release(self) -> None:
        """Stop; let the file and the connection to the audio output go."""
        if self._player is not None:
            self._player.stop()
            self._player.release()
            if self._media is not None:
                self._media.release()
            self._player = self._manager = self._media = None
        if self._rendering is not None:
            self._rendering.close()
            self._rendering = None
        if self._detours is not None:
            self._detours.close()

    def _find_way(self) -> None:
        """See by which sink the next file is to be heard: flat volumes may be on since the last one."""
        detour = self._detours.lead(self._named) if self._detours is not None else None
        self._lead_to(*(detour or (self._named, self._named)))

    def _lead_to(self, sink: str, named: str) -> None:
        self._sink, self._missing = sink, f"the output {named} is not there"

    def _take_back_bass(self, bass_db: float) -> None:
        equalizer = self._vlc.AudioEqualizer()
        equalizer.set_preamp(_UNITY_DB)
        for band, share in enumerate(_BASS):
            equalizer.set_amp_at_index(share * bass_db, band)
        self._player.set_equalizer(equalizer)  # libVLC takes a copy
        equalizer.release()

    def _on_buffering(self, event: Any) -> None:
        if event.u.new_cache >= 100:  # percent
            self._events.put(VlcEvent("prepared"))

    def _on_log(self, _data: object, level: int, context: Any, message: bytes, values: int) -> None:
        """Note what goes wrong with the audio output: libVLC has no other way to say that it is gone."""
        if level < _ERROR:
            return
        kind = ctypes.c_char_p()
        self._vlc.dll.libvlc_log_get_object(context, ctypes.byref(kind), None, None)
        text = ctypes.create_string_buffer(256)
        self._libc.vsnprintf(text, ctypes.c_size_t(256), message, ctypes.c_void_p(values))
        if kind.value == b"audio output" or b"audio output" in text.value:
            said = text.value.decode(errors="replace")
            self._events.put(VlcEvent("output_error", f"{self._named}: {said}" if self._named else said))
