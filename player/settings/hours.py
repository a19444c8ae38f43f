"""Settings of the clock: the house's time zone, when it is open, what is announced."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from player.settings.base import Settings


def _zone(name: str | None) -> str | None:
    if name is not None:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"found {name!r}, which is no time zone; one is Europe/Berlin") from error
    return name


Zone = Annotated[str | None, AfterValidator(_zone)]


class HoursSettings(Settings):
    """When the music plays. Days not named are closed, unless none is: then it always plays."""

    open: dict[str, str] = Field(default_factory=dict)
    holidays: dict[str, str] = Field(default_factory=dict)
    fade_s: float = Field(8, ge=0, le=60)


class AnnouncementItem(Settings):
    """One announcement: a file that is played, or a command that makes its own sound."""

    file: Path | None = None
    command: str | None = None
    at: tuple[time, ...] = ()
    every_min: float | None = Field(None, ge=1, le=1440)

    @model_validator(mode="after")
    def _whole(self) -> AnnouncementItem:
        if (self.file is None) == (self.command is None):
            raise ValueError("an announcement needs either a file or a command")
        if bool(self.at) == (self.every_min is not None):
            raise ValueError("an announcement needs either times (at) or an interval (every_min)")
        return self


class AnnouncementSettings(Settings):
    """How the music makes room for announcements, and which there are."""

    duck_db: float = Field(15, ge=0, le=60)
    duck_ramp_s: float = Field(0.8, ge=0.05, le=10)
    target_lufs: float = Field(-16, ge=-40, le=-5)
    items: tuple[AnnouncementItem, ...] = ()
