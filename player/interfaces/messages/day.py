"""How a day went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, Field

from player.interfaces import command_arguments as arguments
from player.interfaces.messages.base import Answer, Request
from player.library.queries.records import DayCurves, DayMark, DayPlay


def _sentence(value: object) -> object:
    return value if value is None else arguments.sentence(value)


class DayRequest(Request):
    """How a day went."""

    date: Annotated[
        str | None,
        BeforeValidator(_sentence),
        Field(max_length=40, description='a date, as "2026-05-01"; without it, today'),
    ] = None
    step_min: Annotated[
        int,
        BeforeValidator(arguments.number),
        Field(ge=1, le=60, description="how many minutes apart the curves are, 1 to 60"),
    ] = 5


@dataclass(frozen=True)
class DayAnswer(Answer):
    """A day of the house's clock: `end` is where the next one begins; times are ISO 8601."""

    date: str
    start: str
    end: str
    tracks: tuple[DayPlay, ...]
    curves: DayCurves
    marks: tuple[DayMark, ...]
    left_out: int
    hours: tuple[str, ...] = ()
