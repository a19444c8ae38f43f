"""Commands over a Unix socket that only its user can open: one JSON object per line, each way.

-> {"command": "pin", "mood": "calm"}    <- {"ok": true, ...} or {"ok": false, "error": "...", "code": "..."}

JSON becomes requests, and answers JSON, here and nowhere else; docs/commands.md lists them.
The module is long because both ends of one wire stand in it.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from player.errors import (
    AlreadyRunningError,
    ArgumentError,
    BusyError,
    CommandFailedError,
    ControlError,
    ErrorCode,
    MissingError,
    PlayerError,
    UnknownCommandError,
)
from player.interfaces.command_table import BY_REQUEST, COMMANDS, MAX_BYTES, CommandSpec, read_request
from player.interfaces.messages.base import Answer, Request, Stream
from player.interfaces.streaming import send_stream
from player.log import EventLog, LogEvent
from player.privacy.redaction import cleaned, redacted
from player.state import places
from player.types import Json, is_utf8, json_text

log = EventLog(__name__, LogEvent.COMMAND)

ANSWER_S = 30.0
"""A command that has to wait for the models to load answers within this."""

NO_TEXT = "a command is text in UTF-8: this one holds bytes that are no characters."
NO_COMMAND = 'not a command: write {"command": "volume", "value": 40}, on a line of its own.'
TOO_LONG = "{what} is one line of less than {most} bytes."
FIRST_KEY = re.compile(rb'\s*\{\s*"command"\s*:\s*"(\w+)"')
"""By which a line of more than MAX_BYTES says that it may be one."""
RAISED: dict[str, type[ControlError]] = {
    error.code.value: error
    for error in (UnknownCommandError, ArgumentError, MissingError, BusyError, CommandFailedError)
}
"""What an answer's code is raised as where it comes back; ControlError for any other."""

Execute = Callable[[Request], Answer | Stream]
"""Carries out a command; raises PlayerError if it cannot."""


def read_line(line: bytes) -> Request:
    """The request that one line holds. Raises ControlError, in one sentence, if it holds none."""
    try:
        said = json.loads(line)
        text = json.dumps(said, ensure_ascii=False)
    except UnicodeDecodeError as error:
        raise ArgumentError(NO_TEXT) from error
    except (ValueError, RecursionError) as error:  # no JSON, digits without end, lists in lists in lists
        raise ArgumentError(NO_COMMAND) from error
    if not is_utf8(text):
        raise ArgumentError(NO_TEXT)
    if not isinstance(said, dict) or "command" not in said:
        raise ArgumentError(NO_COMMAND)
    more = {name: value for name, value in said.items() if name not in ("command", "value")}
    return read_request(said["command"], said.get("value"), more)


def refusal(answer: Json) -> ControlError:
    """What is raised for an answer that is not ok."""
    kind: type[ControlError] = RAISED.get(str(answer.get("code")), ControlError)
    return kind(str(answer.get("error", "the player refused.")))


def send(
    path: Path,
    command: str,
    value: Any = None,
    timeout_s: float = ANSWER_S,
    fields: Mapping[str, Any] | None = None,
) -> Json:
    """Send one command to the running player and return its answer.

    value   the main argument, where it is not among the fields
    fields  by their names

    Raises ControlError if no player listens or it does not answer in time, and the child of it that fits
    the answer's code if it refuses.
    """
    given = {} if value is None else {"value": value}
    answer = next(_answers_to(path, {"command": command, **given, **(fields or {})}, timeout_s), None)
    if answer is None:
        raise ControlError(f"the player on {path} has ended before it answered.")
    return answer


def watch(path: Path, since: str | None = None, timeout_s: float = ANSWER_S) -> Iterator[Json]:
    """The lines of the command `watch`, heartbeats too, until the player ends. Raises as `send` does."""
    return _answers_to(path, {"command": "watch", "since": since}, timeout_s)


