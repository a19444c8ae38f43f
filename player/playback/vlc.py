"""libVLC: loaded, started and asked; the only module that imports `vlc`."""

from __future__ import annotations

import ctypes
import math
from enum import StrEnum
from typing import Any, NamedTuple

from player.errors import OutputError
from player.playback.pulse import OURS
from player.system.audio_output import ALLOWED, AudioOutput, OutputKind

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
_LIBC = ctypes.CDLL(None)
_UNITY_DB = 12.0
"""libVLC's equaliser divides by four on its way in; this makes up for it."""
_BASS = (0.9, 0.6, 0.9)
"""Shares of the cut for the bands at 31, 63 and 125 Hz; their slopes make 40 to 120 Hz even."""


class VlcEventKind(StrEnum):
    """What libVLC can say."""

    PREPARED = "prepared"
    ENDED = "ended"
    ERROR = "error"
    OUTPUT_ERROR = "output_error"
    """It may be one of several on its way to an output that works."""


class VlcEvent(NamedTuple):
    """Something libVLC said; `text` is its own message if there is one."""

    kind: VlcEventKind
    text: str = ""


def arguments(output: str) -> tuple[list[str], str]:
    """libVLC's options and the PulseAudio sink ("" for the default one) that `settings.output` means.

    Raises OutputError if it is no output's name.
    """
    wanted = parsed(output)
    match wanted.kind:
        case OutputKind.AUTO:
            return [*_OPTIONS], ""
        case OutputKind.PULSE:
            # ",none": an output that was named must never silently become another.
            return [*_OPTIONS, "--aout=pulse,none"], wanted.device
        case OutputKind.ALSA:
            named = [f"--alsa-audio-device={wanted.device}"] if wanted.device else []
            return [*_OPTIONS, "--aout=alsa,none", *named], ""


def parsed(output: str) -> AudioOutput:
    """An output by its name. Raises OutputError if it is none."""
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


def binding() -> Any:
    """python-vlc, which loads libVLC while it is imported. Raises OutputError if that is missing."""
    try:
        import vlc  # noqa: PLC0415 - importing this module must not fail if libVLC is missing
    except (ImportError, OSError, NotImplementedError, AttributeError, SystemExit) as error:
        raise OutputError(f"libVLC cannot be loaded ({error}): {INSTALL}.") from error
    return vlc


def new_instance(options: list[str]) -> Any:
    """A libVLC of its own with these options. Raises OutputError if it does not start."""
    instance = binding().Instance(options)
    if instance is None:
        raise OutputError(f"libVLC does not start, probably without its plugins: {INSTALL}.")
    instance.set_user_agent("Ambient player", "ambient-player")
    instance.set_app_id("ambient-player", "", "")
    return instance


def version() -> str:
    """libVLC's own name for its version. Raises OutputError without libVLC."""
    return str(binding().libvlc_get_version().decode())


def outputs() -> dict[AudioOutput, str]:
    """Every device there is now, and how people call it.

    Raises OutputError without libVLC.
    """
    found: dict[AudioOutput, str] = {}
    for kind in (OutputKind.PULSE, OutputKind.ALSA):
        player = new_instance(arguments(kind.value)[0]).media_player_new()
        names = {name: said for name, said in devices(player).items() if not name.startswith(OURS)}
        found |= {AudioOutput(kind, name): description for name, description in names.items()}
        player.release()
    return found


def devices(player: Any) -> dict[str, str]:
    """The devices of a player's audio output now, and how people call them."""
    found: dict[str, str] = {}
    device = first = player.audio_output_device_enum()
    while device:
        name, description = device.contents.device, device.contents.description or b""
        # ALSA's descriptions have two lines: the card, and which of its ways out.
        found[name.decode()] = ", ".join(description.decode(errors="replace").splitlines())
        device = device.contents.next
    if first:
        binding().libvlc_audio_output_device_list_release(first)
    return found


def channels(media: Any) -> int:
    """Of the first audio track that libVLC has found in a medium, 0 if it has none."""
    vlc = binding()
    kind = vlc.MediaTrack
    first = ctypes.POINTER(kind)()  # as the binding has it; it is an array of pointers
    count = vlc.libvlc_media_tracks_get(media, ctypes.byref(first))
    tracks = ctypes.cast(first, ctypes.POINTER(ctypes.POINTER(kind)))
    found = [tracks[i].contents for i in range(count)]
    counts = [t.audio.contents.channels for t in found if t.type == vlc.TrackType.audio]
    vlc.libvlc_media_tracks_release(tracks, count)
    return counts[0] if counts else 0


def take_back_bass(player: Any, bass_db: float) -> None:
    """Lower the bass of what a player plays next, by a negative number of dB."""
    equalizer = binding().AudioEqualizer()
    equalizer.set_preamp(_UNITY_DB)
    for band, share in enumerate(_BASS):
        equalizer.set_amp_at_index(share * bass_db, band)
    player.set_equalizer(equalizer)  # libVLC takes a copy
    equalizer.release()


def output_error(level: int, context: Any, message: bytes, values: int) -> str | None:
    """What a line of libVLC's log says of trouble with the audio output; None if it says nothing of it.

    The arguments are those of its log's callback.
    """
    if level < _ERROR:
        return None
    kind = ctypes.c_char_p()
    binding().dll.libvlc_log_get_object(context, ctypes.byref(kind), None, None)
    text = ctypes.create_string_buffer(256)
    _LIBC.vsnprintf(text, ctypes.c_size_t(256), message, ctypes.c_void_p(values))
    if kind.value == b"audio output" or b"audio output" in text.value:
        return text.value.decode(errors="replace")
    return None
