"""A mood that the music is held at by hand: until it is taken out, for a time, or until closing."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from player.clock import Wall
from player.types import Json, Mood

LONGEST_S = 1e9
"""No pin is meant to hold for so long, and beyond some thousand years no date can be told of its end."""
LATEST_S = 4e9
"""Seconds since 1970, in 2096: a later closing is none, and in some thousand years no hours can tell one."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One mood with its name.

    lasts_s    for how long it was meant to hold; None if not for a time
    ends_at    when that is over, in s on the clock that runs on while the machine sleeps
    closes_at  when the venue closes, if it holds until then
    """

    name: str
    mood: Mood
    lasts_s: float | None = None
    ends_at: float | None = None
    closes_at: datetime | None = None

    def is_over(self, running_s: float, now: datetime) -> bool:
        """Whether its time has come."""
        if self.closes_at is not None:
            return now.timestamp() >= self.closes_at.timestamp()
        return self.ends_at is not None and running_s >= self.ends_at

    def left_s(self, running_s: float, now: datetime) -> float | None:
        """For how long it still holds; None if until it is taken out."""
        if self.closes_at is not None:
            return self.closes_at.timestamp() - now.timestamp()  # between two of one zone, clocks may change
        return None if self.ends_at is None else self.ends_at - running_s

    @property
    def why_over(self) -> str:
        """What has ended it, in words."""
        if self.closes_at is not None or self.lasts_s is None:
            return "it is closing time"
        spoken = span(self.lasts_s)
        one = spoken.startswith("1 ") and " and " not in spoken
        return f"the {spoken.removeprefix('1 ')} is over" if one else f"the {spoken} are over"

    def as_json(self, running_s: float, now: datetime) -> Json:
        """To be remembered; `left_s` is of this moment."""
        return {
            "name": self.name,
            "mood": asdict(self.mood),
            "lasts_s": self.lasts_s,
            "left_s": None if self.closes_at is not None else self.left_s(running_s, now),
            "closes_at": self.closes_at and self.closes_at.timestamp(),
        }


def remembered(said: Json, passed_s: float, running_s: float, wall: Wall) -> Pin:
    """A pin as it is `passed_s` after it was remembered.

    Raises KeyError, TypeError, ValueError, OverflowError or AttributeError if it is none.
    """
    pin = Pin(str(said["name"]), _mood(said["mood"]))
    if (closes_at := said.get("closes_at")) is not None:
        if not 0 <= closes_at <= LATEST_S:
            raise ValueError(f"{closes_at} s are no time")
        return replace(pin, closes_at=datetime.fromtimestamp(closes_at, wall().tzinfo))
    if (left_s := said.get("left_s")) is None:
        return pin
    lasts_s = float(said.get("lasts_s") or left_s)
    if not (abs(left_s) <= LONGEST_S and abs(lasts_s) <= LONGEST_S):
        raise ValueError(f"{left_s} s are no time")
    return replace(pin, lasts_s=lasts_s, ends_at=running_s + float(left_s) - passed_s)


def span(seconds: float) -> str:
    """A time in words: 30 minutes, 1 hour and 30 minutes."""
    rest, parts = round(seconds), []
    for name, length_s in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, rest = divmod(rest, length_s)
        if count:
            parts.append(f"{count} {name}{'s' if count > 1 else ''}")
    return " and ".join([*([", ".join(parts[:-1])] if parts[1:] else []), *parts[-1:]])


def _mood(said: Any) -> Mood:
    valence, energy = float(said["valence"]), float(said["energy"])
    if not (-1 <= valence <= 1 and -1 <= energy <= 1):
        raise ValueError(f"({valence}, {energy}) is no mood")
    moods = {str(name): float(p) for name, p in dict(said.get("moods", {})).items()}
    return Mood(valence, energy, moods, str(said.get("mood7", "neutral")))
