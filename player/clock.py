"""The wall clock of the venue: in its own time zone, and honest about being wrong."""

from __future__ import annotations

import time as time_module
from bisect import bisect_left
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from threading import Lock
from time import monotonic
from zoneinfo import ZoneInfo

from player.config.settings.schedule import DAY_MIN
from player.errors import PlayerError
from player.log import EventLog, LogEvent
from player.system.time_zone import machine_zone

log = EventLog(__name__, LogEvent.CLOCK)

Wall = Callable[[], datetime]

BUILT = datetime(2026, 1, 1, tzinfo=UTC)
"""A clock that shows an earlier time is wrong: a machine without one of its own starts in 1970."""
LAST = datetime.max.replace(tzinfo=UTC)
AHEAD_MAX = timedelta(days=7)
"""A clock is believed to have been set back by so much at most; more, and it was wrong before."""

SURE_S = 3600.0
"""A clock that has gone on for so long without having been set is believed."""
JUMP_S = 30.0
"""Against a clock that nobody can set; less is the pace of a clock that is being disciplined."""


def house_zone(name: str | None) -> tzinfo:
    """The time zone of a name, or the machine's own."""
    return ZoneInfo(name) if name else machine_zone()


class HouseClock:
    """The wall clock in the venue's time zone; call it from any thread."""

    def __init__(self, zone_name: str | None) -> None:
        self.configure(zone_name)

    def configure(self, zone_name: str | None) -> None:
        """Go by another zone."""
        self.zone = house_zone(zone_name)

    def __call__(self) -> datetime:
        """The time."""
        return datetime.now(self.zone)


def local_now() -> datetime:
    """The time in the machine's own zone."""
    return datetime.now(machine_zone())


def running_s() -> float:
    """Seconds on a clock that nobody can set, and that runs on while the machine sleeps where one does."""
    clock = getattr(time_module, "CLOCK_BOOTTIME", None)
    return monotonic() if clock is None else time_module.clock_gettime(clock)


class ClockWatch:
    """Notices a wall clock that is set, against one that nobody can set: a sleep is none."""

    def __init__(self, wall: Wall, clock: Callable[[], float] = running_s) -> None:
        self._wall, self._clock = wall, clock
        self._ahead_s = self._ahead()

    def set_by_s(self) -> float:
        """By how many seconds it was set since the last call, below 0 if back; 0 if it was not."""
        ahead_s = self._ahead()
        by_s, self._ahead_s = ahead_s - self._ahead_s, ahead_s
        return by_s if abs(by_s) > JUMP_S else 0.0

    def _ahead(self) -> float:
        return self._wall().timestamp() - self._clock()


class ClockTrust:
    """Whether the wall clock can be believed in what cannot be undone. For one thread.

    It may be years ahead after a start, until a time server or a person sets it right.
    """

    def __init__(self, wall: Wall, running: Callable[[], float] = running_s) -> None:
        self._watch, self._running = ClockWatch(wall, running), running
        self._sure_from_s = running() + SURE_S

    def is_sure(self) -> bool:
        """Whether it has gone on for long enough."""
        self.is_set_right()
        return self._running() >= self._sure_from_s

    def is_set_right(self) -> bool:
        """Whether it was set since the last call, and had not been believed before."""
        now_s, was_set = self._running(), self._watch.set_by_s() != 0
        is_right = was_set and now_s < self._sure_from_s
        if was_set:
            self._sure_from_s = now_s + SURE_S
        return is_right


class HistoryClock:
    """The wall clock (UTC) for what must stay in order: it does not go back.

    While the clock is behind what was noted before (somebody set it back; a machine without a clock starts
    in 1970), time goes on from there at its usual pace, until the clock has caught up. But one that is set
    back before it has gone on for SURE_S was wrong at the start, and what it showed then is left behind.
    """

    def __init__(
        self, wall: Wall, noted: Callable[[datetime], datetime | None], clock: Callable[[], float] = running_s
    ) -> None:
        """`noted` gives the last moment before another one that was noted before this start, if it can."""
        self._wall, self._clock = wall, clock
        self._trust, self._lock = ClockTrust(wall, clock), Lock()
        now = wall().astimezone(UTC)
        try:
            self._last = noted(credible(now)) or now
        except PlayerError as error:
            log.warning("when the last track was played cannot be read (%s)", error)
            self._last = now
        self._last_at = clock()

    def __call__(self) -> datetime:
        """The time. From any thread."""
        with self._lock:
            at, now = self._clock(), self._wall().astimezone(UTC)
            going_on = self._last + timedelta(seconds=at - self._last_at)
            is_corrected = self._trust.is_set_right()
            self._last = going_on if now < going_on < credible(now) and not is_corrected else now
            self._last_at = at
            return self._last


def credible(now: datetime) -> datetime:
    """What was noted later than this was noted by a wrong clock, not before this one was set back."""
    return now + AHEAD_MAX if now >= BUILT else LAST


def moment(day: date, minutes: float, zone: tzinfo) -> datetime:
    """When (UTC) the clocks of a zone first show a day and so many minutes past its midnight, or more."""
    wanted = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minutes)
    first, second = (wanted.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= second:  # once, or twice
        return first
    # Left out: by the offset of before it would be `first`, by that of after `second`. They jump in between.
    early, late = second, first
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) / 2
        if middle.astimezone(zone).replace(tzinfo=None) < wanted:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)


def time_of_day(now: datetime) -> time:
    """What the venue's clock shows at `now`, in that zone; it stands still while an hour comes again."""
    if not now.fold:
        return now.time()
    shown, zone = now.replace(tzinfo=None, fold=0), now.tzinfo

    def comes_twice(at: datetime) -> bool:
        first, second = (at.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
        return first != second

    minutes = bisect_left(range(DAY_MIN), True, key=lambda n: not comes_twice(shown + timedelta(minutes=n)))
    return (shown + timedelta(minutes=minutes - 1)).time().replace(second=59, microsecond=999_999)
