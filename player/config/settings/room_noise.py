"""Settings of the microphone that hears how loud the room is, and of the music that keeps above it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from player.config.settings.base import Line, Settings

SENSOR = "room noise"
"""What the microphone is called among the sensors."""


class RoomNoiseSettings(Settings):
    """Off unless somebody asks for it: only then is a microphone opened at all."""

    enabled: bool = False
    microphone: Annotated[Line, Field(min_length=1, max_length=200)] = "auto"
    distance_db: float = Field(3, ge=-20, le=6)
    raise_db: float = Field(6, ge=0, le=9)
    lower_db: float = Field(6, ge=0, le=20)
    energy: float = Field(0.2, ge=-1, le=1)
