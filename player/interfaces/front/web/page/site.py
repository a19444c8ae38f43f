"""The page's routes, put together, and what is common to them."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from player.interfaces.front.web.page import live, static_files
from player.interfaces.front.web.page.access import LoginNeeded, NotTheirs
from player.interfaces.front.web.page.languages import COOKIE, Language
from player.interfaces.front.web.page.rendering import PLACES, Reader, page
from player.interfaces.front.web.page.views import VIEWS, day, library, now, screen

YEAR_S = 365 * 86_400

router = APIRouter()


def install(app: FastAPI) -> None:
    """Give the app its pages."""
    app.state.live_views = {view.name: view for view in (now.LIVE, library.LIVE, day.LIVE, screen.LIVE)}
    for part in (router, static_files.router, live.router, *VIEWS):
        app.include_router(part)
    app.add_exception_handler(LoginNeeded, _to_login)
    app.add_exception_handler(NotTheirs, _not_theirs)


def is_public(path: str) -> bool:
    """Whether a path is the page's: it sends strangers to the login by itself."""
    return path.startswith("/static/") or path in PATHS


@router.get("/login", include_in_schema=False)
async def login(request: Request, then: str = "/") -> Response:
    """For whoever has no session yet."""
    reader = Reader.of(request)
    here = then if then.startswith("/") and not then.startswith("//") and "\\" not in then else "/"
    if reader.identity is not None:
        return RedirectResponse(f"{reader.prefix}{here}", 303)
    return page(request, "login.html", {"then": here})


@router.get("/language/{language}", include_in_schema=False)
async def switch_language(request: Request, language: Language) -> Response:
    """From now on in this one; back to where they came from."""
    reader = Reader.of(request)
    back = request.query_params.get("then", "/")
    response = RedirectResponse(f"{reader.prefix}{back if back in PATHS else '/'}", 303)
    response.set_cookie(COOKIE, language, max_age=YEAR_S, path=reader.prefix or "/", samesite="strict")
    return response


@router.get("/manifest.webmanifest", include_in_schema=False)
async def web_manifest(request: Request) -> Response:
    """What a phone needs to keep the page among its programs."""
    prefix = request.state.asker.prefix
    icons = [
        {"src": f"{prefix}{static_files.address(f'icons/{name}.png')}", "sizes": size, "type": "image/png"}
        for name, size in (("icon-192", "192x192"), ("icon-512", "512x512"))
    ]
    said = {
        "name": "ambient-player",
        "short_name": "Music",
        "start_url": f"{prefix}/",
        "scope": f"{prefix}/",
        "display": "standalone",
        "background_color": "#11131a",
        "theme_color": "#11131a",
        "icons": icons,
    }
    return JSONResponse(said, media_type="application/manifest+json")


async def _to_login(request: Request, _: Exception) -> Response:
    reader = Reader.of(request)
    then = request.scope["path"].removeprefix(reader.prefix)
    return RedirectResponse(f"{reader.prefix}/login?then={quote(then)}", 303)


async def _not_theirs(request: Request, _: Exception) -> Response:
    return page(request, "not_yours.html", {}, 403)


PATHS = frozenset(
    (
        *("/login", "/manifest.webmanifest"),
        *(place.path for place in PLACES),
        *(f"/language/{language}" for language in Language),
    )
)
"""The pages themselves."""
