"""A player that takes commands from the command line, wherever it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from player.errors import ControlError
from player.interfaces import socket
from player.types import Json

ANOTHER_VERSION = "the player is of another version: its answer cannot be read."


class AddressedPlayer(Protocol):
    """A player that takes commands."""

    def command(self, name: str, fields: Json) -> Json:
        """Give a command; returns its answer. Raises ControlError, in one sentence."""
        ...

    def watch(self) -> Iterator[Json]:
        """A line with its `status` for every change; one with `heartbeat` says that nothing has changed."""
        ...


@dataclass(frozen=True)
class LocalPlayer(AddressedPlayer):
    """The one that listens on a control socket."""

    path: Path

    def command(self, name: str, fields: Json) -> Json:
        """See AddressedPlayer."""
        answer = socket.send(self.path, name, fields=fields)
        answer.pop("ok")
        return answer

    def watch(self) -> Iterator[Json]:
        """See AddressedPlayer."""
        return socket.watch(self.path)


@contextmanager
def understood() -> Iterator[None]:
    """While an answer is read. Raises ControlError where it is not made as this version makes it."""
    try:
        yield
    except (AttributeError, KeyError, TypeError) as error:
        raise ControlError(ANOTHER_VERSION) from error
