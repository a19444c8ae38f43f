"""The log of the last day, and a report for whoever helps."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from player.interfaces.front.web.asking import about, answered, ask, query_of, who
from player.interfaces.front.web.problems import documented

router = APIRouter()
FILE = {
    "Content-Disposition": 'attachment; filename="ambient-player-report.txt"',
    "Cache-Control": "no-store",
}


@router.get("/api/log", **about("log", "support"))
async def log(request: Request, _: who("log"), fields: query_of("log")) -> Response:  # type: ignore[valid-type]
    """The newest lines first."""
    return answered(request, await ask(request, "log", fields))


@router.get(
    "/api/report",
    **about(
        "report",
        "support",
        responses={
            200: {"description": "A text", "content": {"text/plain": {"schema": {"type": "string"}}}},
            **documented(401, 403, 409, 500, 503),
        },
    ),
)
async def report(request: Request, _: who("report")) -> Response:  # type: ignore[valid-type]
    """A file to send on."""
    answer = await ask(request, "report")
    return Response(answer["message"], 200, FILE, "text/plain; charset=utf-8")
