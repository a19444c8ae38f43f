"""What should be now, by the clock: open or closed, which part of the day, what is to be announced.

`reconcile` may be called at any moment and as often as one likes: it looks at the time, compares with what
it did last, and acts on changes only. So it matters not who calls it, how late, or where the time comes from.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta, tzinfo
from time import monotonic
from typing import Protocol

from player.clock import BUILT, moment, time_of_day
from player.config.settings.config import Config
from player.config.settings.dayparts import Daypart, holding
from player.config.settings.schedule import AnnouncementItem
from player.log import EventLog, LogEvent, event
from player.schedule.announcement_times import AnnouncementTimes
from player.schedule.hours import Hours, HoursState
from player.status import HoursStatus

log = EventLog(__name__, LogEvent.SCHEDULE)

UNSET_S = 120.0
"""A clock that is plainly wrong is waited for this long; then the music plays whatever it says."""
LONG_AGO = timedelta(hours=1)
"""What played before that is not taken up in another part of the day."""
LATE = timedelta(minutes=1)
"""An announcement that is later is none: nobody closes in ten minutes any more."""
NEVER = datetime.max.replace(tzinfo=UTC)


class VenueActions(Protocol):
    """What the venue schedule moves; opening_actions.py says how. The methods return (nearly) at once."""

    def open(self, *, resumes: bool) -> None: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102
    def enter_daypart(self, name: str) -> None: ...  # noqa: D102
    def announce(self, item: AnnouncementItem) -> None: ...  # noqa: D102


class VenueSchedule:
    """The venue's day. From any thread.

    zone   the venue's time zone, by which hours and dayparts go
    house  is moved with this object's lock held
    """

    def __init__(
        self, config: Config, zone: tzinfo, house: VenueActions, clock: Callable[[], float] = monotonic
    ) -> None:
        self._house, self._clock = house, clock
        self._lock = threading.RLock()
        self._began_at = clock()
        self._state = HoursState(True, None)
        self._manual_override: datetime | None = None
        """Closed, but it plays until this moment because somebody said so."""
        self._timeless = False
        """Whether it has started in silence as the clock was wrong, and still is."""
        self._override_before: float | None = None
        """What `manual_override` was before that start."""
        self._daypart: time | None = None
        self._announced: datetime | None = None
        """Up to when announcements have been seen to."""
        self.configure(config, zone)

    def configure(self, config: Config, zone: tzinfo) -> None:
        """Go by other settings from the next `reconcile` on."""
        with self._lock:
            self._zone, self._hours, self._edited = zone, Hours(config.hours, zone), True
            self._announcement_times = AnnouncementTimes(config.announcements.items, zone)
            self._dayparts = config.dayparts

    @property
    def open(self) -> bool:
        """Whether there may be music: the venue is open, or somebody said so."""
        return self._state.open or self._manual_override is not None

    def begin(self, now: datetime, manual_override: float | None = None) -> bool:
        """Take up the day at the start of the player; whether there may be music, for the caller to act on.

        manual_override  what `manual_override` was before the restart
        """
        with self._lock:
            self._state, self._daypart = self._hours_at(now), self._daypart_at(now).start
            self._edited = False
            self._timeless = not self._state.open and now < BUILT
            if self._timeless:
                self._override_before = manual_override
                said = "the clock shows %s, which is wrong: silent until it is set, for %g minutes at most"
                log.warning(said, now.date(), UNSET_S / 60, extra=event(LogEvent.HOURS, open=False))
                return False
            self._override_as(manual_override)
            if not self.open:
                self._say_closed("the player starts in silence")
            return self.open

    def opened_since(self, moment: float | None, now: datetime) -> bool:
        """Whether the venue has opened since a moment, in seconds since 1970: all begins anew with that.

        False if the moment is not known. It is open at `now`.
        """
        if moment is None:
            return False
        until = self._hours.state(datetime.fromtimestamp(moment, UTC)).until
        return until is not None and until <= now

    def in_another_part(self, moment: float | None, now: datetime) -> bool:
        """Whether a moment, in seconds since 1970, is long ago and of another part of the day than `now`.

        False if the moment is not known.
        """
        if moment is None:
            return False
        at = datetime.fromtimestamp(moment, UTC)
        return now - at > LONG_AGO and self._daypart_at(at).start != self._daypart_at(now).start

    def reconcile(self, now: datetime) -> datetime:
        """Make the venue what it should be at `now`, timezone-aware; returns when that changes next."""
        with self._lock:
            before, was_open, edited = self._state, self.open, self._edited
            self._state = self._hours_at(now)
            ends = self._manual_override is not None and (self._state.open or now >= self._manual_override)
            # Whoever edits the hours means them: by hand holds if they say of now what they said before.
            if ends or (edited and self._manual_override != self._until()):
                self._manual_override = None
            self._edited = False
            knows = self._timeless and now >= BUILT
            if knows:
                self._override_as(self._override_before)
                self._timeless, self._override_before = False, None
            opens = self._state.open and (not before.open or (before.until or NEVER) <= now)
            # A pause ends with it, also where it plays: by hand, or since before a sleep over the closing.
            if opens and not (was_open and edited):
                said = "open: the music plays on" if was_open else "open: the music starts"
                log.info(said, extra=event(LogEvent.HOURS, open=True))
                self._house.open(resumes=knows and not was_open)
            elif self.open and not was_open:
                self._open_by_hand(resumes=True)
            elif was_open and not self.open:
                self._say_closed("the music stops")
                self._house.close()
            if (daypart := self._daypart_at(now)).start != self._daypart:
                self._daypart = daypart.start
                self._house.enter_daypart(daypart.name)
            self._announce(now)
            return min(self._until(), self._next_daypart(now), self._announcement_times.next(now) or NEVER)

    def override_closed(self) -> bool:
        """Let there be music until the next closing although it is closed; False if there may be one."""
        with self._lock:
            if self.open:
                return False
            self._manual_override = self._until()
            self._open_by_hand(resumes=False)
            return True

    def next_closing(self, now: datetime) -> datetime | None:
        """When the venue closes next, by the hours; None if it never does, or not within a year."""
        with self._lock:
            state = self._hours.state(now)
            if not state.open and state.until is not None:
                state = self._hours.state(state.until)
            return state.until if state.open else None

    @property
    def waits_for_clock(self) -> bool:
        """Whether it has started in silence as the clock is wrong, and is silent still."""
        return self._timeless and not self.open

    @property
    def manual_override(self) -> float | None:
        """What a restart needs to know of `play_by_hand`."""
        until = self._manual_override
        return until.timestamp() if until is not None else self._override_before

    def status(self) -> HoursStatus:
        """Whether it is open, whether by hand, and when that changes (ISO 8601; None: not within a year)."""
        state = self._state
        changes_at = state.until.isoformat() if state.until else None
        return HoursStatus(state.open, self._manual_override is not None, changes_at)

    def _hours_at(self, now: datetime) -> HoursState:
        if now < BUILT and not self._hours.always:
            return HoursState(self._clock() - self._began_at >= UNSET_S, None)
        return self._hours.state(now)

    def _announce(self, now: datetime) -> None:
        """Have announced what has become due; once, even if the clock is put back a little."""
        since, self._announced = self._announced, now
        if since is None or since - now > LATE:
            return
        if now < since:
            self._announced = since
            return
        missed: Counter[str] = Counter()
        for at, item in self._announcement_times.between(max(since, now - timedelta(days=1)), now):
            if not self.open or not (self._manual_override or self._hours.state(at).open):
                continue
            if now - at <= LATE:
                self._house.announce(item)
            else:
                missed[str(item.file or item.title)] += 1
        for title, times in missed.items():
            log.warning(
                "%s was not announced: %s too late", title, "it is" if times == 1 else f"{times} times"
            )

    def _override_as(self, before: float | None) -> None:
        """Play by hand as before a restart, if that was until what is still the next change."""
        if not self._state.open and self._until().timestamp() == before:
            self._manual_override = self._until()

    def _open_by_hand(self, *, resumes: bool) -> None:
        log.info(
            "closed, but the music plays until the next closing",
            extra=event(LogEvent.HOURS, manual_override=True),
        )
        self._house.open(resumes=resumes)

    def _until(self) -> datetime:
        return self._state.until or NEVER

    def _say_closed(self, so: str) -> None:
        until = self._state.until
        opens = f", opens {until:%a %d %b %H:%M}" if until else ""
        opens_at = until and until.isoformat()
        log.info("closed%s: %s", opens, so, extra=event(LogEvent.HOURS, open=False, opens_at=opens_at))

    def _daypart_at(self, now: datetime) -> Daypart:
        local = time_of_day(now.astimezone(self._zone))
        return holding(self._dayparts, local)

    def _next_daypart(self, now: datetime) -> datetime:
        today = now.astimezone(self._zone).date()
        return min(
            at
            for day in (today, today + timedelta(days=1), today + timedelta(days=2))
            for start in (part.start for part in self._dayparts)
            if (at := moment(day, start.hour * 60 + start.minute + start.second / 60, self._zone)) > now
        )
