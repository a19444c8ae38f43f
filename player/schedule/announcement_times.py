"""When something is to be announced: at times of day, or every so many minutes from midnight on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta, tzinfo

from player.clock import moment
from player.config.settings.schedule import DAY_MIN, AnnouncementItem

Occasion = tuple[datetime, AnnouncementItem]


class AnnouncementTimes:
    """The announcements of a house in its time zone. Pure: the time is an argument."""

    def __init__(self, items: Sequence[AnnouncementItem], zone: tzinfo) -> None:
        self._items, self._zone = items, zone
        self._days: dict[date, list[Occasion]] = {}

    def between(self, after: datetime, upto: datetime) -> list[Occasion]:
        """What is due later than `after` and not later than `upto`, in order."""
        first, last = (at.astimezone(self._zone).date() for at in (after, upto))
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return [(at, item) for day in days for at, item in self._on(day) if after < at <= upto]

    def next(self, now: datetime) -> datetime | None:
        """When the next one is due; None if there are none."""
        today = now.astimezone(self._zone).date()
        days = (today + timedelta(days=n) for n in range(3))
        return next((at for day in days for at, _ in self._on(day) if at > now), None)

    def _on(self, day: date) -> list[Occasion]:
        """Those of one day. Kept, for it is asked for every few seconds."""
        if not self._items:
            return []
        if day not in self._days:
            if len(self._days) > 7:
                self._days.clear()
            self._days[day] = sorted(
                ((at, item) for item in self._items for at in self._moments(item, day)), key=lambda o: o[0]
            )
        return self._days[day]

    def _moments(self, item: AnnouncementItem, day: date) -> set[datetime]:
        """Of one announcement, in UTC: what the clocks leave out coincides with what follows it."""
        minutes = [at.hour * 60 + at.minute + at.second / 60 for at in item.at]
        if item.every_min is not None:
            minutes += [n * item.every_min for n in range(int((DAY_MIN - 1e-9) / item.every_min) + 1)]
        return {moment(day, minute, self._zone) for minute in minutes}
