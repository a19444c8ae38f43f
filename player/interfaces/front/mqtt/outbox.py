"""What is still to be said at the broker: of each topic the newest value, so that it cannot grow."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Letter:
    """One message. `retain`: the broker keeps it for who comes later."""

    topic: str
    payload: bytes
    retain: bool = True


class Outbox:
    """Filled with values and emptied by whoever sends; on the event loop's thread alone."""

    def __init__(self) -> None:
        self._values: dict[str, bytes] = {}
        self._sent: dict[str, bytes] = {}
        self._waiting: dict[str, None] = {}
        self._events: dict[str, bytes] = {}
        self._news = asyncio.Event()

    def put(self, topic: str, payload: str | bytes) -> None:
        """This holds from now on; nothing is to be sent if it has held before."""
        data = payload.encode() if isinstance(payload, str) else payload
        if self._values.get(topic) != data:
            self._values[topic] = data
            self._waiting[topic] = None
            self._news.set()

    def happened(self, topic: str, payload: str) -> None:
        """Something has happened, which is said once or, if the connection breaks, never."""
        self._events[topic] = payload.encode()
        self._news.set()

    def again(self) -> None:
        """Send all that holds once more: who was told does not know it any more."""
        self._sent.clear()
        self._waiting = dict.fromkeys(self._values)
        self._news.set()

    def forget_events(self) -> None:
        """What happened while nobody listened is no news any more."""
        self._events.clear()

    async def next(self) -> Letter:
        """The next one to be sent, as soon as there is one; it counts as sent."""
        while True:
            while self._waiting:
                topic = next(iter(self._waiting))
                del self._waiting[topic]
                payload = self._values[topic]
                if self._sent.get(topic) != payload:
                    self._sent[topic] = payload
                    return Letter(topic, payload)
            if self._events:
                topic = next(iter(self._events))
                return Letter(topic, self._events.pop(topic), retain=False)
            self._news.clear()
            await self._news.wait()
