"""Every command of the table: one route each, with the fields of its request as the JSON body."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi import Body as JsonBody
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response

from player.interfaces.command_table import COMMANDS, CommandSpec
from player.interfaces.front.web.bodies import Body, body_of
from player.interfaces.front.web.problems import Problem, documented
from player.interfaces.front.web.security.authenticator import Identity, require
from player.interfaces.messages.playing import StatusAnswer
from player.status import PlayerStatus
from player.types import Json

router = APIRouter()


def _add(spec: CommandSpec) -> None:
    async def give(http: HttpRequest, identity: Identity, body: Body | None = None) -> Response:
        fields = body.model_dump(mode="json", exclude_unset=True) if body is not None else {}
        if not spec.allows(identity.role, fields):
            raise Problem(403, "forbidden", f"Only the owner may give {spec.name} with these fields.")
        return JSONResponse(await http.app.state.client.command(spec.name, fields))

    parameters = [
        inspect.Parameter("http", inspect.Parameter.KEYWORD_ONLY, annotation=HttpRequest),
        inspect.Parameter(
            "identity",
            inspect.Parameter.KEYWORD_ONLY,
            annotation=Annotated[Identity, Depends(require(spec.role))],
        ),
    ]
    if spec.request.model_fields:
        takes = body_of(spec.request)
        needed = any(info.is_required() for info in takes.model_fields.values())
        about = JsonBody(examples=[_example(spec)]) if spec.example else JsonBody()
        kind: Any = Annotated[takes if needed else takes | None, about]
        default = inspect.Parameter.empty if needed else None
        parameters.append(
            inspect.Parameter("body", inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=default)
        )
    give.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    answer: Any = PlayerStatus if spec.answer is StatusAnswer else spec.answer
    router.add_api_route(
        f"/api/commands/{spec.name}",
        give,
        methods=["POST"],
        operation_id=f"command_{spec.name}",
        tags=["commands"],
        summary=spec.help,
        description=f"For {spec.role}.",
        response_model=None,
        responses={
            200: {"model": answer, "description": "What was done"},
            **documented(401, 403, 404, 409, *_changed(spec), 413, 422, 500, 503),
        },
    )


def _changed(spec: CommandSpec) -> tuple[int, ...]:
    """412 for what can be meant for something that has changed."""
    return (412,) if "base" in spec.request.model_fields else ()


def _example(spec: CommandSpec) -> Json:
    """Its example in JSON's own types."""
    return spec.read(None, spec.example).as_json()


for _spec in COMMANDS.values():
    if not _spec.streams:  # which /api/events is for
        _add(_spec)
