"""One reader of scenes for several threads: the room's frames and pictures that are sent take turns."""

from __future__ import annotations

import threading

from player.types import Frame, Scene
from player.vision.reader import SceneReader


class AlternatingReader:
    """A SceneReader that reads one picture at a time; BLIP is not safe to call from two threads."""

    def __init__(self, reader: SceneReader) -> None:
        self._reader, self._lock = reader, threading.Lock()
        self.name = reader.name

    def read(self, frame: Frame, motion: float = 0.0) -> Scene:
        """As the reader does, once it is free."""
        with self._lock:
            return self._reader.read(frame, motion)
