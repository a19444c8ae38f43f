"""The front's application in the process of a test, without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx

from player.interfaces.command_table import Role
from player.interfaces.front.web.app import make_app, served
from player.interfaces.front.web.security.access import Access
from player.interfaces.front.web.security.authenticator import Authenticator, Identity
from player.interfaces.front.web.security.proxies import Asker
from player.interfaces.front.web.security.request_head import Head
from tests.fakes.player import FakePlayer


class Known(Authenticator):
    """Takes everyone for the same one."""

    def __init__(self, identity: Identity | None) -> None:
        self._identity = identity

    def find(self, head: Head, asker: Asker, now_s: float) -> Identity | None:
        """See Authenticator."""
        return self._identity

    def still(self, identity: Identity, now_s: float) -> bool:
        """See Authenticator."""
        return True


OWNER = Known(Identity(Role.OWNER, "Jo"))


@asynccontextmanager
async def web(
    player: FakePlayer, authenticator: Authenticator = OWNER, base_path: str = ""
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application that has heard of the player's status."""
    access = Access(port=80, base_path=base_path)
    app = make_app(player, access)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(served(app, access, authenticator), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            await until(lambda: app.state.board.newest is not None)
            yield client


async def until(condition: Callable[[], object]) -> None:
    """Return as soon as the condition holds; TimeoutError after a minute, which a busy machine may need."""
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0)
