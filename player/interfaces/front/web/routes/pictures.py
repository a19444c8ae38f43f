"""A playlist for a mood or a picture, and what the camera sees."""

from __future__ import annotations

import base64

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from player.interfaces.command_table import COMMANDS
from player.interfaces.front.web.asking import LINES, about, ask, ask_lines, json_of, who
from player.interfaces.front.web.problems import documented
from player.selection.playlist_formats import json_as_m3u

router = APIRouter()
M3U = "audio/x-mpegurl"
SAVED = {"Content-Disposition": 'attachment; filename="playlist.m3u8"', "Cache-Control": "no-store"}


@router.post(
    "/api/playlist",
    **about(
        "playlist",
        "playlist",
        responses={
            200: {
                "description": "As the command answers, or with `Accept: audio/x-mpegurl` as an M3U in UTF-8",
                "model": COMMANDS["playlist"].answer,
                "content": {M3U: {"schema": {"type": "string"}}},
            },
            **documented(401, 403, 404, 409, 413, 415, 422, 500, 503),
        },
    ),
)
async def playlist(
    request: Request,
    _: who("playlist"),  # type: ignore[valid-type]
    fields: json_of("playlist"),  # type: ignore[valid-type]
) -> Response:
    """A list, and every step that led to it; as an M3U for whoever asks for one."""
    answer = await ask(request, "playlist", fields)
    if M3U in request.headers.get("accept", ""):
        return Response(json_as_m3u(answer["playlist"]), 200, SAVED, f"{M3U}; charset=utf-8")
    return JSONResponse(answer)


@router.post(
    "/api/playlist/steps",
    **about(
        "playlist_steps",
        "playlist",
        responses={
            200: {
                "description": "A line of JSON for each step, the last one with the list; where it fails"
                " amid them, the last one has `detail` and `code`",
                "content": {LINES: {"schema": {"type": "string"}}},
            },
            **documented(401, 403, 404, 409, 413, 415, 422, 500, 503),
        },
    ),
)
async def playlist_steps(
    request: Request,
    _: who("playlist_steps"),  # type: ignore[valid-type]
    fields: json_of("playlist_steps"),  # type: ignore[valid-type]
) -> Response:
    """A list, and every step that leads to it as it is done."""
    return await ask_lines(request, "playlist_steps", fields)


@router.get(
    "/api/camera/preview",
    **about(
        "preview",
        "camera",
        responses={
            200: {
                "description": "A JPEG of this moment, which is kept nowhere",
                "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}},
            },
            **documented(401, 403, 409, 500, 503),
        },
    ),
)
async def preview(request: Request, _: who("preview")) -> Response:  # type: ignore[valid-type]
    """One picture, from memory to memory."""
    answer = await ask(request, "preview")
    return Response(base64.b64decode(answer["jpeg"]), 200, {"Cache-Control": "no-store"}, "image/jpeg")
