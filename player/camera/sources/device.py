"""A webcam on this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import cv2

from player.camera import opencv as _quiet  # noqa: F401 - before the first capture opens
from player.camera.identity import SYSFS, WEBCAM, driver_name
from player.camera.sources.grabbing import SENSOR_FPS, NewestSource
from player.config.settings.perception import CameraSettings

LINUX = sys.platform == "linux"

NO_WEBCAMS = ("bcm2835-", "unicam", "rp1-cfe", "pispbe", "rpi-hevc", "rpivid")
"""Raspberry Pi nodes that are codecs or belong to libcamera. Some of them open, and each would then be waited
for until it gives no frame."""


def device_source(device: str, settings: CameraSettings) -> NewestSource:
    """The webcam `device`: a number, or on Linux a path such as /dev/video0 or /dev/v4l/by-id/..."""
    if LINUX and device.isdecimal():
        device = f"/dev/video{device}"
    return NewestSource(f"{WEBCAM} {device}", lambda: _connect(device, settings), _advice(device), settings)


def webcams(folder: Path = Path("/dev"), sysfs: Path = SYSFS) -> list[str]:
    """What may be a webcam here, in the system's order; on Linux other nodes are among them."""
    if not LINUX:
        return ["0"]
    nodes = [node for node in folder.glob("video*") if node.name.removeprefix("video").isdecimal()]
    nodes.sort(key=lambda node: int(node.name.removeprefix("video")))
    return [str(node) for node in nodes if not driver_name(sysfs / node.name).startswith(NO_WEBCAMS)]


def _connect(device: str, settings: CameraSettings) -> cv2.VideoCapture:
    number = int(device) if device.isdecimal() else device
    capture = cv2.VideoCapture(number, cv2.CAP_V4L2 if LINUX else cv2.CAP_ANY)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, settings.width)
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, settings.height)
    capture.set(cv2.CAP_PROP_FPS, max(settings.fps, SENSOR_FPS))  # a driver takes the nearest rate it has
    return capture


def _advice(device: str) -> str:
    if not LINUX:
        return "plug it in, and close other programs that use it"
    if not Path(device).exists():
        return "there is no such device; plug it in or choose another in camera.source"
    if not os.access(device, os.R_OK | os.W_OK):
        return "this user may not use it; add the user to the group video and log in again"
    return "close other programs that use it, or choose another in camera.source"
