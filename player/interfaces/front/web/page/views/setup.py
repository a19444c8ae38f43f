"""The view Set-up: what an owner goes through within a minute, and may come back to."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from player.interfaces.command_table import Role
from player.interfaces.front.player_client import PlayerRefusal
from player.interfaces.front.web.page.access import OwnerPage
from player.interfaces.front.web.page.connections import connections
from player.interfaces.front.web.page.live import Facts
from player.interfaces.front.web.page.reading import read
from player.interfaces.front.web.page.rendering import PageReader, page
from player.interfaces.front.web.page.sensors import shown as shown_sensors
from player.types import Json

router = APIRouter()
SEEN = "setup_seen"
"""The cookie of a browser that has been here: the link on the first page has done its work."""
YEAR_S = 365 * 86_400


def passwords(request: Request) -> frozenset[Role]:
    """The roles that have one."""
    logins = request.app.state.logins
    return frozenset(logins.authenticator.secrets().passwords) if logins is not None else frozenset()


def is_first_start(request: Request) -> bool:
    """Whether the owner is to be shown the way here: nothing is set, and this browser was not here yet."""
    if not PageReader.of(request).may(Role.OWNER) or SEEN in request.cookies:
        return False
    return request.app.state.logins is not None and not passwords(request)


async def _found(request: Request, part: str) -> Facts:
    """What the steps show, or that part of them. Looking around on the machine takes a moment."""
    try:
        return {"away": False, "held": shown(await read(request, "setup", {}))}
    except PlayerRefusal as refusal:
        return {"away": True, "why": refusal.detail, "part": part}


def shown(answer: Json) -> Json:
    """An answer with all choices in it: also what is chosen and is not there now."""
    names = {each["name"] for each in answer["outputs"]} | {"auto"}
    devices = {each["name"] for each in answer["cameras"]} | {"auto"}
    default = next((each["said"] for each in answer["outputs"] if each["default"]), "")
    return {
        **answer,
        "default_said": default,
        "other_output": answer["output"] if answer["output"] not in names else "",
        "other_camera": answer["camera"] if answer["camera"] not in devices else "",
        "new_folders": [each for each in answer["found_folders"] if each["path"] not in answer["folders"]],
    }


@router.get("/setup", include_in_schema=False)
async def setup(request: Request, _: OwnerPage) -> Response:
    """The whole page, at once; what is on the machine comes when it is found."""
    facts = {
        "passwords": passwords(request),
        "has_logins": request.app.state.logins is not None,
        "here": "/setup",
    }
    response = page(request, "setup.html", facts)
    path = PageReader.of(request).prefix or "/"
    response.set_cookie(SEEN, "1", max_age=YEAR_S, path=path, samesite="strict", httponly=True)
    return response


@router.get("/setup/steps", include_in_schema=False)
async def setup_steps(request: Request, _: OwnerPage) -> Response:
    """Sound, camera, music and range, as they are now."""
    return page(request, "setup_steps.html", await _found(request, "steps"))


@router.get("/setup/connections", include_in_schema=False)
async def setup_connections(request: Request, _: OwnerPage) -> Response:
    """The ways to the player beside the page, as they are now."""
    state = request.app.state
    if (snapshot := state.board.current) is None:
        return page(request, "setup_connections.html", {"away": True})
    beside = state.beside
    facts = {
        "away": False,
        "connections": connections(beside.settings, beside.troubles(), snapshot.status),
        "settings": beside.settings,
        "sensors": shown_sensors(snapshot.status),
        "snapcast_players": snapshot.status["front"]["snapcast"]["players"],
    }
    return page(request, "setup_connections.html", facts)


@router.get("/setup/folders", include_in_schema=False)
async def setup_folders(request: Request, _: OwnerPage) -> Response:
    """The music's folders, as they are now."""
    found = await _found(request, "folders")
    return page(request, "setup_away.html" if found["away"] else "setup_folders.html", found)
