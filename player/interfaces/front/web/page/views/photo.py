"""The view Photo: a photo or a sentence becomes a list of tracks, and every step is shown."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from player.interfaces.command_table import Role
from player.interfaces.front.web.asking import ask, json_of
from player.interfaces.front.web.page.access import StaffPage
from player.interfaces.front.web.page.rendering import Reader, page

router = APIRouter()
LIST = "/photo/list"
"""Takes what POST /api/playlist takes, and answers with the list as a part of the page."""


@router.get("/photo", include_in_schema=False)
async def photo(request: Request, _: StaffPage) -> Response:
    """The whole page; a photo is the owner's to send."""
    return page(request, "photo.html", {"here": "/photo", "takes_photos": Reader.of(request).may(Role.OWNER)})


@router.post(LIST, include_in_schema=False)
async def photo_list(
    request: Request,
    _: StaffPage,
    fields: json_of("playlist"),  # type: ignore[valid-type]
) -> Response:
    """The list, with how it came about."""
    answer: dict[str, Any] = await ask(request, "playlist", fields)
    return page(request, "photo_list.html", {"found": answer["playlist"]})
