"""What the hub has still to say at the broker: each message once, however often it is wanted."""

from __future__ import annotations

import asyncio

from player.interfaces.front.mqtt.outbox import Letter


class Outgoing:
    """In the order in which it was wanted; on the event loop's thread alone.

    What is repeated until it is answered would heap up at a broker that is slow: it waits here once. Of what
    the broker keeps, the newest of each topic counts.
    """

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, bytes | None], Letter] = {}
        self._news = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, topic: str, payload: bytes, retain: bool) -> None:
        """Say this, if it does not wait already."""
        self._waiting[topic, None if retain else payload] = Letter(topic, payload, retain)
        self._news.set()

    async def first(self) -> Letter:
        """The one that has waited longest, as soon as there is one; it waits on until it is `done`."""
        while not self._waiting:
            self._news.clear()
            await self._news.wait()
        return next(iter(self._waiting.values()))

    def done(self, letter: Letter) -> None:
        """The broker has this one; what has taken its place since waits on."""
        key = letter.topic, None if letter.retain else letter.payload
        if self._waiting.get(key) is letter:
            del self._waiting[key]

    def failed(self, letter: Letter) -> None:
        """The connection ended while it was under way: all others come before it."""
        key = letter.topic, None if letter.retain else letter.payload
        if (waiting := self._waiting.pop(key, None)) is not None:
            self._waiting[key] = waiting
