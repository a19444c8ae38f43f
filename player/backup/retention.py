"""Which backups of a player stay. Pure: times are the house's, as the names of the files have them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta


def last_due(now: datetime, at: time) -> datetime:
    """The last moment, up to now, at which one was to be made; both without a zone."""
    today = datetime.combine(now.date(), at)
    return today if today <= now else today - timedelta(days=1)


def superfluous(made: Iterable[datetime], now: datetime, daily: int, weekly: int) -> set[datetime]:
    """Those that are neither the last of one of the last `daily` days nor of the last `weekly` weeks.

    Days and weeks (from Monday on) without one do not count. What a wrong clock dated into the future stays.
    """
    past = sorted((moment for moment in made if moment <= now), reverse=True)
    kept: set[datetime] = set()
    for period, most in ((_day, daily), (_week, weekly)):
        last: dict[tuple[int, ...], datetime] = {}
        for moment in past:
            last.setdefault(period(moment), moment)
        kept |= set(list(last.values())[:most])
    return set(past) - kept


def _day(moment: datetime) -> tuple[int, ...]:
    return moment.year, moment.month, moment.day


def _week(moment: datetime) -> tuple[int, ...]:
    return tuple(moment.isocalendar()[:2])
