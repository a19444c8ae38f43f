"""The view Photo: a photo or a sentence becomes a list of tracks, and every step is shown."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from player.interfaces.command_table import Role
from player.interfaces.front.web.asking import ask_lines, json_of
from player.interfaces.front.web.page.access import StaffPage
from player.interfaces.front.web.page.rendering import PageReader, page, rendered
from player.types import Json

router = APIRouter()
STEPS = "/photo/steps"
"""Takes what POST /api/playlist/steps takes; each line has `html`, the part of the page as it is then."""


@router.get("/photo", include_in_schema=False)
async def photo(request: Request, _: StaffPage) -> Response:
    """The whole page; a photo is the owner's to send."""
    return page(
        request, "photo.html", {"here": "/photo", "takes_photos": PageReader.of(request).may(Role.OWNER)}
    )


@router.post(STEPS, include_in_schema=False)
async def photo_steps(
    request: Request,
    _: StaffPage,
    fields: json_of("playlist_steps"),  # type: ignore[valid-type]
) -> Response:
    """The list, and how it comes about."""
    reader = PageReader.of(request)

    def drawn(step: Json) -> Json:
        reached = next(name for name in ("playlist", "mood", "seen") if step[name])
        return {"reached": reached, "html": rendered("photo_list.html", reader, step)}

    return await ask_lines(request, "playlist_steps", fields, drawn)
