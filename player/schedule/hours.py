"""When the venue is open: from the settings' days and times to moments, with daylight saving right.

The venue's clock never goes back: an hour that comes twice counts once, the first time. What would happen in
an hour that is left out happens as soon as the clock has jumped over it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from player.clock import moment
from player.config.settings.schedule import DAY_MIN, HoursSettings, Span

HORIZON_DAYS = 370
"""How far changes are looked for."""


@dataclass(frozen=True, slots=True)
class HoursState:
    """Whether the venue is open, and when that changes (None: not within a year)."""

    open: bool
    until: datetime | None


class Hours:
    """Opening hours in a time zone. Pure: the time is an argument."""

    def __init__(self, settings: HoursSettings, zone: tzinfo) -> None:
        self._zone = zone
        self._week, self._special = settings.week(), settings.special()
        self.always = not self._special and all(spans == (Span(0, DAY_MIN),) for spans in self._week)
        """Whether it never closes."""

    def state(self, now: datetime) -> HoursState:
        """What holds at `now`, which is timezone-aware."""
        if self.always:
            return HoursState(True, None)
        now_utc = now.astimezone(UTC)
        for start, end in self._openings(now.astimezone(self._zone).date()):
            if now_utc < start:
                return HoursState(False, start.astimezone(self._zone))
            if now_utc < end:
                known = end - now_utc < timedelta(days=365)
                return HoursState(True, end.astimezone(self._zone) if known else None)
        return HoursState(False, None)

    def spans(self, day: date) -> tuple[Span, ...]:
        """The times at which it is open that begin on a day."""
        for holiday in ((day.year, day.month, day.day), (None, day.month, day.day)):
            if holiday in self._special:
                return self._special[holiday]
        return self._week[day.weekday()]

    def _openings(self, today: date) -> Iterator[tuple[datetime, datetime]]:
        """Start and end (UTC) of each time it is open from yesterday on, those that touch joined."""
        opened: tuple[datetime, datetime] | None = None
        for days in range(-1, HORIZON_DAYS):
            day = today + timedelta(days=days)
            for span in self.spans(day):
                start, end = (moment(day, minutes, self._zone) for minutes in span)
                if start == end:  # all of it lies in the hour that is left out
                    continue
                if opened is not None and start <= opened[1]:
                    opened = (opened[0], max(opened[1], end))
                    continue
                if opened is not None:
                    yield opened
                opened = (start, end)
        if opened is not None:
            yield opened
