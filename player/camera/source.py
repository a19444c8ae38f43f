"""What a camera is to the player, and the pace at which it gives frames."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

from player.config.settings.perception import CameraSettings
from player.types import Image

LONGEST_READ_S = 1.0
"""However low the frame rate is, read() comes back after this long, so that a camera can be switched off."""


class FrameSource(Protocol):
    """Gives frames, one at a time, to the one thread that opened it."""

    @property
    def name(self) -> str:
        """For people: "webcam /dev/video0", "demo camera". Never holds a password."""

    @property
    def live(self) -> bool:
        """True if a lens is at work: a dark or unchanging picture then means a fault."""

    def open(self) -> None:
        """Get ready to read; raises CameraError."""

    def read(self) -> Image:
        """Block until the next frame is due (1/fps, at most LONGEST_READ_S) and return it.

        (H, W, 3) uint8 BGR, within the settings' width x height. A driver's own time limits come on top.
        Raises CameraError if the camera is lost, EndOfFrames if a source that plays once has ended.
        """

    def close(self) -> None:
        """Release the device; harmless if nothing is open."""


class FramePace:
    """When a source's next frame is due."""

    def __init__(self, settings: CameraSettings, clock: Callable[[], float]) -> None:
        self._period_s = min(1 / settings.fps, LONGEST_READ_S)
        self._clock = clock
        self._due = -math.inf

    def left_s(self) -> float:
        """Seconds until the next frame is due, 0 if it is due already (as the first one always is)."""
        return max(0.0, self._due - self._clock())

    def done(self) -> None:
        """A frame is being handed over: the next one is due a period from now."""
        self._due = self._clock() + self._period_s
