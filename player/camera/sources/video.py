"""A video file, played in real time."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from player.camera.opencv import fit, refuse_giants
from player.camera.source import LONGEST_READ_S, FramePace
from player.config.settings.perception import CameraSettings
from player.errors import CameraError, EndOfFrames
from player.types import Image

FPS_WHERE_UNKNOWN = 25.0


class VideoSource:
    """Shows the frame for the time since the file began: motion keeps its speed at any frame rate."""

    live = False

    def __init__(
        self,
        path: Path,
        settings: CameraSettings,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = f"video {path}"
        self._path = path
        self._settings = settings
        self._clock = clock
        self._sleep = sleep
        self._pace = FramePace(settings, clock)
        self._capture: cv2.VideoCapture | None = None
        self._fps = FPS_WHERE_UNKNOWN
        self._began = 0.0
        self._grabbed = 0
        self._image: Image | None = None

    def open(self) -> None:
        """Start from the first frame; raises CameraError."""
        self.close()
        capture = cv2.VideoCapture(str(self._path))
        refuse_giants(capture, self.name)
        if not capture.isOpened() or not capture.grab():
            capture.release()
            raise CameraError(
                f"{self._path} cannot be read as a video: choose another file in camera.source."
            )
        self._capture = capture
        fps = capture.get(cv2.CAP_PROP_FPS)
        self._fps = fps if 1 <= fps <= 240 else FPS_WHERE_UNKNOWN
        self._began, self._grabbed, self._image = self._clock(), 1, None

    def read(self) -> Image:
        """The frame for this moment; raises EndOfFrames after the last one if the file is played once."""
        if self._capture is None:
            raise CameraError(f"{self.name} is not open.")
        self._sleep(self._pace.left_s())
        self._pace.done()
        if not self._skip_to_now():
            if not self._settings.loop:
                raise EndOfFrames(f"{self.name} has ended.")
            self.open()
        if self._image is None:
            image = self._capture.retrieve()[1]
            if image is None:
                raise CameraError(f"{self.name} stopped giving frames.")
            self._image = fit(np.asarray(image, np.uint8), self._settings.width, self._settings.height)
        return self._image

    def close(self) -> None:
        """Close the file."""
        capture, self._capture = self._capture, None
        if capture is not None:
            capture.release()

    def _skip_to_now(self) -> bool:
        """Grab up to the frame that is due; False if the file ended before it."""
        assert self._capture is not None
        # A machine too slow for the file falls behind it: it may slow the file down, never skip for minutes.
        shown_s = self._grabbed / self._fps
        self._began = max(self._began, self._clock() - shown_s - 2 * LONGEST_READ_S)
        due = int((self._clock() - self._began) * self._fps) + 1
        while self._grabbed < due:
            if not self._capture.grab():
                return False
            self._grabbed += 1
            self._image = None
        return True
