"""A playlist for a mood or a picture, and what the camera sees."""

from __future__ import annotations

import base64

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from player.interfaces.front.web.asking import about, ask, json_of, who
from player.interfaces.front.web.problems import documented

router = APIRouter()


@router.post("/api/playlist", **about("playlist", "playlist", 413, 415))
async def playlist(
    request: Request,
    _: who("playlist"),  # type: ignore[valid-type]
    fields: json_of("playlist"),  # type: ignore[valid-type]
) -> Response:
    """A list, and every step that led to it."""
    return JSONResponse(await ask(request, "playlist", fields))


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
