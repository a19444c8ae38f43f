"""The front's application in the process of a test, without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx

from player.interfaces.front.web.app import make_app, served
from player.interfaces.front.web.security.authenticator import Authenticator
from player.interfaces.front.web.security.loopback_owner import LoopbackOwner
from tests.fakes.player import FakePlayer


@asynccontextmanager
async def web(
    player: FakePlayer, authenticator: Authenticator | None = None, base_path: str = ""
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application that has heard of the player's status."""
    app = make_app(player, authenticator or LoopbackOwner())
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(served(app, base_path), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            await until(lambda: app.state.board.newest is not None)
            yield client


async def until(condition: Callable[[], object]) -> None:
    """Return as soon as the condition holds; TimeoutError after 10 s."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0)
