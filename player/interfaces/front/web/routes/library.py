"""The library and its play history."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from player.interfaces.command_arguments import MAX_ID
from player.interfaces.front.web.asking import about, answered, ask, json_of, query_of, who
from player.interfaces.front.web.bodies import Fields
from player.interfaces.front.web.etags import tagged
from player.interfaces.front.web.page.reading import read
from player.interfaces.front.web.problems import documented
from player.interfaces.play_exports import csv_lines, performances, report_of_use
from player.types import Json

router = APIRouter()
Id = Annotated[int, Path(ge=1, le=MAX_ID, description="the number of a track")]
NOT_AGAIN: dict[int | str, dict[str, Any]] = {304: {"description": "As the reader has it (If-None-Match)"}}
PAGE = 200


def _again(said: dict[str, Any]) -> dict[str, Any]:
    return said | {"responses": {**said["responses"], **NOT_AGAIN}}


@router.get("/api/history", **_again(about("history", "library")))
async def history(request: Request, _: who("history"), fields: query_of("history")) -> Response:  # type: ignore[valid-type]
    """A page of plays, the newest first."""
    return answered(request, await ask(request, "history", fields))


@router.get(
    "/api/history.csv",
    **about(
        "history",
        "library",
        operation_id="history_csv",
        summary="What was played when, as a table for spreadsheets; docs/library/history.md has its columns.",
        responses={
            200: {"description": "UTF-8 with BOM", "content": {"text/csv": {"schema": {"type": "string"}}}},
            **documented(401, 403, 404, 409, 422, 500, 503),
        },
    ),
)
async def history_csv(request: Request, _: who("history"), fields: query_of("history")) -> Response:  # type: ignore[valid-type]
    """All of it, a page at a time: what goes wrong at its beginning is a problem, later an end."""
    first = await _plays(request, fields)
    headers = {"Content-Disposition": 'attachment; filename="history.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(_lines(request, fields, first), 200, headers, "text/csv; charset=utf-8")


@router.get(
    "/api/report-of-use.txt",
    **about(
        "history",
        "library",
        operation_id="report_of_use",
        summary="How often each recording was played, as SoundExchange asks for it; docs/library/history.md.",
        responses={
            200: {
                "description": "A Report of Use",
                "content": {"text/plain": {"schema": {"type": "string"}}},
            },
            **documented(401, 403, 404, 409, 422, 500, 503),
        },
    ),
)
async def use(request: Request, _: who("history"), fields: query_of("history")) -> Response:  # type: ignore[valid-type]
    """It is counted page by page, years do not fit into memory; it begins when all has been read."""
    page = await _plays(request, fields)
    played = performances(page["plays"])
    while page["next"] is not None:
        page = await _plays(request, fields, before=page["next"])
        played.update(performances(page["plays"]))
    headers = {"Content-Disposition": 'attachment; filename="report-of-use.txt"', "Cache-Control": "no-store"}
    return Response("".join(report_of_use(played)), 200, headers, "text/plain; charset=utf-8")


async def _plays(request: Request, fields: Fields, **more: Any) -> Json:
    """A page of them; it waits for its turn, as others may ask meanwhile. Raises PlayerRefusal."""
    said = fields.model_dump(mode="json", exclude_none=True)
    return await read(request, "history", {**said, "limit": PAGE, **more})


async def _lines(request: Request, fields: Fields, page: Json) -> AsyncIterator[str]:
    yield "".join(csv_lines(page["plays"]))
    while page["next"] is not None:
        page = await _plays(request, fields, before=page["next"])
        yield "".join([*csv_lines(page["plays"])][1:])


@router.get("/api/day", **_again(about("day", "library")))
async def day(request: Request, _: who("day"), fields: query_of("day")) -> Response:  # type: ignore[valid-type]
    """How a day went."""
    return answered(request, await ask(request, "day", fields))


@router.get("/api/library", **_again(about("library", "library")))
async def library(request: Request, _: who("library"), fields: query_of("library")) -> Response:  # type: ignore[valid-type]
    """A page of tracks."""
    return answered(request, await ask(request, "library", fields))


@router.get("/api/library/map", **_again(about("map", "library")))
async def library_map(
    request: Request,
    _: who("map"),  # type: ignore[valid-type]
    fields: query_of("map", "known"),  # type: ignore[valid-type]
) -> Response:
    """All points; who has them already gets 304, and nobody makes them for it."""
    known = request.headers.get("if-none-match", "").strip().removeprefix("W/").strip('"')
    answer = await ask(request, "map", fields, known=known if known.isalnum() and len(known) <= 64 else None)
    body = b"" if answer["ids"] is None else json.dumps(answer, separators=(",", ":")).encode()
    return tagged(request, answer["version"], body)


@router.get("/api/library/problems", **_again(about("problems", "library")))
async def library_problems(
    request: Request,
    _: who("problems"),  # type: ignore[valid-type]
    fields: query_of("problems"),  # type: ignore[valid-type]
) -> Response:
    """A page of files that do not play."""
    return answered(request, await ask(request, "problems", fields))


@router.get("/api/library/{id}", **_again(about("track", "library")))
async def track(request: Request, _: who("track"), id: Id) -> Response:  # type: ignore[valid-type]
    """One track."""
    return answered(request, await ask(request, "track", id=id))


@router.put("/api/library/{id}/mood", **about("set_mood", "library", 413))
async def set_mood(
    request: Request,
    _: who("set_mood"),  # type: ignore[valid-type]
    id: Id,
    fields: json_of("set_mood", "id", "undo"),  # type: ignore[valid-type]
) -> Response:
    """Correct the mood of a track; an empty object takes that back."""
    return answered(request, await ask(request, "set_mood", fields, id=id))


@router.post(
    "/api/library/{id}/mood/undo",
    **about(
        "set_mood",
        "library",
        operation_id="undo_mood",
        summary="Take back the last change of what was said of a track's mood.",
    ),
)
async def undo_mood(request: Request, _: who("set_mood"), id: Id) -> Response:  # type: ignore[valid-type]
    """As it was before."""
    return answered(request, await ask(request, "set_mood", id=id, undo=True))


@router.get(
    "/api/library/{id}/cover",
    **about(
        "cover",
        "library",
        responses={
            200: {
                "description": "A JPEG of at most 600 pixels",
                "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}},
            },
            **NOT_AGAIN,
            **documented(401, 403, 404, 409, 422, 500, 503),
        },
    ),
)
async def cover(request: Request, _: who("cover"), id: Id) -> Response:  # type: ignore[valid-type]
    """The picture of a track."""
    answer = await ask(request, "cover", id=id)
    return tagged(request, answer["etag"], base64.b64decode(answer["jpeg"]), "image/jpeg")
