"""The view Screen: cover, title and the room's word on the display of a kiosk. Nothing to press."""

from __future__ import annotations

import secrets

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from player.interfaces.front.web.page.access import StaffPage
from player.interfaces.front.web.page.live import Facts, LiveView
from player.interfaces.front.web.page.rendering import NO_STORE, PageReader, page
from player.interfaces.front.web.page.views.now import room_now
from player.status import PlayerState
from player.types import Json

router = APIRouter()
DIM = (PlayerState.CLOSED, PlayerState.STOPPED)
PROCESS = secrets.token_hex(4)


def facts(status: Json | None) -> Facts:
    """What the screen shows; None is a player that does not answer."""
    if status is None:
        return {"away": True}
    playback, room = status["playback"], room_now(status)
    return {
        "away": False,
        "dim": playback["state"] in DIM,
        "paused": playback["state"] == PlayerState.PAUSED,
        "track": _shown(playback["track"]),
        "mood": room["mood"] if room["kind"] == "read" else None,
        "changes_at": status["hours"]["changes_at"],
        "closed": playback["state"] == PlayerState.CLOSED,
    }


def numbers(_: Json, __: float) -> Json:
    """Whose words these are: the page of another process is loaded anew."""
    return {"process": PROCESS}


def _shown(track: Json | None) -> Json | None:
    return track and {name: track[name] for name in ("id", "title", "artist", "mood")}


LIVE = LiveView("screen", "screen_live.html", facts, numbers)


@router.get("/screen", include_in_schema=False)
async def screen(request: Request, _: StaffPage) -> Response:
    """The whole page."""
    snapshot = request.app.state.board.current
    about = {"live": LIVE.version, "here": "/screen", "process": PROCESS}
    return page(request, "screen.html", {**LIVE.facts(snapshot), **about})


@router.get("/screen/live", include_in_schema=False)
async def screen_live(request: Request, _: StaffPage) -> Response:
    """The part that changes."""
    return HTMLResponse(LIVE.html(request.app.state.board.current, PageReader.of(request)), 200, NO_STORE)
