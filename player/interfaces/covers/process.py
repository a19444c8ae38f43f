"""The process that reads pictures: started when one is asked for, ended when none was for a while."""

from __future__ import annotations

import json
import os
import select
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic

from player.log import EventLog, LogEvent
from player.system import child_process
from player.types import Json

log = EventLog(__name__, LogEvent.LIBRARY)

CHILD = child_process.module_command("player.interfaces.covers.child")
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OPENCV_FOR_THREADS_NUM": "1"}
"""The other cores are the music's."""
ANSWER_S = 10.0
"""With the start of the process; a disk that does not answer keeps nobody waiting for longer."""
IDLE_S = 60.0
"""Then it ends: it takes some sixty megabytes."""
END_S = 1.0
MOST_ANSWER = 4 * 2**20
"""Bytes; a picture of 600 pixels has a tenth."""


class PictureProcess:
    """Asks it for one picture at a time; from any thread."""

    def __init__(
        self, command: Sequence[str] = CHILD, answer_s: float = ANSWER_S, idle_s: float = IDLE_S
    ) -> None:
        self._command, self._answer_s, self._idle_s = command, answer_s, idle_s
        self._lock = threading.Lock()
        self._process: child_process.Process | None = None
        self._idle: threading.Timer | None = None
        self._closed = False

    def read(self, path: Path) -> Json:
        """What the child says of a track's picture; `{"error": ...}` also where it crashes or hangs."""
        with self._lock:
            if self._closed:
                return {"error": "the player is stopping"}
            self._rest()
            try:
                answer = self._ask(path)
            except (OSError, ValueError, TimeoutError) as error:
                log.debug("the picture of %s could not be read (%s)", path, error)
                self._end()
                return {"error": "its picture could not be read"}
            self._idle = threading.Timer(self._idle_s, self.rest)
            self._idle.daemon = True
            self._idle.start()
            return answer

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

    def _ask(self, path: Path) -> Json:
        give_up_at = monotonic() + self._answer_s
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = child_process.start(self._command, more=ONE_THREAD, own_session=True)
        pipe_in, pipe_out = self._process.stdin, self._process.stdout
        assert pipe_in is not None
        assert pipe_out is not None
        pipe_in.write(json.dumps({"path": str(path)}).encode() + b"\n")
        pipe_in.flush()
        line = b""
        while not line.endswith(b"\n"):
            left_s = give_up_at - monotonic()
            if left_s <= 0 or not select.select([pipe_out], [], [], left_s)[0]:
                raise TimeoutError("no answer")
            more_of_it = os.read(pipe_out.fileno(), 2**16)
            if not more_of_it or len(line) > MOST_ANSWER:
                raise OSError("it ended" if not more_of_it else "too long an answer")
            line += more_of_it
        answer = json.loads(line)
        if not isinstance(answer, dict):
            raise ValueError("no object")
        return answer

    def _rest(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _end(self) -> None:
        """With the lock held."""
        self._rest()
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(OSError):
            process.kill()
        child_process.wait(process, END_S)
        child_process.close_pipes(process)
