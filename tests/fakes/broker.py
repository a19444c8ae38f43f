"""A broker in memory, as the bridge sees one: it keeps what it is told, and fails when a test says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from player.interfaces.front.mqtt.broker import (
    Broker,
    BrokerConnection,
    BrokerError,
    ForbiddenError,
    Message,
    Will,
)


class FakeBroker(Broker, BrokerConnection):
    """One connection at a time."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.sent: list[tuple[str, bytes, bool]] = []
        self.subscribed: tuple[str, ...] = ()
        self.will: Will | None = None
        self.refusal: str | None = None
        """Why nobody can connect, if set."""
        self.connections = 0
        self.flow = asyncio.Event()
        """Cleared: what is published waits, as at a slow broker."""
        self.flow.set()
        self.forbidden: dict[str, str] = {}
        """Topics that it does not take anything for, and what it says of each."""
        self.longest = 1 << 20
        """Bytes: what is longer ends the connection."""
        self._inbox: asyncio.Queue[Message | None] = asyncio.Queue()

    @asynccontextmanager
    async def connect(self, will: Will | None = None) -> AsyncIterator[BrokerConnection]:
        """See Broker."""
        if self.refusal is not None:
            raise BrokerError(self.refusal)
        self.will, self._inbox = will, asyncio.Queue()
        self.connections += 1
        yield self

    async def publish(self, topic: str, payload: bytes, retain: bool) -> None:
        """See BrokerConnection."""
        await self.flow.wait()
        if topic in self.forbidden:
            raise ForbiddenError(self.forbidden[topic])
        if len(payload) > self.longest:
            raise BrokerError("The broker is gone.")
        self.sent.append((topic, payload, retain))
        if retain and payload:
            self.kept[topic] = payload
        elif retain:  # what is empty is forgotten
            self.kept.pop(topic, None)

    async def subscribe(self, *topics: str) -> None:
        """See BrokerConnection."""
        self.subscribed = topics

    async def messages(self) -> AsyncIterator[Message]:
        """See BrokerConnection."""
        while (message := await self._inbox.get()) is not None:
            yield message
        raise BrokerError("The broker is gone.")

    def say(self, topic: str, payload: str, retained: bool = False) -> None:
        """Somebody says this."""
        self._inbox.put_nowait(Message(topic, payload.encode(), retained))

    def end(self) -> None:
        """The connection breaks."""
        self._inbox.put_nowait(None)
