"""The HTTP application, put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.telemetry import TelemetryConfig
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from player import __version__
from player.interfaces.front import metrics
from player.interfaces.front.player_client import PlayerClient
from player.interfaces.front.status_board import StatusBoard
from player.interfaces.front.web import problems
from player.interfaces.front.web.problems import ProblemDetails, problem
from player.interfaces.front.web.routes import commands, events, status
from player.interfaces.front.web.security.authenticator import Authenticator
from player.types import Json

API_VERSION = "1"
MAX_BODY = 64 * 1024
MAX_BODIES: dict[str, int] = {}
"""Bytes of a request, and of one for these paths."""
TOO_LARGE = "That is too large."
NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
"""FastAPI would hand spans to OpenTelemetry if there was any."""


def make_app(client: PlayerClient, authenticator: Authenticator) -> FastAPI:
    """All routes, for those whom `authenticator` knows; `served` puts around them what a server needs."""
    board = StatusBoard(client)

    @asynccontextmanager
    async def follow(_: FastAPI) -> AsyncIterator[None]:
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
        openapi_url="/openapi.json",
        redirect_slashes=False,
        lifespan=follow,
        telemetry=NO_TELEMETRY,
    )
    app.state.client, app.state.board, app.state.authenticator = client, board, authenticator
    app.state.places = events.Places()
    app.state.metrics = metrics.registry(
        lambda: board.current.status if board.current else None, lambda: app.state.places.taken
    )
    problems.install(app)
    for topic in (status, events, commands):
        app.include_router(topic.router)
    _document(app)
    return app


def served(app: FastAPI, base_path: str = "") -> ASGIApp:
    """The application with what comes before and after every route."""
    return BasePath(ApiVersion(BodyLimit(app)), base_path)


def _document(app: FastAPI) -> None:
    """Make /openapi.json say what all routes have in common."""

    def openapi() -> Json:
        if app.openapi_schema is None:
            made = get_openapi(title=app.title, version=app.version, routes=app.routes)
            schemas = made.setdefault("components", {}).setdefault("schemas", {})
            schemas["ProblemDetails"] = ProblemDetails.model_json_schema()
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


class BodyLimit:
    """Refuses what is too large, by what it says of itself or as it comes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, as long as it is not too much."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = MAX_BODIES.get(scope["path"], MAX_BODY)
        said = Headers(scope=scope).get("content-length", "")
        if said.isdecimal() and int(said[:20]) > most:
            await problem(413, "too_large", TOO_LARGE)(scope, receive, send)
            return
        left = most

        async def limited() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise HTTPException(413)
            return message

        await self._app(scope, limited, send)


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


class BasePath:
    """Takes the path that a reverse proxy puts it under off again, whether the proxy does so too or not."""

    def __init__(self, app: ASGIApp, base_path: str) -> None:
        self._app, self._base = app, base_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, with paths as the routes have them."""
        if self._base and scope["type"] == "http":
            path = scope["path"]
            inside = path == self._base or path.startswith(f"{self._base}/")
            scope = {**scope, "root_path": self._base, "path": path if inside else self._base + path}
        await self._app(scope, receive, send)
