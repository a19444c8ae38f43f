"""How the player is: the status, its health, its metrics. None of them asks the player anything."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from player.interfaces.command_table import Role
from player.interfaces.front.health import is_well
from player.interfaces.front.web.etags import tagged
from player.interfaces.front.web.problems import documented, problem
from player.interfaces.front.web.security.authenticator import Identity, require
from player.status import PlayerStatus

router = APIRouter()
Staff = Annotated[Identity, Depends(require(Role.STAFF))]
AWAY = "The player does not answer at present; it comes back by itself, or see its log."
_TEXT: dict[str, Any] = {"schema": {"type": "string"}}
_HEALTH: dict[str, Any] = {
    "schema": {
        "type": "object",
        "properties": {"status": {"enum": ["ok", "unwell"]}},
        "required": ["status"],
        "additionalProperties": False,
    }
}


@router.get(
    "/api/status",
    operation_id="status",
    tags=["status"],
    summary="What plays, why, and how everything is.",
    response_model=None,
    responses={
        200: {"model": PlayerStatus, "description": "docs/status.md explains every key"},
        304: {"description": "As the reader has it (If-None-Match)"},
        **documented(401, 403, 503),
    },
)
async def status(request: Request, _: Staff) -> Response:
    """The newest status, from memory."""
    snapshot = request.app.state.board.current
    if snapshot is None:
        return problem(503, "away", AWAY)
    return tagged(request, snapshot.id, snapshot.body)


@router.get(
    "/healthz",
    operation_id="health",
    tags=["status"],
    summary="Whether the music that should be heard is heard. Everybody may ask.",
    response_model=None,
    responses={
        200: {"description": "It is, or nothing should be heard", "content": {"application/json": _HEALTH}},
        503: {"description": "It is not", "content": {"application/json": _HEALTH}},
    },
)
async def health(request: Request) -> Response:
    """One word, and a status that monitors understand."""
    snapshot = request.app.state.board.current
    well = is_well(snapshot.status if snapshot else None)
    said = {"status": "ok" if well else "unwell"}
    return JSONResponse(said, 200 if well else 503, {"Cache-Control": "no-store"})


@router.get(
    "/metrics",
    operation_id="metrics",
    tags=["status"],
    summary="For Prometheus.",
    response_model=None,
    responses={
        200: {"description": "Prometheus' text form", "content": {"text/plain": _TEXT}},
        **documented(401, 403),
    },
)
async def metrics(request: Request, _: Staff) -> Response:
    """Made from the newest status."""
    from player.interfaces.front import metrics  # noqa: PLC0415 - a megabyte, and few have a Prometheus

    state = request.app.state
    if not hasattr(state, "metrics"):
        state.metrics = metrics.registry(
            lambda: state.board.current.status if state.board.current else None, lambda: state.places.taken
        )
    return Response(metrics.exposition(state.metrics), media_type=metrics.CONTENT_TYPE)
