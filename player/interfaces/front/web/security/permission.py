"""What each role may ask of the player. Every route goes through here: what no rule allows is the owner's."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import AsyncIterator
from contextvars import ContextVar
from http import HTTPStatus
from typing import Any

from player.interfaces import command_arguments
from player.interfaces.command_table import COMMANDS
from player.interfaces.front.player_client import News, PlayerClient
from player.interfaces.front.web.problems import Problem
from player.interfaces.front.web.security import pictures
from player.interfaces.front.web.security.access import Access
from player.interfaces.front.web.security.authenticator import Identity
from player.interfaces.front.web.security.bodies import PICTURE_BYTES
from player.interfaces.front.web.security.refusal import forbidden, unauthorized
from player.types import Json

PICTURE = "picture"
"""The argument that holds one, in base64."""
LARGE_PICTURE = 100_000
"""Characters; a smaller one is looked at in a millisecond."""
ASKING: ContextVar[Identity | None] = ContextVar("ASKING", default=None)
"""Who sends the request that is being answered; the gate says so."""


class GuardedPlayer(PlayerClient):
    """The player as whoever asks may use it, so that no route need think of it."""

    def __init__(self, player: PlayerClient, access: Access) -> None:
        self._player, self._access = player, access

    async def command(self, name: str, arguments: dict[str, Any]) -> Json:
        """See PlayerClient. Raises Problem as `permitted` does."""
        return await self._player.command(name, await self._allowed(name, arguments))

    async def lines(self, name: str, arguments: dict[str, Any]) -> AsyncIterator[Json]:
        """See PlayerClient. Raises Problem as `permitted` does."""
        async for line in self._player.lines(name, await self._allowed(name, arguments)):
            yield line

    def watch(self) -> AsyncIterator[News]:
        """See PlayerClient: whoever may ask at all may."""
        return self._player.watch()

    async def _allowed(self, name: str, arguments: Json) -> Json:
        identity = ASKING.get()
        if identity is None:
            raise unauthorized("Log in first, or send a token.")
        if len(str(arguments.get(PICTURE) or "")) > LARGE_PICTURE:  # other requests go on meanwhile
            return await asyncio.to_thread(permitted, identity, name, arguments, self._access)
        return permitted(identity, name, arguments, self._access)


def permitted(identity: Identity, name: str, arguments: Json, access: Access) -> Json:
    """The arguments with which the command goes on to the player.

    Raises Problem: 404 if there is no such command, 403 if it is not theirs, 413, 415 or 422 for a picture
    that is not taken.
    """
    spec = COMMANDS.get(name)
    if spec is None:
        raise Problem(
            HTTPStatus.NOT_FOUND, "unknown", f"there is no command {command_arguments.quoted(name)}."
        )
    if not identity.is_owner:
        given = [field for field, value in arguments.items() if value is not None]
        if not spec.allows(identity.role, given):
            raise forbidden(f"{name} is for the owner; you are here as {identity.role}.")
        if name == "volume":
            _check_volume(arguments, access)
    if isinstance(arguments.get(PICTURE), str):
        return {**arguments, PICTURE: _clean(arguments[PICTURE])}
    return arguments


def _check_volume(arguments: Json, access: Access) -> None:
    """Whatever the field is called: what is no number, the player itself refuses."""
    least, greatest = access.staff_volume
    for value in arguments.values():
        try:
            percent = command_arguments.number(value)
        except ValueError:
            continue
        if isinstance(percent, int | float) and not least <= percent <= greatest:
            raise forbidden(
                f"staff may set the volume from {least} to {greatest}; for {percent}, ask the owner."
            )


def _clean(text: str) -> str:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "argument", "the picture is not in base64.") from None
    if len(data) > PICTURE_BYTES:
        raise Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "too_large",
            f"the picture is too large: at most {PICTURE_BYTES} bytes are taken.",
        )
    return base64.b64encode(pictures.clean(data).data).decode()
