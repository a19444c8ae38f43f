"""A network camera: RTSP, or MJPEG and the like over HTTP."""

from __future__ import annotations

import cv2

from player.camera.opencv import refuse_giants
from player.camera.source import FrameSource
from player.camera.sources.grabbing import NewestSource
from player.camera.sources.http import HttpSource
from player.config.settings.perception import CameraSettings
from player.privacy.redaction import address

OPEN_TIMEOUT_MS = 10_000
READ_TIMEOUT_MS = 5_000


def stream_source(url: str, settings: CameraSettings) -> FrameSource:
    """The camera at `url`; a network that falls silent ends read() after READ_TIMEOUT_MS."""
    if url.lower().startswith("http"):
        return HttpSource(url, settings, READ_TIMEOUT_MS / 1000, lambda: _ffmpeg_source(url, settings))
    return _ffmpeg_source(url, settings)


def _ffmpeg_source(url: str, settings: CameraSettings) -> NewestSource:
    return NewestSource(
        f"camera {address(url)}",
        lambda: _connect(url),
        "check the address, the user and password in it, and the network",
        settings,
    )


def _connect(url: str) -> cv2.VideoCapture:
    limits = [
        cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
        OPEN_TIMEOUT_MS,
        cv2.CAP_PROP_READ_TIMEOUT_MSEC,
        READ_TIMEOUT_MS,
    ]
    capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG, limits)
    refuse_giants(capture, f"camera {address(url)}")
    return capture
