"""config.yaml: read, tried, written, and gone back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Path
from starlette.requests import Request
from starlette.responses import Response

from player.interfaces.front.web.asking import about, answered, ask, json_of, who
from player.interfaces.front.web.etags import tagged
from player.interfaces.front.web.problems import for_reader
from player.types import json_text

router = APIRouter()
IfMatch = Annotated[
    str | None,
    Header(max_length=100, description="the ETag of the config that the change was made for"),
]


def base(if_match: str | None) -> str | None:
    """The etag that a header names; None for none and for any."""
    tag = (if_match or "").strip().removeprefix("W/").strip('"')
    return None if tag in ("", "*") else tag


@router.get("/api/config", **about("config", "config"))
async def config(request: Request, _: who("config")) -> Response:  # type: ignore[valid-type]
    """What it says, without passwords; its `etag` is the answer's ETag too."""
    answer = await ask(request, "config")
    return tagged(request, answer["etag"], json_text(answer).encode())


@router.post("/api/config/check", **about("config_check", "config", 413))
async def check(
    request: Request,
    _: who("config_check"),  # type: ignore[valid-type]
    fields: json_of("config_check"),  # type: ignore[valid-type]
) -> Response:
    """What a change would come to; what is wrong with it in the reader's language, as problems are."""
    found = await ask(request, "config_check", fields)
    told = {name: [for_reader(request, each) for each in found[name]] for name in ("problems", "doubts")}
    return answered(request, {**found, **told})


@router.patch("/api/config", **about("config_write", "config", 412, 413))
async def write(
    request: Request,
    _: who("config_write"),  # type: ignore[valid-type]
    fields: json_of("config_write", "base"),  # type: ignore[valid-type]
    if_match: IfMatch = None,
) -> Response:
    """Change settings; with If-Match only if nobody else has meanwhile (else 412)."""
    return answered(request, await ask(request, "config_write", fields, base=base(if_match)))


@router.get("/api/config/versions/{version}", **about("config_version", "config"))
async def version(
    request: Request,
    _: who("config_version"),  # type: ignore[valid-type]
    version: Annotated[int, Path(ge=1, le=10**9, description="the number of an earlier version")],
) -> Response:
    """What going back to it would change."""
    return answered(request, await ask(request, "config_version", version=version))


@router.post("/api/config/revert", **about("config_revert", "config", 412, 413))
async def revert(
    request: Request,
    _: who("config_revert"),  # type: ignore[valid-type]
    fields: json_of("config_revert", "base"),  # type: ignore[valid-type]
    if_match: IfMatch = None,
) -> Response:
    """Go back to an earlier version."""
    return answered(request, await ask(request, "config_revert", fields, base=base(if_match)))
