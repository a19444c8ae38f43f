"""The hub's pages."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from player.config.house_rules import SECTIONS
from player.config.hub import as_yaml
from player.hub.room_state import Condition
from player.hub.web.asking import hub_of
from player.interfaces.front.web.page.access import OwnerPage, StaffPage
from player.interfaces.front.web.page.rendering import PageReader, page
from player.interfaces.front.web.page.views import people
from player.interfaces.front.web.problems import Problem

router = APIRouter()
router.include_router(people.router)
SHOWN_LINES = 100
BAD = (Condition.OFFLINE, Condition.SILENT)


def _list(request: Request) -> dict[str, Any]:
    hub = hub_of(request)
    group = request.query_params.get("group") or None
    found = [seen for seen in hub.rooms.all() if group is None or seen.room.group == group]
    return {
        "rooms": found,
        "bad": sum(seen.condition in BAD for seen in found),
        "groups": hub.rooms.groups(),
        "group": group,
        "problem": hub.problem or hub.disk_problem,
        "here": "/",
    }


@router.get("/", include_in_schema=False)
async def rooms(request: Request, _: StaffPage) -> Response:
    """All rooms."""
    return page(request, "hub_rooms.html", _list(request))


@router.get("/rooms/list", include_in_schema=False)
async def rooms_list(request: Request, _: StaffPage) -> Response:
    """The list, as it is now."""
    return page(request, "hub_rooms_list.html", _list(request))


def _room(request: Request, id: str) -> dict[str, Any]:
    """Raises Problem."""
    hub = hub_of(request)
    seen = hub.rooms.seen(id)
    if seen is None:
        raise Problem(404, "missing", "there is no such room.")
    return {
        "seen": seen,
        "room": seen.room,
        "report": seen.room.report,
        "bad": seen.condition in BAD,
        "commands": hub.store.commands(id),
        "wanted": as_yaml(seen.room.desired.settings) if seen.room.desired else "",
        "here": "/",
    }


@router.get("/rooms/{id}", include_in_schema=False)
async def room(request: Request, _: StaffPage, id: str) -> Response:
    """One room."""
    return page(request, "hub_room.html", _room(request, id))


@router.get("/rooms/{id}/now", include_in_schema=False)
async def room_now(request: Request, _: StaffPage, id: str) -> Response:
    """What of it changes by itself; whoever looks at a room that is taken off the list comes to the list."""
    if hub_of(request).rooms.get(id) is None:
        return Response(status_code=204, headers={"HX-Redirect": f"{PageReader.of(request).prefix}/"})
    return page(request, "hub_room_now.html", _room(request, id))


@router.get("/settings", include_in_schema=False)
async def settings(request: Request, _: OwnerPage) -> Response:
    """Settings for rooms."""
    hub = hub_of(request)
    facts = {"groups": hub.rooms.groups(), "ids": hub.rooms.ids(), "sections": SECTIONS, "here": "/settings"}
    return page(request, "hub_settings.html", {**facts, "room": request.query_params.get("room", "")})


@router.get("/changes", include_in_schema=False)
async def changes(request: Request, _: OwnerPage) -> Response:
    """Who changed what, and what the hub itself has said in its log of the last day."""
    lines = request.app.state.recent.lines()[:SHOWN_LINES]
    facts = {"changes": hub_of(request).store.changes(200), "lines": lines, "here": "/changes"}
    return page(request, "hub_changes.html", facts)


@router.get("/plays", include_in_schema=False)
async def plays(request: Request, _: OwnerPage) -> Response:
    """The export."""
    hub = hub_of(request)
    facts = {"count": hub.store.count_plays(), "ids": hub.rooms.ids(), "here": "/plays"}
    return page(request, "hub_plays.html", facts)
