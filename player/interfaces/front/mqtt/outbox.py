"""What is still to be said at the broker: of each topic the newest value, so that it cannot grow."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Letter:
    """One message. `retain`: the broker keeps it for who comes later."""

    topic: str
    payload: bytes
    retain: bool = True


REFUSED_S = 300.0
"""What the broker does not take is tried again after so long, or at the next connection."""
FATAL_S = 3600.0
"""What ended the connection each time, such as a picture that is too long for the line or the broker, waits
aside for so long; a shorter one does not."""
MOST_FAILURES = 3
"""In a row, until it is put aside: a broker may have been killed just then."""


@dataclass(frozen=True, slots=True)
class Aside:
    """What stands at a topic is not sent now.

    until_s   by the steady clock
    shorter   what has fewer bytes is sent all the same
    """

    until_s: float
    shorter: int = 0


class Outbox:
    """Filled with values and emptied by whoever sends; on the event loop's thread alone.

    clock  a steady one, in seconds
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._aside: dict[str, Aside] = {}
        self._failures: dict[str, int] = {}
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
        self._aside = {topic: aside for topic, aside in self._aside.items() if aside.shorter}
        self._waiting = dict.fromkeys(self._values)
        self._news.set()

    def forget_events(self) -> None:
        """What happened while nobody listened is no news any more."""
        self._events.clear()

    def arrived(self, letter: Letter) -> None:
        """The broker has it."""
        self._failures.pop(letter.topic, None)
        self._aside.pop(letter.topic, None)

    def refused(self, letter: Letter) -> None:
        """The broker does not take it, and the connection holds."""
        self._put_aside(letter, Aside(self._clock() + REFUSED_S))

    def failed(self, letter: Letter) -> bool:
        """The connection ended while it was under way. True if it is put aside from now on."""
        failures = self._failures[letter.topic] = self._failures.get(letter.topic, 0) + 1
        if failures < MOST_FAILURES:
            return False
        del self._failures[letter.topic]
        self._put_aside(letter, Aside(self._clock() + FATAL_S, len(letter.payload)))
        return True

    def _put_aside(self, letter: Letter, aside: Aside) -> None:
        if letter.retain:
            self._sent.pop(letter.topic, None)
            self._aside[letter.topic] = aside
            self._news.set()  # whoever waits is to wait no longer than that

    def _is_aside(self, topic: str) -> bool:
        aside = self._aside.get(topic)
        return aside is not None and len(self._values[topic]) >= aside.shorter

    def _bring_back(self) -> float | None:
        """Let go what has waited aside for long enough; returns in how many seconds the next will have."""
        now = self._clock()
        for topic in [topic for topic, aside in self._aside.items() if aside.until_s <= now]:
            del self._aside[topic]
            self._waiting[topic] = None
        return min((aside.until_s - now for aside in self._aside.values()), default=None)

    async def next(self) -> Letter:
        """The next one to be sent, as soon as there is one; it counts as sent."""
        while True:
            back_s = self._bring_back()
            while self._waiting:
                topic = next(iter(self._waiting))
                del self._waiting[topic]
                payload = self._values[topic]
                if self._sent.get(topic) != payload and not self._is_aside(topic):
                    self._sent[topic] = payload
                    return Letter(topic, payload)
            if self._events:
                topic = next(iter(self._events))
                return Letter(topic, self._events.pop(topic), retain=False)
            self._news.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(back_s):
                    await self._news.wait()
