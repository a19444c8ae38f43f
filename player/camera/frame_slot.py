"""The slot between capture and pipeline that keeps only the newest frame."""

from __future__ import annotations

import threading

from player.types import Frame, Image


class LatestFrame:
    """A slot for one frame between two threads: the newest wins, and what nobody took is counted."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._frame: Frame | None = None
        self._onlookers = 0
        self._shown: Frame | None = None
        """The newest frame, for as long as somebody waits to see it; otherwise none is kept for that."""
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
            if self._onlookers:
                self._shown = self._frame
            self._changed.notify_all()

    def take(self, timeout_s: float) -> Frame | None:
        """The newest frame, waiting up to timeout_s seconds for it; None if none came."""
        with self._changed:
            self._changed.wait_for(lambda: self._frame is not None, timeout_s)
            frame, self._frame = self._frame, None
            return frame

    def see(self, timeout_s: float) -> Frame | None:
        """The newest frame without taking it: one that lies there, or the next; None if none came."""
        with self._changed:
            if self._frame is not None:
                return self._frame
            self._onlookers += 1
            try:
                self._changed.wait_for(lambda: self._shown is not None, timeout_s)
                return self._shown
            finally:
                self._onlookers -= 1
                if not self._onlookers:
                    self._shown = None

    def clear(self) -> None:
        """Forget the frame that lies there; it does not count as dropped."""
        with self._changed:
            self._frame = self._shown = None
