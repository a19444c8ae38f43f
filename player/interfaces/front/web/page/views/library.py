"""The view Library: a map of moods, search, a track with all that is known of it, and files with problems."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from player.emotions import vocabularies
from player.interfaces.command_arguments import MAX_ID
from player.interfaces.front.player_client import PlayerRefusal
from player.interfaces.front.web.etags import tagged
from player.interfaces.front.web.page.access import StaffPage
from player.interfaces.front.web.page.live import Facts, LiveView
from player.interfaces.front.web.page.phrases import said
from player.interfaces.front.web.page.reading import read
from player.interfaces.front.web.page.rendering import NO_STORE, PageReader, page
from player.interfaces.messages.library import MAX_TEXT, MAX_TOKEN
from player.types import Json

router = APIRouter()
TRACKS, FILES = 30, 10
"""Entries of a page of each list: a few screens of a phone."""
NO_COVER = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#8b8fa3"
 stroke-width="1.2" stroke-linecap="round" stroke-linejoin="round"><path d="M10 15.500V8l6-1.500v8"/>
 <circle cx="8.300" cy="15.500" r="1.700"/><circle cx="14.300" cy="14.500" r="1.700"/></svg>"""


Id = Path(ge=1, le=MAX_ID)


def facts(status: Json | None) -> Facts:
    """What the view shows of a status; None is a player that does not answer."""
    if status is None:
        return {"away": True}
    library, analysis, track = status["library"], status["library"]["analysis"], status["playback"]["track"]
    known = library["analysed"] + library["pending"]
    return {
        "away": False,
        "tracks": library["tracks"],
        "heard": library["analysed"],
        "known": known,
        "listens": bool(analysis["current"]) and not analysis["paused"],
        "paused": analysis["paused"] if library["pending"] else None,
        "current": analysis["current"][:1],
        "problems": [each for each in (library["problem"], analysis["problem"]) if each],
        "skipped": library["skipped"],
        "unreadable": library["unreadable"],
        "playing": track.get("id") if track else None,
    }


LIVE = LiveView("library", "library_live.html", facts)


@router.get("/library", include_in_schema=False)
async def library(request: Request, __: StaffPage, text: str = "", track: str = "") -> Response:
    """The whole page, with the first tracks that are found, and one of them if the address names it."""
    snapshot = request.app.state.board.current
    said = {
        **LIVE.facts(snapshot),
        "live": LIVE.version,
        "here": "/library",
        "words": words(),
        "card": None,
        "refused": "",
        **await _found(request, text, ""),
    }
    if track.isdecimal() and 0 < int(track) <= MAX_ID:
        try:
            said["card"] = await _card(request, int(track))
        except PlayerRefusal as refusal:
            said["refused"] = refusal.detail
    return page(request, "library.html", said)


@router.get("/library/live", include_in_schema=False)
async def library_live(request: Request, __: StaffPage) -> Response:
    """The part that changes."""
    return HTMLResponse(LIVE.html(request.app.state.board.current, PageReader.of(request)), 200, NO_STORE)


@router.get("/library/tracks", include_in_schema=False)
async def library_tracks(request: Request, __: StaffPage, text: str = "", after: str = "") -> Response:
    """A page of what is found."""
    return page(request, "library_tracks.html", await _found(request, text, after))


@router.get("/library/problems", include_in_schema=False)
async def library_problems(request: Request, __: StaffPage, after: str = "") -> Response:
    """A page of files that cannot be played."""
    try:
        fields = {"limit": FILES, **({"after": after[:MAX_TOKEN]} if after else {})}
        found = await read(request, "problems", fields)
    except PlayerRefusal as refusal:
        found = {"files": [], "next": None, "refused": refusal.detail}
    return page(request, "library_problems.html", {"refused": "", "first": not after, **found})


@router.get("/library/{id}/card", include_in_schema=False)
async def library_card(request: Request, __: StaffPage, id: int = Id) -> Response:
    """All that is known of one track."""
    try:
        said: Json = {"card": await _card(request, id), "refused": ""}
    except PlayerRefusal as refusal:
        said = {"card": None, "refused": refusal.detail}
    return page(request, "library_card.html", {**said, "words": words()})


@router.get("/library/{id}/cover", include_in_schema=False)
async def library_cover(request: Request, __: StaffPage, id: int = Id) -> Response:
    """Its picture, or a drawn note: what has none is no fault."""
    try:
        answer = await read(request, "cover", {"id": id})
    except PlayerRefusal:
        return tagged(request, "none", NO_COVER, "image/svg+xml")
    return tagged(request, answer["etag"], base64.b64decode(answer["jpeg"]), "image/jpeg")


async def _found(request: Request, text: str, after: str) -> Json:
    text = " ".join(text[:MAX_TEXT].split())
    fields: Json = {
        "limit": TRACKS,
        **({"text": text} if text else {}),
        **({"after": after} if after else {}),
    }
    try:
        found = await read(request, "library", fields)
    except PlayerRefusal as refusal:
        return {"found": [], "next": None, "text": text, "first": not after, "not_found": refusal.detail}
    return {
        "found": found["tracks"],
        "next": found["next"],
        "text": text,
        "first": not after,
        "not_found": "",
    }


async def _card(request: Request, track_id: int) -> Json:
    card: Json = (await read(request, "track", {"id": track_id}))["track"]
    language = PageReader.of(request).language
    return {**card, "excluded": [said(why, language) for why in card["excluded"]]}


def words() -> list[Mapping[str, float]]:
    """Where on the plane each of the plain words for music lies."""
    points = (named.point for named in vocabularies()["music"].values())
    return [{"valence": point.valence, "energy": point.energy} for point in points]
