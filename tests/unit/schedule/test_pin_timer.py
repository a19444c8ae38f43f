"""When a pin ends by itself: over restarts, other hours and clocks that are set."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, time, timedelta

import pytest

from player.config.settings.config import Config
from player.config.settings.dayparts import Daypart
from player.config.settings.mood import MoodSettings
from player.events import Event, HoursChanged, PinEnded
from player.mood.tracker import MoodTracker
from player.room.mood_state import MoodState
from player.schedule.pin_timer import PinTimer
from player.schedule.venue_schedule import NEVER, VenueSchedule
from player.types import Mood
from tests.unit.schedule.test_venue_schedule import Day

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SAD = Mood(-0.5, -0.5)


class Venue:
    """A room with a pin timer, real hours, and clocks that the test moves."""

    def __init__(self, **open_: str) -> None:
        self.now, self.running = NOON, 5000.0
        self.shifted: list[str] = []
        self.published: list[Event] = []
        self.hours = self.schedule(**open_)
        self.start()

    def schedule(self, **open_: str) -> VenueSchedule:
        config = Config.model_validate({"hours": {"open": open_}} if open_ else {})
        return VenueSchedule(config, UTC, Day("2026-05-01 12:00"))

    def start(self) -> None:
        """The player starts, and knows nothing."""
        tracker = MoodTracker(MoodSettings(), [Daypart(name="day", start=time(0), mood="joyful")])
        self.room = MoodState(tracker, wall=lambda: self.now, running=lambda: self.running)
        self.timer = PinTimer(self.room, self, self.shifted.append, self.published.append)

    def next_closing(self, now: datetime) -> datetime | None:
        return self.hours.next_closing(now)

    def restart(self, off_s: float, clock_set: timedelta = timedelta()) -> None:
        """Off for so long, with another boot between."""
        said = json.loads(json.dumps(self.room.state()))
        self.now += timedelta(seconds=off_s) + clock_set
        self.running = 20.0
        self.start()
        self.room.restore(said)

    def pass_s(self, seconds: float) -> datetime:
        """Time goes by, and the schedule looks."""
        self.now += timedelta(seconds=seconds)
        self.running += seconds
        return self.timer.reconcile(self.now)

    @property
    def until(self) -> str | None:
        return self.room.status().pinned_until


def test_it_ends_when_its_time_is_over_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    venue = Venue()
    venue.room.pin(SAD, "sad", 3600)
    assert venue.until == "2026-05-01T13:00:00+00:00"
    assert venue.pass_s(3599) == NOON + timedelta(hours=1), "when the schedule is to look again"
    assert venue.room.pinned()
    with caplog.at_level(logging.INFO):
        assert venue.pass_s(1) == NEVER
    assert venue.room.status().pinned is venue.until is None
    assert venue.shifted == ["the music follows the room again: the hour is over"] == caplog.messages
    assert venue.published == [PinEnded()]
    venue.pass_s(3600)
    assert len(venue.shifted) == 1


def test_one_without_a_time_holds() -> None:
    venue = Venue(daily="10:00-22:00")
    venue.room.pin(SAD, "sad")
    assert venue.pass_s(10**7) == NEVER
    venue.timer.on_hours(HoursChanged(open=False))
    assert venue.room.pinned()
    assert venue.until is None


@pytest.mark.parametrize("jump", [timedelta(hours=-5), timedelta(days=400), timedelta(hours=2)])
def test_a_clock_that_is_set_changes_nothing_about_how_long_it_holds(jump: timedelta) -> None:
    venue = Venue()
    venue.room.pin(SAD, "sad", 3600)
    venue.now += jump
    venue.pass_s(3599)
    assert venue.room.pinned()
    assert venue.until == (NOON + jump + timedelta(hours=1)).isoformat(), "by the clock as it is now"
    venue.pass_s(1)
    assert not venue.room.pinned()


def test_its_end_is_shown_at_one_place_though_clocks_are_never_quite_alike() -> None:
    venue = Venue()
    venue.room.pin(SAD, "sad", 3600)
    shown = set()
    for step in range(50):
        venue.now += timedelta(seconds=1 + (-1) ** step * 0.4)
        venue.running += 1
        shown.add(venue.until)
    assert len(shown) == 1


def test_it_goes_on_after_a_restart_for_what_is_left_of_it(caplog: pytest.LogCaptureFixture) -> None:
    venue = Venue()
    venue.room.pin(SAD, "sad", 1800)
    venue.pass_s(600)
    venue.restart(300)
    assert venue.until == (NOON + timedelta(minutes=30)).isoformat()
    venue.pass_s(899)
    assert venue.room.pinned()
    venue.restart(2, clock_set=timedelta(days=-20000))
    assert venue.room.pinned(), "the clock has lost the time: what was left is left"
    with caplog.at_level(logging.INFO):
        venue.restart(60)
    assert not venue.room.pinned()
    assert caplog.messages == ["the music follows the room again: the 30 minutes are over"]


def test_other_settings_leave_it_its_end() -> None:
    venue = Venue()
    venue.room.pin(SAD, "sad", 3600)
    until = venue.until
    venue.room.follow(
        MoodTracker(MoodSettings(energy=(0.2, 1)), [Daypart(name="d", start=time(0), mood="calm")])
    )
    assert (venue.room.status().pinned, venue.until) == ("sad", until)
    venue.pass_s(3600)
    assert not venue.room.pinned()


def closing(venue: Venue) -> Venue:
    """Pinned until closing."""
    venue.room.pin(SAD, "sad", closes_at=venue.next_closing(venue.now))
    venue.timer.reconcile(venue.now)
    return venue


def test_until_closing_is_until_the_venue_closes() -> None:
    venue = closing(Venue(daily="10:00-22:00"))
    assert venue.until == "2026-05-01T22:00:00+00:00"
    assert venue.pass_s(10 * 3600 - 1) == NOON + timedelta(hours=10)
    venue.pass_s(1)
    assert venue.shifted == ["the music follows the room again: it is closing time"]


def test_until_closing_before_the_opening_is_until_the_day_has_closed() -> None:
    venue = closing(Venue(daily="18:00-22:00"))
    venue.pass_s(8 * 3600)
    assert venue.room.pinned()
    venue.pass_s(2 * 3600)
    assert not venue.room.pinned()


def test_until_closing_goes_by_hours_that_are_edited() -> None:
    venue = closing(Venue(daily="10:00-22:00"))
    venue.hours = venue.schedule(daily="10:00-23:00")
    venue.pass_s(1)
    assert venue.until == "2026-05-01T23:00:00+00:00"
    venue.hours = venue.schedule(daily="10:00-12:00")
    venue.timer.on_hours(HoursChanged(open=False))
    assert not venue.room.pinned(), "by the new hours it has closed"
    venue = closing(Venue(daily="10:00-22:00"))
    venue.hours = venue.schedule()
    venue.pass_s(3600)
    assert venue.until == "2026-05-01T22:00:00+00:00", "without hours there is no other closing"


def test_until_closing_outlives_a_restart_but_not_the_closing() -> None:
    venue = closing(Venue(daily="10:00-22:00"))
    venue.restart(3600)
    assert venue.until == "2026-05-01T22:00:00+00:00"
    venue.restart(20 * 3600)
    assert not venue.room.pinned(), "it is open again, but it was closed meanwhile"


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("wrong", [timedelta(days=-2), datetime(1970, 1, 1, 10, 30, tzinfo=UTC) - NOON])
def test_until_closing_outlives_a_clock_that_is_days_behind_for_a_while(
    wrong: timedelta, restarts: bool
) -> None:
    venue = closing(Venue(daily="10:00-22:00"))
    if restarts:
        venue.restart(60, clock_set=wrong)
    else:
        venue.now += wrong
    venue.pass_s(5)
    assert venue.until == "2026-05-01T22:00:00+00:00"
    venue.now -= wrong
    venue.pass_s(300)
    assert venue.until == "2026-05-01T22:00:00+00:00"
    venue.pass_s(10 * 3600)
    assert venue.shifted == ["the music follows the room again: it is closing time"]


def test_until_closing_goes_by_hours_that_were_edited_before_a_restart() -> None:
    venue = closing(Venue(daily="10:00-22:00"))
    venue.hours = venue.schedule(daily="10:00-23:00")
    venue.restart(60)
    venue.pass_s(5)
    assert venue.until == "2026-05-01T23:00:00+00:00"


def test_a_machine_that_slept_over_the_closing_begins_without_it() -> None:
    venue = closing(Venue(daily="10:00-22:00"))
    venue.pass_s(24 * 3600)
    assert not venue.room.pinned()
