"""One connection of the control socket: JSON becomes requests, and answers JSON, here and nowhere else."""

from __future__ import annotations

import contextlib
import json
import re
import socketserver
import threading
from collections.abc import Callable, Iterator

from player.errors import ArgumentError, BusyError, ErrorCode
from player.interfaces.answers import done, failed, line_of, refused
from player.interfaces.command_table import BY_REQUEST, COMMANDS, MAX_BYTES, CommandSpec, read_request
from player.interfaces.messages.base import Answer, Request, Stream
from player.interfaces.streaming import send_stream
from player.types import Json, is_utf8

NO_TEXT = "a command is text in UTF-8: this one holds bytes that are no characters."
NO_COMMAND = 'not a command: write {"command": "volume", "value": 40}, on a line of its own.'
TOO_LONG = "{what} is one line of less than {most} bytes."
FIRST_KEY = re.compile(rb'\s*\{\s*"command"\s*:\s*"(\w+)"')
"""By which a line of more than MAX_BYTES says that it may be one."""

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


class LineConnection(socketserver.StreamRequestHandler):
    """One connection: lines in, lines out, until it closes or is silent for long."""

    timeout = 60.0
    server: LineServer

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
                self.wfile.write(line_of(answer))

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


class LineServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """A thread for each connection, which has its lines carried out, as many at once as the table says."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, path: str, execute: Execute) -> None:
        self._execute = execute
        limited = (spec for spec in COMMANDS.values() if spec.at_once is not None)
        self._slots = {spec.name: threading.BoundedSemaphore(spec.at_once or 0) for spec in limited}
        super().__init__(path, LineConnection)

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
                return done(answer)
        except Exception as error:  # noqa: BLE001 - a bug in one command must not end the others
            return failed(error)
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
