"""Settings of a room that belongs to a fleet: its hub's broker, and what it is called there."""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from player.config.settings.broker import BrokerSettings, Switched, Topic
from player.privacy.redaction import shown

ROOM = r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?"
"""A room's id: a part of its topics, and usually its user's name at the broker."""


def _room(text: str) -> str:
    if text and not re.fullmatch(ROOM, text):
        raise ValueError(
            f"found {shown(text)}; allowed is an id such as seoul-03: small letters, figures, - and _"
        )
    return text


class FleetSettings(BrokerSettings, Switched):
    """At which broker the hub is, and which of its rooms this one is."""

    room: Annotated[str, AfterValidator(_room)] = ""
    group: str = Field("", max_length=60)
    prefix: Topic = "ambient"
    scene: bool = False

    @model_validator(mode="after")
    def _is_named(self) -> Self:
        if self.enabled and not self.room:
            raise ValueError("a room of a fleet needs an id; set fleet.room, for example to seoul-03")
        return self
