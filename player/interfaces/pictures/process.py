"""The process that decodes pictures: started when one is asked for, ended when none was for a while."""

from __future__ import annotations

import json
import os
import signal
import threading
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from player.camera.picture_limits import SENT, TOO_LARGE, PictureError
from player.log import EventLog, LogEvent
from player.system import child_process
from player.types import Image, Json

log = EventLog(__name__, LogEvent.LIBRARY)

CHILD = child_process.module_command("player.interfaces.pictures.child")
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OPENCV_FOR_THREADS_NUM": "1"}
"""The other cores are the music's."""
COVER_S = 10.0
"""With the start of the process; a disk that does not answer keeps nobody waiting for longer."""
SENT_S = 20.0
"""Beside models and music on a small machine."""
IDLE_S = 60.0
"""Then it ends: it takes some sixty megabytes."""
END_S = 1.0
MOST_ANSWER = 4 * 2**20
"""Bytes; a frame of a camera has 1.2 million in base64, a cover a tenth of that."""


class PictureProcess:
    """Asks it for one picture at a time; from any thread."""

    def __init__(
        self,
        command: Sequence[str] = CHILD,
        cover_s: float = COVER_S,
        sent_s: float = SENT_S,
        idle_s: float = IDLE_S,
    ) -> None:
        self._command, self._idle_s = command, idle_s
        self._cover_s, self._sent_s = cover_s, sent_s
        self._lock = threading.Lock()
        self._process: child_process.Process | None = None
        self._idle: threading.Timer | None = None
        self._closed = False

    def cover(self, path: Path) -> Json:
        """What the child says of a track's picture; `{"error": ...}` also where it crashes or hangs."""
        return self._ask({"path": str(path)}, self._cover_s, "its picture could not be read")

    def decode(self, data: bytes, width: int, height: int) -> Image:
        """A picture that somebody sent as (H, W, 3) uint8 BGR, upright, within width x height.

        Raises PictureError; `why` ends a sentence about it. Metadata but for which side is up is passed over.
        What is refused by size, kind or header starts no process.
        """
        SENT.check(data)
        picture = b64encode(data).decode()
        asked: Json = {"picture": picture, "width": width, "height": height}
        answer = self._ask(asked, self._sent_s, SENT.no_kind)
        return _image(answer, width, height)

    def rest(self) -> None:
        """End the process until a picture is asked for."""
        with self._lock:
            self._end()

    def close(self) -> None:
        """End the process for good."""
        self._closed = True
        self.rest()

    @property
    def pid(self) -> int | None:
        """Of the process; None while there is none."""
        process = self._process
        return process.pid if process is not None else None

    def _ask(self, asked: Json, limit_s: float, otherwise: str) -> Json:
        """The child's answer; `otherwise` is the error if there is none."""
        with self._lock:
            if self._closed:
                return {"error": "the player is stopping"}
            self._stay()
            try:
                answer = self._answer(asked, limit_s)
            except (OSError, ValueError) as error:
                log.debug("a picture could not be read (%s)", error)
                self._end()
                return {"error": otherwise}
            self._idle = threading.Timer(self._idle_s, self.rest)
            self._idle.daemon = True
            self._idle.start()
            return answer

    def _answer(self, asked: Json, limit_s: float) -> Json:
        """Raises OSError and ValueError."""
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = child_process.start(self._command, more=ONE_THREAD, own_session=True)
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        line = b""
        with _killed_after(process, limit_s):
            process.stdin.write(json.dumps(asked).encode() + b"\n")
            process.stdin.flush()
            while not line.endswith(b"\n"):
                more = os.read(process.stdout.fileno(), 2**18)
                if not more or len(line) > MOST_ANSWER:
                    raise OSError("it ended" if not more else "too long an answer")
                line += more
        answer = json.loads(line)
        if not isinstance(answer, dict):
            raise ValueError("no object")
        return answer

    def _stay(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _end(self) -> None:
        """With the lock held."""
        self._stay()
        process, self._process = self._process, None
        if process is None:
            return
        _kill(process)
        child_process.wait(process, END_S)
        child_process.close_pipes(process)


@contextmanager
def _killed_after(process: child_process.Process, limit_s: float) -> Iterator[None]:
    """Whoever writes to it or reads from it waits no longer."""
    timer = threading.Timer(limit_s, _kill, (process,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _kill(process: child_process.Process) -> None:
    """With the copy that decodes, if there is one: they have a session of their own."""
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)


def _image(answer: Json, width: int, height: int) -> Image:
    """The picture that was answered; nothing of it is believed."""
    pixels, rows, columns = answer.get("pixels"), answer.get("rows"), answer.get("columns")
    if isinstance(pixels, str) and isinstance(rows, int) and isinstance(columns, int):
        try:
            data = b64decode(pixels, validate=True)
        except ValueError:
            data = b""
        if 0 < rows <= height and 0 < columns <= width and len(data) == 3 * rows * columns:
            return np.frombuffer(data, np.uint8).reshape(rows, columns, 3).copy()
    raise PictureError(TOO_LARGE if answer.get("error") == TOO_LARGE else SENT.no_kind)
