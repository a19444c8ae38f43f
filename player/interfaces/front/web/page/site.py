"""The page's routes, put together."""

from __future__ import annotations

from fastapi import FastAPI

from player.interfaces.front.web.page import entrance, live, static_files
from player.interfaces.front.web.page.rendering import SITE
from player.interfaces.front.web.page.views import VIEWS, day, library, now, screen

PATHS = SITE.paths
"""The pages themselves."""


def install(app: FastAPI) -> None:
    """Give the app its pages."""
    app.state.live_views = {view.name: view for view in (now.LIVE, library.LIVE, day.LIVE, screen.LIVE)}
    entrance.install(app)
    for part in (static_files.router, live.router, *VIEWS):
        app.include_router(part)


def is_public(path: str) -> bool:
    """Whether a path is the page's: it sends strangers to the login by itself."""
    return path.startswith("/static/") or path in PATHS
