"""The view Now: what plays and why, the room, and one hand on the wheel."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from player.emotions import nearest
from player.errors import ErrorCode
from player.interfaces.command_table import Role
from player.interfaces.front.player_client import PlayerRefusal
from player.interfaces.front.web.page import sensors
from player.interfaces.front.web.page.access import StaffPage
from player.interfaces.front.web.page.cover_art import drawn
from player.interfaces.front.web.page.lights import BAD, lights, problems
from player.interfaces.front.web.page.live import Facts, LiveView
from player.interfaces.front.web.page.plane import plane
from player.interfaces.front.web.page.reading import read
from player.interfaces.front.web.page.rendering import NO_STORE, PageReader, page
from player.interfaces.front.web.page.views.setup import is_first_start
from player.status import LOADING, PlayerState
from player.types import Json, MoodPoint

router = APIRouter()
AN_HOUR = "private, max-age=3600"
MOODS = (
    *("intense", "energetic", "upbeat"),
    *("serious", "balanced", "cheerful"),
    *("sad", "quiet", "calm"),
)
"""What can be pinned or said of a track with one press: as they lie in the plane."""
Axis = Annotated[float, Query(ge=-1, le=1)]


def facts(status: Json | None) -> Facts:
    """What the view shows of a status; None is a player that does not answer."""
    if status is None:
        return {"away": True}
    playback, room, hours = status["playback"], status["room"], status["hours"]
    track, coming = playback["track"], playback["coming"]
    shown = {light.name: light for light in lights(status)}
    return {
        "away": False,
        "state": playback["state"],
        "by_hand": hours["manual_override"],
        "changes_at": hours["changes_at"],
        "can_close": hours["open"] and hours["changes_at"] is not None,
        "track": track,
        "duration_s": playback["duration_s"],
        "announced": playback["announcement"]["title"],
        "coming": coming,
        "volume": playback["volume_wanted"],
        "softer": playback["volume"] < playback["volume_wanted"],
        "night": playback["night"],
        "noise": playback["room_noise"],
        "night_mode": playback["night_mode"],
        "room": room_now(status),
        "target": {**room["target"], **_rounded(room["target"])},
        "pinned": room["pinned"],
        "pinned_until": room["pinned_until"],
        "plane": plane(room, [track, *coming]),
        "sensors": sensors.shown(status),
        "shifts": room["shifts"],
        "camera_on": status["perception"]["camera"]["enabled"],
        "camera_sees": status["perception"]["camera"]["state"] == "live",
        "lights": shown,
        "is_well": all(light.level != BAD for light in shown.values()),
        "problems": problems(status, shown),
    }


def room_now(status: Json) -> Mapping[str, Any]:
    """The room in short: `kind` says whether it is read, or what keeps it from that."""
    perception, room = status["perception"], status["room"]
    sees, scene = lights(status)[0], perception["scene"]
    if sees.code != "ok":
        kind = sees.code
    elif perception["problem"]:
        kind = "loading" if perception["problem"] == LOADING else "problem"
    else:
        kind = "read" if room["mood"] and scene else "unread"
    return {
        "kind": kind,
        "mood": _of_a_word(room["mood"]) if room["mood"] else None,
        "people": scene["people"] if scene else 0,
        "unusual": room["unusual"] if kind == "read" else [],
    }


def numbers(status: Json, age_s: float) -> Json:
    """What runs by itself: the place in the track, and the age of what is known of the room."""
    playback, read_s = status["playback"], status["room"]["read_s"]
    runs = playback["state"] == PlayerState.PLAYING
    position_s = playback["position_s"]
    return {
        "runs": runs,
        "position_s": None if position_s is None else round(position_s + (age_s if runs else 0.0), 1),
        "duration_s": playback["duration_s"],
        "read_s": None if read_s is None else round(read_s + age_s, 1),
    }


def _of_a_word(mood: Mapping[str, float]) -> Mapping[str, float]:
    """Where the word for a room's mood lies: it is another place only if it is another word."""
    point = nearest(MoodPoint(mood["valence"], mood["energy"]), "rooms").point
    return {"valence": point.valence, "energy": point.energy}


def _rounded(point: Mapping[str, float]) -> Mapping[str, float]:
    """To what can be seen."""
    return {axis: round(point[axis], 2) for axis in ("valence", "energy")}


LIVE = LiveView("now", "now_live.html", facts, numbers)


@router.get("/", include_in_schema=False)
async def now(request: Request, _: StaffPage) -> Response:
    """The whole page."""
    state = request.app.state
    snapshot = state.board.current
    running = numbers(snapshot.status, state.board.age_s(snapshot)) if snapshot else {}
    limits = (0, 100) if PageReader.of(request).may(Role.OWNER) else state.staff_volume
    about = {"live": LIVE.version, "here": "/", "moods": MOODS, "running": running, "volume_limits": limits}
    about["first_start"] = is_first_start(request)
    return page(request, "now.html", {**LIVE.facts(snapshot), **about})


@router.get("/now/live", include_in_schema=False)
async def now_live(request: Request, _: StaffPage) -> Response:
    """The part that changes."""
    return HTMLResponse(LIVE.html(request.app.state.board.current, PageReader.of(request)), 200, NO_STORE)


@router.get("/now/cover/{id}", include_in_schema=False)
async def now_cover(
    request: Request,
    id: int,
    _: StaffPage,
    title: str = "",
    valence: Axis | None = None,
    energy: Axis | None = None,
) -> Response:
    """The picture of a track, or one that is drawn."""
    keep = True
    if id:
        try:
            answer = await read(request, "cover", {"id": id})
            return Response(base64.b64decode(answer["jpeg"]), 200, {"Cache-Control": AN_HOUR}, "image/jpeg")
        except PlayerRefusal as error:
            keep = error.code == ErrorCode.MISSING
    mood = None if valence is None or energy is None else {"valence": valence, "energy": energy}
    headers = {"Cache-Control": AN_HOUR if keep else "no-store"}
    return Response(drawn(mood, title), 200, headers, "image/svg+xml")
