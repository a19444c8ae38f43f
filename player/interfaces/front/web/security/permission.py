"""What a visitor may ask of the player. Every route goes through here: what no rule allows is the owner's."""

from __future__ import annotations

import base64
import binascii
from http import HTTPStatus

from player.interfaces import command_arguments
from player.interfaces.command_table import COMMANDS
from player.interfaces.front.web.security import pictures
from player.interfaces.front.web.security.access import Access
from player.interfaces.front.web.security.bodies import PICTURE_BYTES
from player.interfaces.front.web.security.refusal import Refused, forbidden
from player.interfaces.front.web.security.visitors import Visitor
from player.types import Json

PICTURE = "picture"
"""The argument that holds one, in base64."""


def permitted(visitor: Visitor, name: str, arguments: Json, access: Access) -> Json:
    """The arguments with which this visitor's command goes on to the player.

    Raises Refused: 404 if there is no such command, 403 if it is not theirs, 413, 415 or 422 for a picture
    that is not taken.
    """
    spec = COMMANDS.get(name)
    if spec is None:
        raise Refused(
            HTTPStatus.NOT_FOUND, "unknown", f"there is no command {command_arguments.quoted(name)}."
        )
    if not visitor.is_owner:
        by_sentence = name == "playlist" and arguments.get(PICTURE) is None
        if not by_sentence and not spec.allows(visitor.role):
            raise forbidden(f"{name} is for the owner; you are here as {visitor.role}.")
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
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "argument", "the picture is not in base64.") from None
    if len(data) > PICTURE_BYTES:
        raise Refused(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "too_large",
            f"the picture is too large: at most {PICTURE_BYTES} bytes are taken.",
        )
    return base64.b64encode(pictures.clean(data).data).decode()
