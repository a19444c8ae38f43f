"""What a page reads of the player: it waits for its turn where a program would be told to come again."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from player.errors import ErrorCode
from player.interfaces.front.player_client import patient
from player.types import Json

PAUSES_S = (0.1, 0.2, 0.4, 0.8, 1.6)
"""Many pages may be told of a change at once, and each asks then: few of them are answered at a time."""


async def read(request: Request, command: str, fields: dict[str, Any]) -> Json:
    """The answer to a command that changes nothing. Raises PlayerRefusal as the player does."""
    return await patient(request.app.state.client, command, fields, PAUSES_S, (ErrorCode.BUSY,))
