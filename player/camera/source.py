"""What a camera is to the player, which kinds there are, and the slot that keeps only the newest frame."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from contextlib import suppress
from os.path import expanduser
from pathlib import Path
from typing import Protocol

from player.errors import CameraError
from player.redaction import address
from player.settings import CameraSettings
from player.types import Frame, Image, is_utf8

LONGEST_READ_S = 1.0
"""However low the frame rate is, read() comes back after this long, so that a camera can be switched off."""

URL_SCHEMES = ("rtsp://", "rtsps://", "http://", "https://")
ALLOWED = (
    "auto, demo, picamera, a device (0 or /dev/video0), a URL (rtsp:// or http://), a video, "
    "a photo or a folder of photos"
)


class FrameSource(Protocol):
    """Gives frames, one at a time, to the one thread that opened it."""

    @property
    def name(self) -> str:
        """For people: "webcam /dev/video0", "demo camera". Never holds a password."""

    @property
    def live(self) -> bool:
        """True where a lens is at work: a dark or unchanging picture then means a fault."""

    def open(self) -> None:
        """Get ready to read; raises CameraError."""

    def read(self) -> Image:
        """Block until the next frame is due (1/fps, at most LONGEST_READ_S) and return it.

        (H, W, 3) uint8 BGR, within the settings' width x height. A driver's own time limits come on top.
        Raises CameraError where the camera is lost, EndOfFrames where a source that plays once has ended.
        """

    def close(self) -> None:
        """Release the device; harmless where nothing is open."""


class Pace:
    """When a source's next frame is due."""

    def __init__(self, settings: CameraSettings, clock: Callable[[], float]) -> None:
        self._period_s = min(1 / settings.fps, LONGEST_READ_S)
        self._clock = clock
        self._due = -math.inf

    def left_s(self) -> float:
        """Seconds until the next frame is due, 0 where it is due already (as the first one always is)."""
        return max(0.0, self._due - self._clock())

    def done(self) -> None:
        """A frame is being handed over: the next one is due a period from now."""
        self._due = self._clock() + self._period_s


def make_source(settings: CameraSettings) -> FrameSource:  # noqa: PLR0911 - one return per kind of source
    """The source that settings.source names, not opened yet.

    A lens is only looked for when "auto" is opened. Raises CameraError where the name fits no kind.
    """
    # Each kind brings its own libraries, and only one of them is ever wanted.
    from player.camera import auto, demo, device, photos, picamera, pictures, stream, video  # noqa: PLC0415

    wanted = settings.source.strip()
    match wanted.lower():
        case "auto":
            return auto.AutoSource(settings)
        case "demo":
            return demo.demo_source(settings)
        case "picamera":
            return picamera.PicameraSource(settings)
    odd = not _is_plain(wanted)  # C libraries crash on some names, and end others early
    if not odd and (wanted.isdecimal() or wanted.startswith("/dev/")):
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


class LatestFrame:
    """A slot for one frame between two threads: the newest wins, and what nobody took is counted."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._frame: Frame | None = None
        self._seq = 0
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """Frames that a newer one pushed out before they were taken."""
        return self._dropped

    def put(self, image: Image, captured_at: float, source: str, live: bool = True) -> None:
        """Leave a frame, numbered from 1, in place of the one that lies there."""
        with self._changed:
            self._seq += 1
            self._dropped += self._frame is not None
            self._frame = Frame(image, captured_at, self._seq, source, live)
            self._changed.notify()

    def take(self, timeout_s: float) -> Frame | None:
        """The newest frame, waiting up to timeout_s seconds for it; None where none came."""
        with self._changed:
            self._changed.wait_for(lambda: self._frame is not None, timeout_s)
            frame, self._frame = self._frame, None
            return frame

    def clear(self) -> None:
        """Forget the frame that lies there; it does not count as dropped."""
        with self._changed:
            self._frame = None
