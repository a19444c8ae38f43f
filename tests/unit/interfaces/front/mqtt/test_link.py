"""A connection that is made again whenever it ends: its parts end, whatever they wait for."""

from __future__ import annotations

import asyncio

import pytest

from player.interfaces.front.mqtt import link
from player.interfaces.front.mqtt.link import end


def test_a_task_that_forgets_that_it_was_cancelled_is_cancelled_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As asyncio.wait_for does if what it waits for comes just then."""
    monkeypatch.setattr(link, "AGAIN_S", 0.01)
    forgotten = 0

    async def stubborn() -> None:
        nonlocal forgotten
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                forgotten += 1
                if forgotten > 1:
                    raise

    async def scenario() -> None:
        task = asyncio.ensure_future(stubborn())
        await asyncio.sleep(0)
        async with asyncio.timeout(30):
            await end([task])
        assert task.cancelled()

    asyncio.run(scenario())
    assert forgotten == 2
