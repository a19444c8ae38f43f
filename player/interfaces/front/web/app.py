"""The HTTP application, put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from player import __version__
from player.config.settings.front import FrontSettings
from player.interfaces.front.interfaces import Interfaces
from player.interfaces.front.player_client import PlayerClient
from player.interfaces.front.status_board import StatusBoard
from player.interfaces.front.web import problems
from player.interfaces.front.web.page import site
from player.interfaces.front.web.routes import (
    commands,
    config,
    events,
    library,
    pictures,
    setup,
    status,
    support,
)
from player.interfaces.front.web.schema import PATH, Schema
from player.interfaces.front.web.security.access import Access
from player.interfaces.front.web.security.authenticator import Authenticator
from player.interfaces.front.web.security.gate import Gate
from player.interfaces.front.web.security.logins import Logins
from player.interfaces.front.web.security.permission import GuardedPlayer
from player.interfaces.front.web.security.routes import router as access_router

API_VERSION = "1"
NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
"""FastAPI would hand spans to OpenTelemetry if there was any."""


def make_app(
    client: PlayerClient,
    access: Access,
    logins: Logins | None = None,
    followed: StatusBoard | None = None,
    beside: Interfaces | None = None,
) -> FastAPI:
    """All routes; `served` puts around them what a server needs.

    logins    without them, nobody can log in
    followed  a board that follows the player already; without it, one is made
    beside    the ways to the player beside the page
    """
    board = followed or StatusBoard(client)

    @asynccontextmanager
    async def follow(_: FastAPI) -> AsyncIterator[None]:
        if followed is not None:
            yield
            return
        following = asyncio.ensure_future(board.follow())
        yield
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following

    app = FastAPI(
        title="ambient-player",
        version=__version__,
        docs_url=None,  # Swagger's page comes from strangers' servers
        redoc_url=None,
        openapi_url=None,  # schema.py answers it
        redirect_slashes=False,
        lifespan=follow,
        telemetry=NO_TELEMETRY,
    )
    app.state.client, app.state.board, app.state.logins = GuardedPlayer(client, access), board, logins
    app.state.beside = beside or Interfaces(FrontSettings())
    app.state.places, app.state.staff_volume = events.StreamPlaces(), access.staff_volume
    problems.install(app)
    topics = (status, events, commands, library, pictures, config, support, setup)
    for router in (*(topic.router for topic in topics), *([access_router] if logins else [])):
        app.include_router(router)
    site.install(app)
    schema = Schema(app)
    app.add_route(PATH, schema.answer, include_in_schema=False)
    app.openapi = schema.document  # type: ignore[method-assign]
    return app


def served(app: FastAPI, access: Access, authenticator: Authenticator) -> ASGIApp:
    """The application for those whom `authenticator` knows, with what comes before and after every route."""
    return ApiVersion(Gate(app, access, authenticator, is_page=site.is_public))


class ApiVersion:
    """Says with every answer which version of the API it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, with one header more."""

        async def versioned(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (b"api-version", API_VERSION.encode())]
            await send(message)

        await self._app(scope, receive, versioned)
