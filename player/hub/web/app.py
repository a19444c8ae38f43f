"""The hub's HTTP application, put together: the player's doors, and the hub's rooms behind them."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from player import __version__
from player.errors import StateError
from player.hub.hub import Hub
from player.hub.web import pages, routes
from player.hub.web.site import SITE, is_public
from player.interfaces.front.web import problems
from player.interfaces.front.web.app import NO_TELEMETRY
from player.interfaces.front.web.page import entrance, static_files
from player.interfaces.front.web.page.rendering import page
from player.interfaces.front.web.problems import Problem
from player.interfaces.front.web.security.access import Access
from player.interfaces.front.web.security.gate import Gate
from player.interfaces.front.web.security.logins import Logins
from player.interfaces.front.web.security.routes import router as access_router
from player.interfaces.recent_log import RecentLog


def make_app(hub: Hub, folder: Path, access: Access, logins: Logins, recent: RecentLog) -> ASGIApp:
    """All routes, behind the gate. `folder` has the hub's state, `recent` its log."""
    app = FastAPI(
        title="ambient-player hub",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        telemetry=NO_TELEMETRY,
    )
    app.state.hub, app.state.folder, app.state.logins, app.state.site = hub, folder, logins, SITE
    app.state.recent = recent
    problems.install(app)
    app.add_exception_handler(Problem, _refused)
    app.add_exception_handler(StateError, _disk)
    entrance.install(app)
    for router in (routes.router, pages.router, access_router, static_files.router):
        app.include_router(router)
    return Gate(app, access, logins.authenticator, is_page=is_public)


async def _disk(request: Request, error: Exception) -> Response:
    return await _refused(request, Problem(503, "failed", str(error)))


async def _refused(request: Request, error: Exception) -> Response:
    """A page says it as a page, for people; all else as the player's API does."""
    assert isinstance(error, Problem)
    path = request.scope["path"].removeprefix(request.state.asker.prefix)
    if is_public(path) and not problems.asks_for_a_part(request):
        return page(request, "hub_refused.html", {"detail": error.detail}, error.status)
    return problems.problem(
        error.status, error.code, problems.for_reader(request, error.detail), error.headers
    )
