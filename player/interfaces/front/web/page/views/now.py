"""The view Now: what plays and why, the room, and one hand on the wheel."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from player.interfaces.front.web.page.access import StaffPage
from player.interfaces.front.web.page.live import Facts, LiveView
from player.interfaces.front.web.page.rendering import NO_STORE, Reader, page
from player.types import Json

router = APIRouter()


def facts(status: Json | None) -> Facts:
    """What the view shows of a status; None is a player that does not answer."""
    if status is None:
        return {"away": True}
    playback = status["playback"]
    return {
        "away": False,
        "state": playback["state"],
        "track": playback["track"],
        "position_s": playback["position_s"],
        "duration_s": playback["duration_s"],
    }


LIVE = LiveView("now", "now_live.html", facts)


@router.get("/", include_in_schema=False)
async def now(request: Request, _: StaffPage) -> Response:
    """The whole page."""
    snapshot = request.app.state.board.current
    return page(request, "now.html", {**LIVE.facts(snapshot), "live": LIVE.version, "here": "/"})


@router.get("/now/live", include_in_schema=False)
async def now_live(request: Request, _: StaffPage) -> Response:
    """The part that changes."""
    return HTMLResponse(LIVE.html(request.app.state.board.current, Reader.of(request)), 200, NO_STORE)
