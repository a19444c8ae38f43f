"""Commands over a Unix socket that only its user can open: one JSON object per line, each way.

-> {"command": "pin", "value": "calm"}        <- {"ok": true, ...} or {"ok": false, "error": "..."}

JSON becomes requests, and answers JSON, here and nowhere else; docs/commands.md lists them.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import socketserver
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from player.errors import AlreadyRunningError, ControlError, PlayerError
from player.interfaces.command_table import read_request
from player.interfaces.messages import Answer, Request
from player.log import EventLog, LogEvent
from player.privacy.redaction import cleaned, redacted
from player.state import places
from player.types import Json, is_utf8, json_text

log = EventLog(__name__, LogEvent.COMMAND)

MAX_LINE = 65536
ANSWER_S = 30.0
"""A command that has to wait for the models to load answers within this."""

NO_TEXT = "a command is text in UTF-8: this one holds bytes that are no characters."
NO_COMMAND = 'not a command: write {"command": "volume", "value": 40}, on a line of its own.'
TOO_LONG = f"a command is one line of less than {MAX_LINE} bytes."

Execute = Callable[[Request], Answer]
"""Carries out a command; raises PlayerError if it cannot."""


def read_line(line: bytes) -> Request:
    """The request that one line holds. Raises ControlError, in one sentence, if it holds none."""
    try:
        said = json.loads(line)
        if not is_utf8(json.dumps(said, ensure_ascii=False)):
            raise ControlError(NO_TEXT)
    except UnicodeDecodeError as error:
        raise ControlError(NO_TEXT) from error
    except (ValueError, RecursionError) as error:  # no JSON, digits without end, lists in lists in lists
        raise ControlError(NO_COMMAND) from error
    if not isinstance(said, dict) or "command" not in said:
        raise ControlError(NO_COMMAND)
    return read_request(said["command"], said.get("value"))


def send(path: Path, command: str, value: Any = None, timeout_s: float = ANSWER_S) -> Json:
    """Send one command to the running player and return its answer.

    Raises ControlError where no player listens, it does not answer in time, or it refuses.
    """
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(timeout_s)
            connection.connect(str(path))
            connection.sendall(json.dumps({"command": command, "value": value}).encode() + b"\n")
            line = connection.makefile("rb").readline()
            answer = json.loads(line)
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise ControlError(f"no player is running (nothing listens on {path}); start it first.") from error
    except TimeoutError as error:
        raise ControlError(f"the player did not answer {command!r} within {timeout_s:g} s.") from error
    except (OSError, ValueError) as error:
        raise ControlError(f"the player on {path} cannot be talked to ({error}).") from error
    if not answer.get("ok"):
        raise ControlError(str(answer.get("error", "the player refused.")))
    return dict(answer)


def of_player(paths: Sequence[Path]) -> Path:
    """Where of these a player listens; the first where none does."""
    return answering(paths) or paths[0]


def answering(paths: Sequence[Path]) -> Path | None:
    """Where of these a player listens; None where none does."""
    return next(filter(_answers, paths), None)


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return places.is_ours(path)


class _Handler(socketserver.StreamRequestHandler):
    """One connection: lines in, lines out, until it closes or is silent for long."""

    timeout = 60.0

    def handle(self) -> None:
        """Answer every line; a broken one gets an error and harms nobody."""
        assert isinstance(self.server, _Server)
        with contextlib.suppress(OSError):
            while line := self.rfile.readline(MAX_LINE):
                if len(line) == MAX_LINE and not line.endswith(b"\n"):
                    answer: Json = {"ok": False, "error": TOO_LONG}
                    self._pass_over_line()
                else:
                    answer = self.server.answer(line)
                self.wfile.write(json_text(answer, default=str).encode() + b"\n")

    def _pass_over_line(self) -> None:
        """The rest of a line that is too long is no command of its own."""
        while (rest := self.rfile.readline(MAX_LINE)) and not rest.endswith(b"\n"):
            pass


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, path: str, execute: Execute) -> None:
        self._execute = execute
        super().__init__(path, _Handler)

    def answer(self, line: bytes) -> Json:
        """The answer to one line."""
        try:
            return {"ok": True, **cleaned(self._execute(read_line(line)).as_json())}
        except PlayerError as error:
            return {"ok": False, "error": redacted(str(error))}
        except Exception as error:  # a bug in one command must not end the others
            log.exception("a command failed")
            said = redacted(f"the command failed inside the player ({error!r}); see its log.")
            return {"ok": False, "error": said}


class LocalSocket:
    """Listens on `path` and has each command carried out, on threads of its own."""

    def __init__(self, path: Path, execute: Execute) -> None:
        self._path = path
        self._execute = execute
        self._server: _Server | None = None

    def start(self) -> None:
        """Begin to listen. Raises AlreadyRunningError where another player does, else ControlError."""
        try:
            places.prepare_socket_folder(self._path)
        except OSError as error:
            raise ControlError(
                f"cannot listen on {self._path} ({error.strerror or error}); see control.socket."
            ) from error
        self._remove_stale()
        # The socket must never exist with wider permissions, not even for a moment.
        before = os.umask(0o177)
        try:
            self._server = _Server(str(self._path), self._execute)
        except OSError as error:
            raise ControlError(
                f"cannot listen on {self._path} ({error.strerror or error}); see control.socket."
            ) from error
        finally:
            os.umask(before)
        threading.Thread(target=self._server.serve_forever, args=(0.2,), name="control", daemon=True).start()

    def stop(self) -> None:
        """Stop listening and remove the socket."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
            self._path.unlink(missing_ok=True)

    def _remove_stale(self) -> None:
        """A socket left by a killed player is removed; one that answers is another player's."""
        if not os.path.lexists(self._path):
            return
        if not self._path.is_socket():
            raise ControlError(f"{self._path} is no socket but a file; remove it or set control.socket.")
        if _answers(self._path):
            raise AlreadyRunningError(f"another player is already running (it listens on {self._path}).")
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            raise ControlError(
                f"cannot listen on {self._path} ({error.strerror or error}); see control.socket."
            ) from error


def listen(paths: Sequence[Path], execute: Execute) -> tuple[LocalSocket | None, str]:
    """Listen on the first of `paths` where that is possible, and say what is wrong if that is not the first.

    Raises AlreadyRunningError.
    """
    if _answers(running := of_player(paths)):
        raise AlreadyRunningError(f"another player is already running (it listens on {running}).")
    problem = ""
    for path in paths:
        listening = LocalSocket(path, execute)
        try:
            listening.start()
        except AlreadyRunningError:
            raise
        except ControlError as error:
            problem = problem or str(error)
            continue
        return listening, f"{problem} Commands find the player on {path}." if problem else ""
    return None, f"{problem} The music plays, but takes no commands."
