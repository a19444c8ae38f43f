"""libVLC's player as one small class; only a deck's child process uses it.

libVLC is not re-entrant: every method here is called by one thread, and libVLC's own threads do nothing
but put a note into a queue.
"""

from __future__ import annotations

import ctypes
import os
import queue
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from player.audio.joined import is_joined
from player.errors import AudioFileError, OutputError
from player.playback.frame_count import Counting
from player.playback.pulse import Detours
from player.playback.vlc import (
    VlcEvent,
    VlcEventKind,
    arguments,
    binding,
    channels,
    devices,
    is_stream,
    new_instance,
    output_error,
    parsed,
    take_back_bass,
    volume_percent,
)

if TYPE_CHECKING:
    from player.playback.rendering import Rendering

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


class VlcDeck:
    """One libVLC media player and what it says.

    output   by its name, as audio_output.py reads it
    detours  the way round PulseAudio's flat volumes

    Raises OutputError without libVLC.
    """

    def __init__(self, output: str, detours: Detours | None = None) -> None:
        options, self._named = arguments(output)
        self._detours = detours or Detours() if parsed(output).needs_sound_server else None
        self._lead_to(self._named, self._named)
        self._vlc = vlc = binding()
        self._events: queue.SimpleQueue[VlcEvent] = queue.SimpleQueue()
        self._instance = new_instance(options)
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
        self._seek = vlc.CallbackDecorators.MediaSeekCb(lambda _opaque, _offset: -1)

    def load(
        self, path: str, start_s: float, bass_db: float = 0.0, ahead_ms: int = 1000, no_vlc: bool = False
    ) -> None:
        """Open a file, silent and held at `start_s` (says "prepared"), or a stream, which plays in silence.

        `bass_db` is what the bass is taken back by, `ahead_ms` how much of a file is read ahead. With
        `no_vlc`, libVLC is not shown the file, only what is decoded of it here. Raises OutputError if no
        audio output is.

        Each file gets a fresh player and with it a fresh connection to the output: `stop()` ends the
        connection, and a volume set between `stop()` and `play()` is lost (libVLC 3.0.24), so that the
        next track would begin with a burst at full level. It also finds an output that came back.
        """
        self.release()
        self._drain()  # what the last file still had to say
        self._loaded, self._held = (path, start_s, bass_db, ahead_ms), True
        stream = is_stream(path)
        self._loaded_at, self._counting = time.monotonic(), None
        if not stream and (no_vlc or is_joined(Path(path))) and self._render():
            return
        if no_vlc:
            self._events.put(VlcEvent(VlcEventKind.ERROR))
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
        manager.event_attach(kinds.MediaPlayerEndReached, lambda _: self._say(VlcEventKind.ENDED))
        manager.event_attach(kinds.MediaPlayerEncounteredError, lambda _: self._say(VlcEventKind.ERROR))
        manager.event_attach(kinds.MediaPlayerBuffering, self._on_buffering)
        if self._sink:
            self._player.audio_output_device_set(None, self._sink)
        self._percent = -1
        if not self.set_gain(0.0):
            said = [event.text for event in self._drain() if event.kind is VlcEventKind.OUTPUT_ERROR]
            self.release()
            raise OutputError(f"no audio device: {said[0] if said else 'libVLC finds none'}")
        if self._sink and self._sink not in devices(self._player):
            self.release()  # PipeWire would take another one for it
            raise OutputError(self._missing)
        if bass_db < 0:
            take_back_bass(self._player, bass_db)

    def _render(self) -> bool:
        """Begin the file again, decoded by ourselves (rendering.py); False if that cannot be."""
        from player.playback.rendering import Rendering  # noqa: PLC0415 - few files need it, and it is large

        path, start_s, bass_db, _ = self._loaded
        try:
            rendering = Rendering(Path(path), start_s)
        except AudioFileError:
            return False
        self._release_player()
        self._drain()
        self._rendering = rendering
        self._open_player(bass_db)
        # What cannot be sought is a broadcast to libVLC: it never waits for it, and drops what is late.
        self._media = self._instance.media_new_callbacks(None, self._read, self._seek, None, None)
        self._media.add_options(":demux=wav", *((":start-paused",) if self._held else ()))
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

    def _misplayed(self, kind: VlcEventKind) -> bool:
        """Whether libVLC does not play the file as it is: more than two channels, a change, or not at all."""
        if self._rendering is not None or self._media is None or is_stream(self._loaded[0]):
            return False
        if kind is VlcEventKind.PREPARED:
            frames = self._counting.found if self._counting is not None else None
            # To go to a place in it libVLC would guess, too.
            wrong_sink = frames is not None and (not frames.uniform or self._loaded[1] > GUESSED_S)
            return wrong_sink or channels(self._media) > 2
        return kind in (VlcEventKind.ERROR, VlcEventKind.ENDED) and self.blocks_played == 0

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
        """What has become of the sink that was named, if the sound goes to another one; else empty.

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
        if self._counting is not None:
            self._counting.stop()
        self._release_player()

    def _release_player(self) -> None:
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

    def _on_buffering(self, event: Any) -> None:
        if event.u.new_cache >= 100:  # percent
            self._say(VlcEventKind.PREPARED)

    def _on_log(self, _data: object, level: int, context: Any, message: bytes, values: int) -> None:
        """Note what goes wrong with the audio output: libVLC has no other way to say that it is gone."""
        said = output_error(level, context, message, values)
        if said is not None:
            self._say(VlcEventKind.OUTPUT_ERROR, f"{self._named}: {said}" if self._named else said)

    def _say(self, kind: VlcEventKind, text: str = "") -> None:
        self._events.put(VlcEvent(kind, text))
