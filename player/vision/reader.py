"""What every reader of scenes offers, be it compact or BLIP."""

from __future__ import annotations

from typing import Protocol

from player.types import Frame, Scene


class SceneReader(Protocol):
    """Reads a frame into a Scene."""

    name: str
    """How the reader is called in scenes, logs and the configuration."""

    def read(self, frame: Frame, motion: float = 0.0) -> Scene:
        """What the frame shows. `motion`: share of the picture that moved, 0 to 1, from MotionMeter."""
        ...
