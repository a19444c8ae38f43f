"""The venue's sensors as a page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from player.mood import weather
from player.types import Json

DIGITS = 6
USUAL_DIGITS = 2
"""What is usual creeps on: to more digits it would be news every second."""


@dataclass(frozen=True)
class ShownSensor:
    """One of them.

    weather  the name of what a sensor of the weather says; None of another, and before it has spoken
    value    a number, readable; None before it has spoken, and of the weather
    usual    likewise, roughly; None as long as it is not known
    reason   what it does to the music; None if that is not worth a word
    """

    name: str
    kind: str
    unit: str
    weather: str | None
    value: str | None
    usual: str | None
    stale: bool
    reason: str | None

    @property
    def has_spoken(self) -> bool:
        """Whether it has said anything yet."""
        return self.weather is not None or self.value is not None


def shown(status: Json) -> Sequence[ShownSensor]:
    """All that a status has."""
    return [_shown(one) for one in status["room"]["sensors"]]


def _shown(one: Json) -> ShownSensor:
    found = weather.find(one["said"]) if one["kind"] == "weather" and one["said"] else None
    return ShownSensor(
        name=one["name"],
        kind=one["kind"],
        unit=one["unit"],
        weather=found.name if found else None,
        value=_readable(one["value"], DIGITS),
        usual=_readable(one["usual"], USUAL_DIGITS),
        stale=one["stale"],
        reason=one["reason"],
    )


def _readable(number: float | None, digits: int) -> str | None:
    """To so many digits and never as a power of ten: 1,200."""
    return None if number is None else f"{float(f'{number:.{digits}g}'):,.10g}"
