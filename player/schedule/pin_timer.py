"""Ends a pin whose time is over, or which was to hold until closing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from player.events import HoursChanged, PinEnded, Publish
from player.log import EventLog, LogEvent, event
from player.room.mood_state import MoodState
from player.schedule.venue_schedule import NEVER

log = EventLog(__name__, LogEvent.PIN)


class Closing(Protocol):
    """What this needs of the venue schedule; venue_schedule.py says what it does."""

    def next_closing(self, now: datetime) -> datetime | None: ...  # noqa: D102


class PinTimer:
    """Looks at the pin whenever the schedule does. From any thread.

    shift    moves the music, for a reason in words; returns at once
    publish  PinEnded
    """

    def __init__(
        self, room: MoodState, hours: Closing, shift: Callable[[str], None], publish: Publish
    ) -> None:
        self._room, self._hours, self._shift, self._publish = room, hours, shift, publish

    def reconcile(self, now: datetime) -> datetime:
        """End the pin if it is over at `now`, timezone-aware; returns when to look again."""
        self._tell(self._room.unpin_if_over(now))
        closes_at = self._room.pin_closes_at()
        if closes_at is not None and not self._is_closing(closes_at):
            self._room.close_pin_at(self._hours.next_closing(now))
        return self._room.pin_ends(now) or NEVER

    def on_hours(self, hours: HoursChanged) -> None:
        """The venue has opened, or closed: earlier than was known, if its hours have been edited."""
        if not hours.open:
            self._tell(self._room.unpin_at_closing())

    def _is_closing(self, moment: datetime) -> bool:
        """Whether the venue closes at that moment, by the hours as they are now.

        Whatever the clock shows: it may be years behind, and with it the closing that comes next.
        """
        closing = self._hours.next_closing(moment.astimezone(UTC) - timedelta(seconds=1))
        return closing is not None and closing.timestamp() == moment.timestamp()

    def _tell(self, over: str) -> None:
        if over:
            message = f"the music follows the room again: {over}"
            log.info("%s", message, extra=event(LogEvent.PIN))
            self._shift(message)
            self._publish(PinEnded())
