"""What a broker is to the player: messages go there and come from there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol


class BrokerError(Exception):
    """The broker cannot be used; `str` is a sentence for a person."""


class ForbiddenError(BrokerError):
    """The broker is there, and does not take a message or a subscription of ours; the connection holds."""


@dataclass(frozen=True, slots=True)
class Message:
    """One that came.

    retained  it was kept by the broker: nobody says it now
    """

    topic: str
    payload: bytes
    retained: bool = False


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker says, and keeps, if the connection breaks."""

    topic: str
    payload: str


class BrokerConnection(Protocol):
    """As long as it lasts; everything raises BrokerError once it does no longer."""

    async def publish(self, topic: str, payload: bytes, retain: bool) -> None:
        """Hand a message over; returns when the broker has it. Raises ForbiddenError if it may not."""
        ...

    async def subscribe(self, *topics: str) -> None:
        """Ask for what is said at these. Raises ForbiddenError after all if the broker refuses one."""
        ...

    def messages(self) -> AsyncIterator[Message]:
        """What comes; of more than can be worked off at a topic, the newest."""
        ...


class Broker(Protocol):
    """Lets itself be connected to."""

    def connect(self, will: Will | None = None) -> AbstractAsyncContextManager[BrokerConnection]:
        """A connection. Raises BrokerError."""
        ...
