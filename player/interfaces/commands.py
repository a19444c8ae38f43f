"""Carries out the commands of command_table.py, whoever asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from player.events import CommandDone, Publish
from player.interfaces.command_table import BY_REQUEST
from player.interfaces.messages.base import Answer, Handler, Request, Stream


class Handlers(Protocol):
    """The commands of one topic; handlers/ has one class for each."""

    def handlers(self) -> Mapping[type[Request], Handler]:
        """What carries out each type of request. Called on a thread of the socket: it may wait."""
        ...


class CommandHandler:
    """Hands each request to what carries it out. From any thread."""

    def __init__(self, topics: Iterable[Handlers], publish: Publish = lambda _: None) -> None:
        """`publish` is told of each command that may have changed what a restart must find again."""
        self._handlers: dict[type[Request], Handler] = {}
        for topic in topics:
            self._handlers.update(topic.handlers())
        self._publish = publish

    @property
    def requests(self) -> frozenset[type[Request]]:
        """What can be carried out."""
        return frozenset(self._handlers)

    def execute(self, request: Request) -> Answer | Stream:
        """Carry out a command. Raises PlayerError if it cannot be done now."""
        answer = self._handlers[type(request)](request)
        spec = BY_REQUEST[type(request)]
        if spec.changes:
            self._publish(CommandDone(spec.name))
        return answer
