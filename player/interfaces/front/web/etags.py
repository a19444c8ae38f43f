"""Answers that need not be sent again to whoever has them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response


def tagged(request: Request, tag: str, body: bytes, media_type: str = "application/json") -> Response:
    """`body`, or 304 for whoever has it under this tag already.

    The tag is a weak one: numbers that run by themselves may differ.
    """
    quoted = f'W/"{tag}"'
    headers = {"ETag": quoted, "Cache-Control": "private, no-cache"}
    if matches(request.headers.get("if-none-match", ""), quoted):
        return Response(status_code=304, headers=headers)
    return Response(body, 200, headers, media_type)


def matches(asked: str, quoted: str) -> bool:
    """Whether If-None-Match names this tag, be it as a weak one or not."""
    names = {part.strip().removeprefix("W/") for part in asked.split(",")}
    return quoted.removeprefix("W/") in names or "*" in names
