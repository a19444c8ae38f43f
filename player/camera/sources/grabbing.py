"""A lens behind cv2.VideoCapture that delivers at its own rate: only its newest frames are kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from player.camera.opencv import fit
from player.camera.source import FramePace
from player.config.settings.perception import CameraSettings
from player.errors import CameraError
from player.types import Image

SENSOR_FPS = 10.0
"""What a local camera is asked to deliver at least: its newest frame is then 0.1 s old at most, and in a
dark room the shutter may still stay open for long."""

TOLERATED_S = 2.0
"""How long frames may be missing or damaged before a camera counts as lost: one bad packet is no outage."""
AGAIN_S = 0.05
"""A driver without a frame says so at once; it is asked again after this long."""


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
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`advice` ends the sentence that says that `name` cannot be opened."""
        self.name = name
        self._connect = connect
        self._advice = advice
        self._settings = settings
        self._clock, self._sleep = clock, sleep
        self._good_at = 0.0
        self._capture: Grabber | None = None
        self._pace = FramePace(settings, clock)

    def open(self) -> None:
        """Connect; raises CameraError."""
        self.close()
        capture = self._connect()
        if not capture.isOpened():
            capture.release()
            raise CameraError(f"{self.name} cannot be opened: {self._advice}.")
        self._capture, self._good_at = capture, self._clock()
        self._pace = FramePace(self._settings, self._clock)

    def read(self) -> Image:
        """The frame that is newest when one is due; raises CameraError if none comes for TOLERATED_S."""
        if self._capture is None:
            raise CameraError(f"{self.name} is not open.")
        while (image := self._newest(self._capture)) is None:
            if self._clock() - self._good_at > TOLERATED_S:
                raise CameraError(f"{self.name} stopped giving frames.")
            self._sleep(AGAIN_S)
        self._pace.done()
        self._good_at = self._clock()
        return fit(np.asarray(image, np.uint8), self._settings.width, self._settings.height)

    def _newest(self, capture: Grabber) -> Any:
        while capture.grab():
            if self._pace.left_s() <= 0:
                return capture.retrieve()[1]
            self._good_at = self._clock()
        return None

    def close(self) -> None:
        """Release the device or the connection."""
        capture, self._capture = self._capture, None
        if capture is not None:
            capture.release()
