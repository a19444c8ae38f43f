"""A broker in memory for many at once: it keeps what is retained, passes on, and says who is gone."""

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


class Exchange:
    """What all are connected to."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.said: list[tuple[str, bytes]] = []
        self.is_up = True
        self.lost: set[str] = set()
        """Kinds of topics at which nothing arrives, as if the connection broke just then."""
        self.forbidden: set[str] = set()
        """Kinds of topics that nobody may write to, and is told so."""
        self.refused = 0
        """How often somebody was told so."""
        self.longest: int | None = None
        """Bytes: what is longer is dropped, and nobody is told."""
        self._connections: list[ExchangeConnection] = []

    def client(self) -> ExchangeClient:
        """Another one that may connect."""
        return ExchangeClient(self)

    def go_down(self) -> None:
        """Everybody is cut off, and what was kept is lost."""
        self.is_up = False
        self.kept.clear()
        for connection in list(self._connections):
            connection.cut()

    def say(self, topic: str, payload: bytes, retain: bool = False) -> None:
        """Somebody says this."""
        is_too_long = self.longest is not None and len(payload) > self.longest
        if topic.rpartition("/")[2] in self.lost or is_too_long:
            return
        self.said.append((topic, payload))
        if retain:
            self.kept[topic] = payload
            if not payload:
                del self.kept[topic]
        for connection in list(self._connections):
            connection.hear(Message(topic, payload))

    def add(self, connection: ExchangeConnection) -> None:
        """One has connected."""
        self._connections.append(connection)

    def remove(self, connection: ExchangeConnection) -> None:
        """One is gone."""
        self._connections.remove(connection)


class ExchangeClient(Broker):
    """One of those who connect."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._connection: ExchangeConnection | None = None

    @asynccontextmanager
    async def connect(self, will: Will | None = None) -> AsyncIterator[BrokerConnection]:
        """See Broker."""
        if not self._exchange.is_up:
            raise BrokerError("No broker can be reached.")
        self._connection = made = ExchangeConnection(self._exchange)
        self._exchange.add(made)
        try:
            yield made
        finally:
            self._exchange.remove(made)
            if will is not None and self._exchange.is_up and made.is_cut:
                self._exchange.say(will.topic, will.payload.encode(), retain=True)

    def cut(self) -> None:
        """Its connection breaks."""
        assert self._connection is not None
        self._connection.cut()


class ExchangeConnection(BrokerConnection):
    """See BrokerConnection."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._filters: list[str] = []
        self._inbox: asyncio.Queue[Message | None] = asyncio.Queue()
        self.is_cut = False

    def cut(self) -> None:
        """Nothing comes or goes any more."""
        self.is_cut = True
        self._inbox.put_nowait(None)

    def hear(self, message: Message) -> None:
        """Something was said."""
        if any(_fits(message.topic, each) for each in self._filters):
            self._inbox.put_nowait(message)

    async def publish(self, topic: str, payload: bytes, retain: bool) -> None:
        """See BrokerConnection."""
        await asyncio.sleep(0)
        if self.is_cut:
            raise BrokerError("The connection is gone.")
        if topic.rpartition("/")[2] in self._exchange.forbidden and payload:
            self._exchange.refused += 1
            raise ForbiddenError(f"the broker forbids {topic}")
        self._exchange.say(topic, payload, retain)

    async def subscribe(self, *topics: str) -> None:
        """See BrokerConnection."""
        self._filters += topics
        for topic, payload in self._exchange.kept.items():
            if any(_fits(topic, each) for each in topics):
                self._inbox.put_nowait(Message(topic, payload, retained=True))

    async def messages(self) -> AsyncIterator[Message]:
        """See BrokerConnection."""
        while (message := await self._inbox.get()) is not None:
            yield message
        raise BrokerError("The connection is gone.")


def _fits(topic: str, pattern: str) -> bool:
    parts, wanted = topic.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(w in ("+", p) for p, w in zip(parts, wanted, strict=True))
