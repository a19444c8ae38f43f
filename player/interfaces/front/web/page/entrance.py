"""What is common to the pages of every program: the login, the language, and where strangers are sent."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import quote

from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from player.interfaces.front.web.page import static_files
from player.interfaces.front.web.page.access import LoginNeeded, NotTheirs
from player.interfaces.front.web.page.languages import COOKIE, Language
from player.interfaces.front.web.page.rendering import PageReader, page, site_of
from player.interfaces.front.web.problems import RELOAD, asks_for_a_part

YEAR_S = 365 * 86_400

router = APIRouter()


def install(app: FastAPI) -> None:
    """Give the app these."""
    app.include_router(router)
    app.add_exception_handler(LoginNeeded, _to_login)
    app.add_exception_handler(NotTheirs, _not_theirs)


@router.get("/login", include_in_schema=False)
async def login(request: Request, then: str = "/") -> Response:
    """For whoever has no session yet."""
    reader = PageReader.of(request)
    here = then if then.startswith("/") and not then.startswith("//") and "\\" not in then else "/"
    if reader.identity is not None:
        return RedirectResponse(f"{reader.prefix}{here}", 303)
    return page(request, "login.html", {"then": here})


@router.get("/language/{language}", include_in_schema=False)
async def switch_language(request: Request, language: Language) -> Response:
    """From now on in this one; back to where they came from."""
    reader = PageReader.of(request)
    back = request.query_params.get("then", "/")
    response = RedirectResponse(f"{reader.prefix}{back if back in site_of(request).paths else '/'}", 303)
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
    if asks_for_a_part(request):
        return Response(status_code=HTTPStatus.UNAUTHORIZED, headers=RELOAD)
    reader = PageReader.of(request)
    then = request.scope["path"].removeprefix(reader.prefix)
    return RedirectResponse(f"{reader.prefix}/login?then={quote(then)}", 303)


async def _not_theirs(request: Request, _: Exception) -> Response:
    return page(request, "not_yours.html", {}, 403)
