"""Routes that hand on one command each: what they take comes from its request, what they answer from it."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

from fastapi import Body as JsonBody
from fastapi import Depends, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from player.interfaces.command_table import COMMANDS
from player.interfaces.front.player_client import PlayerRefusal
from player.interfaces.front.web.bodies import Body, Fields, body_of
from player.interfaces.front.web.etags import tagged
from player.interfaces.front.web.problems import documented, for_reader
from player.interfaces.front.web.security.authenticator import Identity, require
from player.types import Json, json_text

LINES = "application/x-ndjson"
_REFUSALS = (401, 403, 404, 409, 422, 500, 503)


def who(command: str) -> Any:
    """The annotation of who may ask: those who may give the command."""
    return Annotated[Identity, Depends(require(COMMANDS[command].role))]


def query_of(command: str, *without: str) -> Any:
    """The annotation of what stands in the address: the fields of the command, but for some."""
    return Annotated[body_of(COMMANDS[command].request, Fields, without), Query()]


def json_of(command: str, *without: str) -> Any:
    """The annotation of a JSON body: the fields of the command, but for those said elsewhere."""
    spec = COMMANDS[command]
    example = {name: value for name, value in spec.example.items() if name not in without}
    about = JsonBody(examples=[example]) if example else JsonBody()
    return Annotated[body_of(spec.request, without=without), about]


def about(command: str, topic: str, *more: int, **changes: Any) -> dict[str, Any]:
    """What OpenAPI says of a route that hands this command on; `more` are statuses it may answer with too."""
    spec = COMMANDS[command]
    said = {
        "operation_id": command,
        "tags": [topic],
        "summary": spec.help,
        "description": f"For {spec.role}.",
        "response_model": None,
        "responses": {
            200: {"model": spec.answer, "description": "As the command answers"},
            **documented(*_REFUSALS, *more),
        },
    }
    return said | changes


async def ask(request: Request, command: str, fields: Body | Fields | None = None, **more: Any) -> Json:
    """Give the command, with the fields that were said. Raises PlayerRefusal."""
    said = fields.model_dump(mode="json", exclude_none=True) if fields is not None else {}
    given = said | {name: value for name, value in more.items() if value is not None}
    answer: Json = await request.app.state.client.command(command, given)
    return answer


async def ask_lines(
    request: Request, command: str, fields: Body | Fields, written: Callable[[Json], Json] = lambda line: line
) -> Response:
    """Give a command that answers in several lines, and hand each on as it comes, one of JSON a line.

    What goes wrong before the first is a problem; after it, a last line with `detail` and `code`.
    Raises PlayerRefusal.
    """
    lines = request.app.state.client.lines(command, fields.model_dump(mode="json", exclude_none=True))
    first = await anext(lines)

    async def told() -> AsyncIterator[str]:
        yield json_text(written(first)) + "\n"
        try:
            async for line in lines:
                yield json_text(written(line)) + "\n"
        except PlayerRefusal as error:
            yield json_text({"detail": for_reader(request, error.detail), "code": error.code}) + "\n"

    return StreamingResponse(told(), 200, {"Cache-Control": "no-store"}, LINES)


def answered(request: Request, answer: Json) -> Response:
    """An answer as JSON, not sent again to whoever has it."""
    body = json_text(answer).encode()
    return tagged(request, hashlib.sha256(body).hexdigest()[:16], body)
