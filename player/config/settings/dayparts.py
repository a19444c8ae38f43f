"""Settings of the venue's dayparts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from pathlib import Path

from pydantic import Field

from player.config.settings.base import Range, Settings, TimeOfDay
from player.config.settings.library import RuleSettings
from player.types import Transition


class Daypart(Settings):
    """A part of the day: the mood it starts with, and how far the room may move it."""

    name: str = Field(min_length=1)
    start: TimeOfDay
    mood: str = Field(min_length=1)
    valence: Range = (-1.0, 1.0)
    energy: Range = (-1.0, 1.0)
    volume: int | None = Field(None, ge=0, le=100)
    pool: RuleSettings = RuleSettings()
    transition: Transition | None = None
    crossfade_s: float | None = Field(None, ge=0, le=30)
    night: bool = False
    safe_folder: Path | None = None


DEFAULT_DAYPARTS = (
    Daypart(name="night", start=time(0), mood="calm", energy=(-1.0, 0.0)),
    Daypart(name="morning", start=time(7), mood="beautiful", energy=(-0.8, 0.5)),
    Daypart(name="day", start=time(11), mood="joyful"),
    Daypart(name="evening", start=time(18), mood="dreamy"),
)


def holding(dayparts: Sequence[Daypart], local: time) -> Daypart:
    """Of dayparts in the order of their starts the one that holds at a local time of day.

    Before the first start the last one still does.
    """
    return ([part for part in dayparts if part.start <= local] or dayparts)[-1]
