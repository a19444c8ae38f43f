"""Words for the weather, and what each is to a room: from weather.toml."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from player.types import MoodPoint


@dataclass(frozen=True, slots=True)
class Weather:
    """One weather: its English and Korean name, and where it draws a room, each axis -1 to 1."""

    name: str
    korean: str
    draws: MoodPoint


@cache
def _known() -> dict[str, Weather]:
    text = resources.files("player.mood").joinpath("weather.toml").read_text(encoding="utf-8")
    known: dict[str, Weather] = {}
    for name, entry in tomllib.loads(text).items():
        weather = Weather(name, entry["korean"], MoodPoint(entry["valence"], entry["energy"]))
        known |= dict.fromkeys(map(_plain, entry["words"]), weather)
    return known


def weathers() -> dict[str, str]:
    """English and Korean names of all that are known."""
    return {weather.name: weather.korean for weather in _known().values()}


def find(text: str) -> Weather | None:
    """The weather that a word or a phrase means; None if it means none."""
    return _known().get(_plain(text))


def _plain(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text).strip().casefold()
