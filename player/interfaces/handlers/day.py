"""How a day went, for who looks at it afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from player.clock import Wall
from player.interfaces.messages.base import Handler, Request
from player.interfaces.messages.day import DayAnswer, DayRequest
from player.library.queries.day import day_of, day_record

SETTLE_S = 2.0
"""Who looks at a day sees it up to this minute, unless the library cannot be written to."""


class DayCommands:
    """Asks the database on the thread that calls, with a connection of its own.

    clock   the house's, in its time zone
    settle  waits at most so many seconds until what is known of the day is written
    """

    def __init__(self, db_path: Path, clock: Wall, settle: Callable[[float], object]) -> None:
        self._path, self._clock, self._settle = db_path, clock, settle

    def handlers(self) -> Mapping[type[Request], Handler]:
        """See Handlers."""
        return {DayRequest: self._day}

    def _day(self, request: DayRequest) -> DayAnswer:
        now = self._clock()
        assert now.tzinfo is not None
        self._settle(SETTLE_S)
        found = day_record(self._path, day_of(request.date, now), request.step_min, now.tzinfo)
        return DayAnswer(**{name: getattr(found, name) for name in found.__slots__})
