"""Setting the player up: what is set, what is there."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from player.interfaces.front.web.asking import about, answered, ask, query_of, who

router = APIRouter()


@router.get("/api/setup", **about("setup", "setup"))
async def setup(request: Request, _: who("setup")) -> Response:  # type: ignore[valid-type]
    """What is set and what was found."""
    return answered(request, await ask(request, "setup"))


@router.get("/api/folders", **about("folders", "setup"))
async def folders(request: Request, _: who("folders"), fields: query_of("folders")) -> Response:  # type: ignore[valid-type]
    """Names of folders, and nothing else."""
    return answered(request, await ask(request, "folders", fields))
