"""Commands over a Unix socket that only its user can open: one JSON object per line, each way.

-> {"command": "pin", "mood": "calm"}    <- {"ok": true, ...} or {"ok": false, "error": "...", "code": "..."}

lines.py reads and answers one connection; docs/commands.md lists the commands.
"""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from player.errors import (
    AlreadyRunningError,
    ArgumentError,
    BusyError,
    CommandFailedError,
    ControlError,
    MissingError,
    UnknownCommandError,
)
from player.interfaces.lines import Execute, LineServer
from player.log import EventLog, LogEvent
from player.state import places
from player.types import Json

log = EventLog(__name__, LogEvent.COMMAND)

ANSWER_S = 30.0
"""A command that has to wait for the models to load answers within this."""

RAISED: dict[str, type[ControlError]] = {
    error.code.value: error
    for error in (UnknownCommandError, ArgumentError, MissingError, BusyError, CommandFailedError)
}
"""What an answer's code is raised as where it comes back; ControlError for any other."""


def refusal(answer: Json) -> ControlError:
    """What is raised for an answer that is not ok."""
    kind: type[ControlError] = RAISED.get(str(answer.get("code")), ControlError)
    return kind(str(answer.get("error", "the player refused.")))


def as_line(command: str, fields: Mapping[str, Any]) -> Json:
    """What is said on a line: the command first, and no field takes its place."""
    return {"command": command} | {name: value for name, value in fields.items() if name != "command"}


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
    answer = next(_answers_to(path, as_line(command, {**given, **(fields or {})}), timeout_s), None)
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
    except BlockingIOError as error:  # so many wait for it
        raise ControlError(f"the player did not answer {line['command']!r}.") from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise ControlError(f"the player on {path} cannot be reached ({why}).") from error


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
        except (BlockingIOError, TimeoutError):  # so many wait for it: it hangs, and holds its place
            pass
        except OSError:
            return False
    return places.is_ours(path)


class LocalSocket:
    """Listens on `path` and has each command carried out, on threads of its own."""

    def __init__(self, path: Path, execute: Execute) -> None:
        self._path = path
        self._execute = execute
        self._server: LineServer | None = None

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
            self._server = LineServer(str(self._path), self._execute)
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
