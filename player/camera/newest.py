"""A lens behind cv2.VideoCapture that delivers at its own rate: only its newest frames are kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from player.camera.opencv import fit
from player.camera.source import Pace
from player.errors import CameraError
from player.settings import CameraSettings
from player.types import Image

SENSOR_FPS = 10.0
"""What a local camera is asked to deliver at least: its newest frame is then 0.1 s old at most, and in a
dark room the shutter may still stay open for long."""


class Grabber(Protocol):
    """The part of cv2.VideoCapture that is used: grab() is cheap, retrieve() decodes."""

    def isOpened(self) -> bool: ...  # noqa: N802, D102 - OpenCV's name
    def grab(self) -> bool: ...  # noqa: D102
    def retrieve(self) -> Any: ...  # noqa: D102
    def release(self) -> None: ...  # noqa: D102


class NewestSource:
    """Grabs all the time, so that no old frame waits in a buffer; decodes settings.fps times a second."""

    live = True

    def __init__(
        self,
        name: str,
        connect: Callable[[], Grabber],
        advice: str,
        settings: CameraSettings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`advice` ends the sentence that says that `name` cannot be opened."""
        self.name = name
        self._connect = connect
        self._advice = advice
        self._settings = settings
        self._clock = clock
        self._capture: Grabber | None = None
        self._pace = Pace(settings, clock)

    def open(self) -> None:
        """Connect; raises CameraError."""
        self.close()
        capture = self._connect()
        if not capture.isOpened():
            capture.release()
            raise CameraError(f"{self.name} cannot be opened: {self._advice}.")
        self._capture = capture
        self._pace = Pace(self._settings, self._clock)

    def read(self) -> Image:
        """The frame that is newest when one is due; raises CameraError where frames stop coming."""
        if self._capture is None:
            raise CameraError(f"{self.name} is not open.")
        grabbed = self._capture.grab()
        while grabbed and self._pace.left_s() > 0:
            grabbed = self._capture.grab()
        image = self._capture.retrieve()[1] if grabbed else None
        if image is None:
            raise CameraError(f"{self.name} stopped giving frames.")
        self._pace.done()
        return fit(np.asarray(image, np.uint8), self._settings.width, self._settings.height)

    def close(self) -> None:
        """Release the device or the connection."""
        capture, self._capture = self._capture, None
        if capture is not None:
            capture.release()
