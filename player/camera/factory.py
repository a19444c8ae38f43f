"""Which kind of camera a name means; each kind brings its own libraries, imported when it is wanted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from os.path import expanduser
from pathlib import Path

from player.camera.source import FrameSource
from player.config.settings.perception import CameraSettings
from player.errors import CameraError
from player.privacy.redaction import address
from player.types import is_utf8

URL_SCHEMES = ("rtsp://", "rtsps://", "http://", "https://")


ALLOWED = (
    "auto, demo, picamera, a device (0 or /dev/video0), a URL (rtsp:// or http://), a video, "
    "a photo or a folder of photos"
)


def make_source(settings: CameraSettings) -> FrameSource:  # noqa: PLR0911 - one return per kind of source
    """The source that settings.source names, not opened yet.

    A lens is only looked for when "auto" is opened. Raises CameraError if the name fits no kind.
    """
    # Each kind brings its own libraries, and only one of them is ever wanted.
    from player.camera import pictures  # noqa: PLC0415
    from player.camera.sources import auto, demo, device, photos, picamera, stream, video  # noqa: PLC0415

    wanted = settings.source.strip()
    match wanted.lower():
        case "auto":
            return auto.AutoSource(settings)
        case "demo":
            return demo.demo_source(settings)
        case "picamera":
            return picamera.PicameraSource(settings)
    odd = not _is_plain(wanted)  # C libraries crash on some names, and end others early
    if not odd and ((wanted.isascii() and wanted.isdecimal()) or wanted.startswith("/dev/")):
        return device.device_source(wanted, settings)
    if not odd and wanted.lower().startswith(URL_SCHEMES):
        return stream.stream_source(wanted, settings)
    with suppress(ValueError):  # what can be no path
        path = Path(expanduser(wanted))
        if wanted and _is(path.is_dir):
            return photos.PhotosSource(f"photos in {path}", lambda: sorted(path.iterdir()), settings)
        if _is(path.is_file):
            if pictures.is_photo(path):
                return photos.PhotosSource(f"photo {path}", lambda: [path], settings)
            if odd:
                raise CameraError(f"camera.source {wanted!r}: rename the video, its name is not UTF-8.")
            return video.VideoSource(path, settings)
    raise CameraError(f"camera.source {address(wanted)!r} is no file and no kind of camera: use {ALLOWED}.")


def _is(kind: Callable[[], bool]) -> bool:
    """Whether a path is of a kind; one that the system does not take is of none."""
    try:
        return kind()
    except OSError:
        return False


def _is_plain(name: str) -> bool:
    """Whether a C library may be given this name: UTF-8, and without a NUL."""
    return is_utf8(name) and "\0" not in name
