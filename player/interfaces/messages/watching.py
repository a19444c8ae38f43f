"""The status as it changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, Field

from player.interfaces import command_arguments as arguments
from player.interfaces.messages.base import Answer, Request
from player.status import PlayerStatus, as_json
from player.types import Json

MAX_ID = 64
"""Characters."""


class WatchRequest(Request):
    """Say every change of the status from now on."""

    since: Annotated[
        Annotated[str, BeforeValidator(arguments.sentence), Field(max_length=MAX_ID)] | None,
        Field(description="the id of the last line that was read"),
    ] = None


@dataclass(frozen=True)
class StatusLine(Answer):
    """One line of `watch`.

    id         of this state; BOOT-NUMBER, where BOOT is another one after every start of the player
    heartbeat  whether nothing but running numbers has changed
    """

    id: str
    status: PlayerStatus
    heartbeat: bool = False

    def as_json(self) -> Json:
        """`heartbeat` is there if it is one."""
        beat = {"heartbeat": True} if self.heartbeat else {}
        return {"id": self.id, **beat, "status": as_json(self.status)}
