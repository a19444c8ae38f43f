"""The hub's API: rooms, settings, commands, plays; and its health and metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from player.clock import house_zone
from player.config.hub import house_rules
from player.errors import ArgumentError, ConfigError
from player.hub.export import plays_table
from player.hub.merging import differences
from player.hub.rooms import RoomNow
from player.hub.web.asking import CommandRequest, SettingsRequest, hub_of, refused, rooms_of, who
from player.interfaces.command_table import Role
from player.interfaces.front.web.problems import Problem, for_reader
from player.interfaces.front.web.security.authenticator import Identity, require
from player.types import Json

router = APIRouter()
Staff = Annotated[Identity, Depends(require(Role.STAFF))]
Owner = Annotated[Identity, Depends(require(Role.OWNER))]
Room = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{1,64}$")]
STAFF_COMMANDS = ("pause", "resume", "next", "pin", "unpin")
"""The others are the owner's: what a volume may be is each house's to say, and the hub does not know it."""


def as_json(seen: RoomNow) -> Json:
    """A room as programs read it."""
    room = seen.room
    return {
        "id": room.id,
        "condition": seen.condition,
        "since": seen.since,
        "report": asdict(room.report) if room.report else None,
        "wanted_revision": room.desired.revision if room.desired else 0,
        "refusal": room.refusal,
    }


@router.get("/api/rooms")
async def rooms(request: Request, _: Staff) -> Response:
    """All rooms, those that need somebody first."""
    hub = hub_of(request)
    said = {"rooms": [as_json(seen) for seen in hub.rooms.all()], "problem": hub.problem or hub.disk_problem}
    return JSONResponse(said, headers={"Cache-Control": "no-store"})


@router.post("/api/settings/check")
async def check(request: Request, _: Owner, wanted: SettingsRequest) -> Response:
    """What these settings would change of what is wanted of the rooms."""
    found = differences(*_wanted(request, wanted))
    return JSONResponse({"differences": [asdict(one) for one in found]})


@router.post("/api/settings")
async def settings(request: Request, identity: Owner, wanted: SettingsRequest) -> Response:
    """Want these settings of rooms, beside what is wanted of them already."""
    rooms, settings = _wanted(request, wanted)
    revision = hub_of(request).push([id for id, _ in rooms], settings, who(identity))
    return JSONResponse({"message": _told(request, rooms), "revision": revision})


def _wanted(request: Request, wanted: SettingsRequest) -> tuple[list[tuple[str, Json]], Json]:
    """What is wanted of each room up to now, and what is to be. Raises Problem."""
    hub = hub_of(request)
    try:
        settings = house_rules(wanted.settings)
    except ConfigError as error:
        raise refused(error) from None
    found = ((id, hub.rooms.get(id)) for id in rooms_of(hub, wanted))
    return [(id, room.desired.settings if room and room.desired else {}) for id, room in found], settings


@router.post("/api/commands")
async def command(request: Request, identity: Staff, wanted: CommandRequest) -> Response:
    """Give rooms a command, which each carries out once, or never if it is too old by then."""
    hub = hub_of(request)
    if wanted.command not in STAFF_COMMANDS and not identity.is_owner:
        raise Problem(403, "forbidden", f"{wanted.command} is for the owner.")
    rooms = rooms_of(hub, wanted)
    ids = hub.command(rooms, wanted.command, wanted.arguments(), who(identity), wanted.valid_s)
    return JSONResponse({"message": _told(request, rooms), "ids": ids})


def _told(request: Request, rooms: Sequence[object]) -> str:
    number = len(rooms)
    return for_reader(request, "1 room is told." if number == 1 else f"{number} rooms are told.")


@router.delete("/api/rooms/{room}", status_code=HTTPStatus.NO_CONTENT)
async def forget(request: Request, identity: Owner, room: Room) -> Response:
    """Take a room off the list that is no more; its plays stay."""
    hub = hub_of(request)
    if hub.rooms.get(room) is None:
        raise Problem(404, "missing", "there is no such room.")
    hub.forget(room, who(identity))
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.get("/api/plays.csv")
async def plays(
    request: Request,
    _: Owner,
    since: Annotated[str, Query(max_length=40)] = "",
    until: Annotated[str, Query(max_length=40)] = "",
    room: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """The plays of a time as a table, of one room or of all: docs/library/history.md has its columns."""
    try:
        lines = plays_table(request.app.state.folder, since, until, room, house_zone(None))
    except ArgumentError as error:
        raise Problem(422, "argument", str(error)) from None
    headers = {"Content-Disposition": 'attachment; filename="plays.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(lines, 200, headers, "text/csv; charset=utf-8")


@router.get("/healthz")
async def health(request: Request) -> Response:
    """Whether the hub is at its broker. Everybody may ask."""
    well = hub_of(request).is_connected
    said = {"status": "ok" if well else "unwell"}
    return JSONResponse(said, 200 if well else 503, {"Cache-Control": "no-store"})


@router.get("/metrics")
async def metrics(request: Request, _: Staff) -> Response:
    """For Prometheus."""
    from player.hub import metrics  # noqa: PLC0415 - a megabyte, and few have a Prometheus

    state = request.app.state
    if not hasattr(state, "metrics"):
        state.metrics = metrics.registry(state.hub)
    return Response(metrics.exposition(state.metrics), media_type=metrics.CONTENT_TYPE)