def _answers_to(path: Path, line: Json, timeout_s: float) -> Iterator[Json]:
    """Each line that is answered to one, none of which may take longer than that."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(timeout_s)
            connection.connect(str(path))
            connection.sendall(json.dumps(line).encode() + b"\n")
            for answer in map(json.loads, connection.makefile("rb")):
                if not answer.get("ok"):
                    raise refusal(answer)
                yield dict(answer)
    except ControlError:  # it is an OSError too
        raise
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise ControlError(f"no player is running (nothing listens on {path}); start it first.") from error
    except TimeoutError as error:
        said = f"the player did not answer {line['command']!r} within {timeout_s:g} s."
        raise ControlError(said) from error
    except (OSError, ValueError) as error:
        raise ControlError(f"the player on {path} cannot be reached ({error}).") from error


def of_player(paths: Sequence[Path]) -> Path:
    """Where of these a player listens; the first if none does."""
    return answering(paths) or paths[0]


def answering(paths: Sequence[Path]) -> Path | None:
    """Where of these a player listens; None if none does."""
    return next(filter(_answers, paths), None)


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return places.is_ours(path)


def refused(code: ErrorCode, sentence: str) -> Json:
    """An answer that is not ok."""
    return {"ok": False, "error": redacted(sentence), "code": code.value}


class _Handler(socketserver.StreamRequestHandler):
    """One connection: lines in, lines out, until it closes or is silent for long."""

    timeout = 60.0
    server: _Server

    def handle(self) -> None:
        """Answer every line; a broken one gets an error and harms nobody."""
        with contextlib.suppress(OSError):
            while line := self.rfile.readline(MAX_BYTES):
                with contextlib.ExitStack() as stack:
                    whole = self._whole(line, stack)
                    answer = whole if isinstance(whole, dict) else self.server.answer(whole, stack)
                    if not isinstance(answer, dict):
                        send_stream(self.connection, answer)
                        return
                self.wfile.write(json_text(answer, default=str).encode() + b"\n")

    def _whole(self, line: bytes, stack: contextlib.ExitStack) -> bytes | Json:
        """All of a line, where it may be so long; else what is answered to it."""
        if len(line) < MAX_BYTES or line.endswith(b"\n"):
            return line
        found = FIRST_KEY.match(line)
        spec = COMMANDS.get(found[1].decode()) if found else None
        if spec is None or spec.max_bytes <= MAX_BYTES:
            self._pass_over_line()
            return refused(ErrorCode.ARGUMENT, TOO_LONG.format(what="a command", most=MAX_BYTES))
        try:
            stack.enter_context(self.server.slot(spec))  # before the memory is needed
        except BusyError as error:
            self._pass_over_line()
            return refused(error.code, str(error))
        line += self.rfile.readline(spec.max_bytes - MAX_BYTES)
        if line.endswith(b"\n"):
            return line
        self._pass_over_line()
        return refused(ErrorCode.ARGUMENT, TOO_LONG.format(what=spec.name, most=spec.max_bytes))

    def _pass_over_line(self) -> None:
        """The rest of a line that is too long is no command of its own."""
        while (rest := self.rfile.readline(MAX_BYTES)) and not rest.endswith(b"\n"):
            pass


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, path: str, execute: Execute) -> None:
        self._execute = execute
        limited = (spec for spec in COMMANDS.values() if spec.at_once is not None)
        self._slots = {spec.name: threading.BoundedSemaphore(spec.at_once or 0) for spec in limited}
        super().__init__(path, _Handler)

    def answer(self, line: bytes, stack: contextlib.ExitStack) -> Json | Stream:
        """The answer to one line: JSON, or the lines to come. `stack` ends what is held for it."""
        try:
            request = read_line(line)
            spec = BY_REQUEST[type(request)]
            if len(line) > spec.max_bytes:
                raise ArgumentError(TOO_LONG.format(what=spec.name, most=spec.max_bytes))
            if len(line) <= MAX_BYTES:  # else it was taken before the rest was read
                stack.enter_context(self.slot(spec))
            answer = self._execute(request)
            if isinstance(answer, Answer):
                return {"ok": True, **cleaned(answer.as_json())}
        except PlayerError as error:
            return refused(error.code, str(error))
        except Exception as error:  # a bug in one command must not end the others
            log.exception("a command failed")
            said = f"the command failed inside the player ({error!r}); see its log."
            return refused(ErrorCode.FAILED, said)
        stack.callback(answer.close)
        return answer

    @contextlib.contextmanager
    def slot(self, spec: CommandSpec) -> Iterator[None]:
        """For as long as a command is under way. Raises BusyError if too many of its kind are."""
        slots = self._slots.get(spec.name)
        if slots is not None and not slots.acquire(blocking=False):
            raise BusyError(f"{spec.name} is asked for too often at once; try again in a moment.")
        try:
            yield
        finally:
            if slots is not None:
                slots.release()


class LocalSocket:
    """Listens on `path` and has each command carried out, on threads of its own."""

    def __init__(self, path: Path, execute: Execute) -> None:
        self._path = path
        self._execute = execute
        self._server: _Server | None = None

    @property
    def path(self) -> Path:
        """Where it listens."""
        return self._path

    def start(self) -> None:
        """Begin to listen. Raises AlreadyRunningError if another player does, else ControlError."""
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
