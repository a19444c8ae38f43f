"""Tracks that are left alone for a while: they could not be played, and it need not be their own fault."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from player.playback.failure_reasons import CRASHED, NO_FILE

REST = timedelta(minutes=10)
"""A station that cannot be heard, or a file that a deck got stuck on, is left alone for so long."""
RESTS = {NO_FILE: timedelta(minutes=1), CRASHED: timedelta(days=1)}
"""But a minute if it is not there, as a scan knows by then, and a day if decks crashed on it."""
CLOCK_BACK = timedelta(minutes=1)
"""A clock that has been set back by more has nobody rest for longer than meant: all begin anew."""
MOST_STUCK = 3
"""After so many stuck tracks in a row their disk is not asked any more until something has played."""
MOST_UNHEARD = 2
"""After so many stations in a row that cannot be heard the line is down: none is tried for a while."""


class Cooldowns:
    """Who rests until when. For the playback thread; time is an argument."""

    def __init__(self) -> None:
        self._until: dict[int, tuple[datetime, datetime]] = {}
        """When it failed, and until when it rests."""
        self._stuck = self._unheard = 0

    @property
    def all_stuck(self) -> bool:
        """Whether one file after the other got stuck, and nothing has played since."""
        return self._stuck >= MOST_STUCK

    @property
    def all_unheard(self) -> bool:
        """Whether one station after the other could not be heard, and nothing has played since."""
        return self._unheard >= MOST_UNHEARD

    def failed(self, track_id: int, reason: str, now: datetime, *, is_station: bool) -> None:
        """A track could not be played."""
        self._until[track_id] = now, now + RESTS.get(reason, REST)
        if is_station:
            self._unheard += 1
        elif reason != NO_FILE:
            self._stuck += 1

    def rest(self, track_ids: Iterable[int], now: datetime) -> None:
        """Leave these alone, too; one that rests already does so for as long as it would."""
        self._until |= dict.fromkeys(set(track_ids) - self.resting(now), (now, now + REST))

    def started(self) -> None:
        """A track plays."""
        self._stuck = self._unheard = 0

    def resting(self, now: datetime) -> frozenset[int]:
        """As `now`, from any thread."""
        return frozenset(
            number
            for number, (since, until) in self._until.copy().items()
            if since - CLOCK_BACK <= now < until
        )

    def now(self, now: datetime) -> frozenset[int]:
        """Numbers of the tracks that rest."""
        rest = self.resting(now)
        self._until = {number: span for number, span in self._until.items() if number in rest}
        return rest
