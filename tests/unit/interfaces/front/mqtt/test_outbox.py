"""What is to be said at the broker: what it does not take waits aside, and for how long."""

from __future__ import annotations

import asyncio

from player.interfaces.front.mqtt.outbox import FATAL_S, MOST_FAILURES, REFUSED_S, Letter, Outbox


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def drained(box: Outbox) -> list[Letter]:
    """All that it gives without waiting."""
    found = []
    while True:
        task = asyncio.ensure_future(box.next())
        for _ in range(5):
            await asyncio.sleep(0)
        if not task.done():
            task.cancel()
            return found
        found.append(task.result())


def test_what_is_refused_is_tried_again_with_its_newest_value() -> None:
    async def scenario() -> None:
        clock = Clock()
        box = Outbox(clock)
        box.put("a", "1")
        (letter,) = await drained(box)
        box.refused(letter)
        box.put("a", "2")
        assert await drained(box) == []
        clock.now = REFUSED_S
        (letter,) = await drained(box)
        assert letter.payload == b"2"
        box.refused(letter)
        box.again()
        assert [one.payload for one in await drained(box)] == [b"2"], "another connection, another try"

    asyncio.run(scenario())


def test_what_ends_each_connection_waits_aside_and_what_is_shorter_does_not() -> None:
    async def scenario() -> None:
        clock = Clock()
        box = Outbox(clock)
        box.put("cover", "x" * 100)
        for failure in range(MOST_FAILURES):
            (letter,) = await drained(box)
            assert box.failed(letter) == (failure == MOST_FAILURES - 1)
            box.again()
        assert await drained(box) == []
        box.put("cover", "y" * 100)
        assert await drained(box) == []
        box.put("cover", "y" * 10)
        (letter,) = await drained(box)
        box.arrived(letter)
        box.put("cover", "x" * 100)
        (letter,) = await drained(box)
        for _ in range(MOST_FAILURES):
            box.failed(letter)
        clock.now = FATAL_S
        assert [one.payload for one in await drained(box)] == [b"x" * 100]

    asyncio.run(scenario())


def test_a_broker_that_is_killed_now_and_then_puts_nothing_aside() -> None:
    async def scenario() -> None:
        box = Outbox()
        box.put("a", "1")
        for _ in range(10):
            (letter,) = await drained(box)
            assert not box.failed(letter)
            box.again()
            (letter,) = await drained(box)
            box.arrived(letter)
            box.again()

    asyncio.run(scenario())
