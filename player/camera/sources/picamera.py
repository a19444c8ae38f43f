"""The Raspberry Pi's own camera, through picamera2 (a system package: apt install python3-picamera2)."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from player.camera.opencv import fit
from player.camera.source import FramePace
from player.camera.sources.grabbing import SENSOR_FPS
from player.config.settings.perception import CameraSettings
from player.errors import CameraError
from player.types import Image

FRAME_WITHIN_S = 5.0
"""libcamera waits for ever behind a loose ribbon cable; this does not."""


def installed() -> bool:
    """True if picamera2 can be imported."""
    return importlib.util.find_spec("picamera2") is not None


class PicameraSource:
    """The first camera that libcamera knows."""

    live = True
    name = "Raspberry Pi camera"

    def __init__(self, settings: CameraSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._pace = FramePace(settings, clock)
        self._camera: Any = None

    def open(self) -> None:
        """Start the camera; raises CameraError."""
        self.close()
        try:
            from picamera2 import Picamera2  # noqa: PLC0415 - starts libcamera
        except ImportError as error:
            raise CameraError(
                "picamera2 is not installed: apt install python3-picamera2, and give the virtual environment "
                "the system's packages (--system-site-packages)."
            ) from error
        try:
            self._camera = Picamera2()
            size = (self._settings.width, self._settings.height)
            # picamera2 names channels from the last byte to the first: its RGB888 is OpenCV's BGR.
            main = {"format": "RGB888", "size": size}
            rate = {"FrameRate": max(self._settings.fps, SENSOR_FPS)}
            self._camera.configure(self._camera.create_video_configuration(main=main, controls=rate))
            self._camera.start()
        except (RuntimeError, IndexError, OSError) as error:  # no camera, or held by another program
            self.close()
            raise CameraError(f"The {self.name} cannot be opened ({error}): check its cable.") from error

    def read(self) -> Image:
        """The newest frame when one is due; raises CameraError if none came for FRAME_WITHIN_S."""
        if self._camera is None:
            raise CameraError(f"The {self.name} is not open.")
        image = self._next()
        while self._pace.left_s() > 0:
            image = self._next()
        self._pace.done()
        return fit(image, self._settings.width, self._settings.height)

    def close(self) -> None:
        """Stop the camera and release it."""
        camera, self._camera = self._camera, None
        if camera is not None:
            camera.close()  # stops it first

    def _next(self) -> Image:
        try:
            job = self._camera.capture_array("main", wait=False)
            return np.asarray(self._camera.wait(job, timeout=FRAME_WITHIN_S), np.uint8)
        except (TimeoutError, RuntimeError, OSError) as error:
            raise CameraError(f"The {self.name} stopped giving frames: check its cable.") from error
