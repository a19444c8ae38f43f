"""The venue's day, with clocks that the test moves: every way in which a clock can surprise."""

import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from player.config.settings.config import Config
from player.config.settings.schedule import AnnouncementItem, HoursSettings
from player.schedule.venue_schedule import UNSET_S, VenueSchedule
from player.types import Json

BERLIN = ZoneInfo("Europe/Berlin")
DAYPARTS = [
    {"name": "night", "start": "00:00", "mood": "calm"},
    {"name": "day", "start": "10:00", "mood": "joyful"},
    {"name": "evening", "start": "18:00", "mood": "dreamy"},
]


class Day:
    """A venue schedule, a house that notes what is done to it, and both clocks."""

    def __init__(self, now: str, announcements: Sequence[Json] = (), **open_: str) -> None:
        hours = {"open": {name.replace("_", "-"): times for name, times in open_.items()}}
        self.config = Config.model_validate(
            {"hours": hours, "dayparts": DAYPARTS, "announcements": {"items": announcements}}
        )
        self.now = datetime.fromisoformat(now).replace(tzinfo=BERLIN).astimezone(UTC)
        self.seconds = 1000.0
        self.done: list[str] = []
        self.venue_schedule = VenueSchedule(self.config, BERLIN, self, lambda: self.seconds)

    def open(self, *, resumes: bool) -> None:
        self.done.append("resume" if resumes else "open")

    def close(self) -> None:
        self.done.append("close")

    def enter_daypart(self, name: str) -> None:
        self.done.append("daypart")

    def announce(self, item: AnnouncementItem) -> None:
        self.done.append(f"announce {item.command}")

    def begin(self, manual_override: float | None = None) -> bool:
        return self.venue_schedule.begin(self.now, manual_override)

    def later(self, **passed: float) -> list[str]:
        """Let time pass at once, as for a suspended machine; returns what was done."""
        self.seconds += timedelta(**passed).total_seconds()
        return self.set(self.now + timedelta(**passed))

    def set(self, now: datetime) -> list[str]:
        """Set the wall clock; returns what was done."""
        self.now, self.done = now, []
        due = self.venue_schedule.reconcile(self.now)
        assert due > self.now
        return self.done

    def live(self, **passed: float) -> list[str]:
        """Let time pass and reconcile at each moment that was said to be the next."""
        end, done = self.now + timedelta(**passed), []
        while True:
            due = self.venue_schedule.reconcile(self.now)
            done += self.done
            self.done = []
            if due > end:
                self.now = end
                return done
            self.now = due


def test_a_day_in_the_life_of_a_shop() -> None:
    day = Day("2026-05-01T07:00", mon_fri="08:00-19:30")
    assert not day.begin()
    assert day.live(hours=24) == ["open", "daypart", "daypart", "close", "daypart"]
    assert day.live(hours=48) == ["daypart"] * 6  # the weekend
    assert day.live(hours=24)[:1] == ["open"]


def test_without_hours_only_dayparts_happen() -> None:
    day = Day("2026-05-01T09:00")
    assert day.begin()
    assert day.live(hours=24) == ["daypart"] * 3
    assert asdict(day.venue_schedule.status()) == {"open": True, "manual_override": False, "changes_at": None}


def test_reconciling_once_more_changes_nothing() -> None:
    day = Day("2026-05-01T07:59", daily="08:00-19:30")
    day.begin()
    assert day.later(minutes=1) == ["open"]
    for _ in range(3):
        assert day.later(seconds=5) == []


def test_a_start_outside_the_hours_is_silent_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    day = Day("2026-05-01T20:00", mon_fri="08:00-19:30")
    with caplog.at_level(logging.INFO):
        assert not day.begin()
    assert "closed, opens Mon 04 May 08:00" in caplog.text
    assert asdict(day.venue_schedule.status()) == {
        "open": False, "manual_override": False, "changes_at": "2026-05-04T08:00:00+02:00",
    }  # fmt: skip
    assert day.later(seconds=5) == []


def test_by_hand_it_plays_until_the_next_closing() -> None:
    day = Day("2026-05-01T06:00", daily="08:00-12:00,14:00-18:00")
    day.begin()
    assert day.venue_schedule.override_closed()
    assert day.done == ["open"]
    assert day.venue_schedule.status().manual_override
    assert not day.venue_schedule.override_closed(), "it plays already"
    assert day.later(hours=1) == []
    assert day.later(hours=1) == ["open"], "a pause by hand ends with that"
    assert not day.venue_schedule.status().manual_override
    assert day.later(hours=4) == ["daypart", "close"] or day.done == ["close", "daypart"]


def test_what_was_said_by_hand_outlives_a_restart_but_not_an_opening() -> None:
    day = Day("2026-05-01T06:00", daily="08:00-19:30")
    day.begin()
    day.venue_schedule.override_closed()
    remembered = day.venue_schedule.manual_override
    again = Day("2026-05-01T06:30", daily="08:00-19:30")
    assert again.begin(remembered)
    assert again.later(hours=14)[-1:] == ["close"] or "close" in again.done
    next_day = Day("2026-05-02T06:30", daily="08:00-19:30")
    assert not next_day.begin(remembered)


def test_a_machine_that_slept_over_a_whole_day_forgets_what_was_said_by_hand() -> None:
    day = Day("2026-05-01T06:00", daily="08:00-19:30")
    day.begin()
    day.venue_schedule.override_closed()
    assert "close" in day.later(hours=16)


def test_a_machine_that_slept_catches_up() -> None:
    day = Day("2026-05-01T07:00", daily="08:00-19:30")
    day.begin()
    assert "open" in day.later(hours=5)
    assert "close" in day.later(hours=9)
    assert day.later(hours=24) == [], "closed before, and closed again"


def test_a_machine_that_slept_into_the_next_day_opens_again(caplog: pytest.LogCaptureFixture) -> None:
    day = Day("2026-05-01T15:00", daily="08:00-19:30")
    day.begin()
    with caplog.at_level(logging.INFO):
        assert "open" in day.later(hours=18), "a pause of yesterday is over"
    assert "open: the music plays on" in caplog.text


def test_a_clock_set_back_a_day_changes_nothing() -> None:
    day = Day("2026-05-05T15:00", daily="08:00-19:30")
    day.begin()
    assert day.set(day.now - timedelta(days=1)) == []
    assert day.live(hours=5) == ["daypart", "close"]


def test_a_clock_set_back_over_the_opening_closes_and_opens_again() -> None:
    day = Day("2026-05-05T11:00", daily="08:00-19:30")
    day.begin()
    assert "close" in day.set(day.now - timedelta(hours=4))
    assert "open" in day.live(hours=4)


def test_a_clock_that_starts_in_1970_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    day = Day("1970-01-01T12:00", daily="08:00-19:30")
    assert not day.begin()
    assert "the clock shows 1970-01-01, which is wrong: silent until it is set" in caplog.text
    assert day.later(seconds=30) == []
    assert "resume" in day.set(datetime(2026, 5, 1, 10, tzinfo=UTC)), "it has been open since the start"


@pytest.mark.parametrize(
    ("now", "done"),
    [
        ("2026-05-01T06:30", ["resume"]),
        ("2026-05-01T10:30", ["resume"]),  # open by now: nothing by hand is left
        ("2026-05-02T06:30", []),  # an opening later
    ],
)
def test_what_was_said_by_hand_waits_for_a_clock_that_starts_in_1970(now: str, done: list[str]) -> None:
    before = Day("2026-05-01T06:00", daily="08:00-19:30")
    before.begin()
    before.venue_schedule.override_closed()
    remembered = before.venue_schedule.manual_override
    day = Day("1970-01-01T00:10", daily="08:00-19:30")
    assert not day.begin(remembered)
    assert day.later(seconds=5) == []
    assert day.venue_schedule.manual_override == remembered, "another restart would need it, too"
    set_to = datetime.fromisoformat(now).replace(tzinfo=BERLIN)
    assert [did for did in day.set(set_to) if did != "daypart"] == done
    assert day.venue_schedule.open == bool(done)
    assert day.later(seconds=5) == []


def test_what_is_asked_for_before_the_clock_is_set_is_no_resumption() -> None:
    day = Day("1970-01-01T12:00", daily="08:00-19:30")
    day.begin()
    assert day.venue_schedule.override_closed()
    assert day.done == ["open"]
    assert "resume" not in day.set(datetime(2026, 5, 1, 10, tzinfo=UTC))


def test_a_clock_that_stays_in_1970_silences_nobody_for_long() -> None:
    day = Day("1970-01-01T03:00", daily="08:00-19:30")
    assert not day.begin()
    assert day.later(seconds=UNSET_S) == ["open"]
    assert day.live(hours=24).count("close") == 0
    assert "close" in day.set(datetime(2026, 5, 1, 1, tzinfo=UTC)), "set at last, and it is night"


def test_a_house_that_never_closes_does_not_wait_for_the_clock() -> None:
    assert Day("1970-01-01T03:00").begin()


def test_edited_hours_hold_from_the_next_look_on() -> None:
    day = Day("2026-05-01T07:00", daily="08:00-19:30")
    day.begin()
    config = Config.model_validate({"hours": {"open": {"daily": "06:00-09:00"}}, "dayparts": DAYPARTS})
    day.venue_schedule.configure(config, BERLIN)
    assert day.later(seconds=5) == ["open"]


@given(st.lists(st.integers(-200_000, 200_000), max_size=20))
def test_whatever_the_clock_does_the_house_is_as_the_hours_say(jumps: list[int]) -> None:
    """Open and close alternate, but for a closing that was slept through; the last fits the hours."""
    day = Day("2026-05-01T07:00", mon_sat="08:00-19:30", sun="20:00-02:00")
    done = ["open"] if day.begin() else ["close"]
    for jump in jumps:
        before = day.venue_schedule.status()
        what = [each for each in day.set(day.now + timedelta(seconds=jump)) if each != "daypart"]
        if before.open and what == ["open"]:
            assert before.changes_at is not None
            assert datetime.fromisoformat(before.changes_at) <= day.now
            done.append("close")
        done += what
    assert all(a != b for a, b in pairwise(done))
    assert (done[-1] == "open") == day.venue_schedule.status().open


CAKE, CLOSING = {"command": "cake", "every_min": 30}, {"command": "closing", "at": ["18:45", "19:30"]}


def test_announcements_at_their_times_while_it_is_open() -> None:
    day = Day("2026-05-01T18:10", [CAKE, CLOSING], daily="08:00-19:30")
    day.begin()
    day.later(seconds=1)
    assert day.live(minutes=90) == [
        "announce cake", "announce closing", "announce cake", "close",
    ]  # fmt: skip
    assert day.live(hours=12) == ["daypart"], "closed"
    assert day.live(hours=3)[:2] == ["open", "announce cake"]


def test_by_hand_there_are_announcements_too() -> None:
    day = Day("2026-05-01T20:10", [CAKE], daily="08:00-19:30")
    day.begin()
    day.later(seconds=1)
    day.venue_schedule.override_closed()
    assert day.live(minutes=30) == ["open", "announce cake"]


def test_a_missed_announcement_is_dropped_and_told(caplog: pytest.LogCaptureFixture) -> None:
    day = Day("2026-05-01T18:10", [CAKE, CLOSING], daily="08:00-19:30")
    day.begin()
    day.later(seconds=1)
    assert day.later(minutes=20, seconds=40) == ["announce cake"], "half a minute late"
    assert day.later(minutes=40) == []
    assert "cake was not announced: it is too late" in caplog.text
    assert "closing was not announced: it is too late" in caplog.text
    caplog.clear()
    assert day.later(days=900) == ["open"]
    assert "cake was not announced: 23 times too late" in caplog.text, (
        "within the last day, while it was open"
    )


def test_a_clock_that_goes_back_a_little_repeats_no_announcement() -> None:
    day = Day("2026-05-01T18:29:50", [CAKE], daily="08:00-19:30")
    day.begin()
    day.later(seconds=1)
    assert day.later(seconds=12) == ["announce cake"]
    assert day.set(day.now - timedelta(seconds=20)) == []
    assert day.later(seconds=30) == []
    assert day.set(day.now - timedelta(days=1)) == []
    assert day.live(minutes=30) == ["announce cake"], "set back a day, it goes by the new time"


def test_a_daypart_in_an_hour_that_comes_twice_begins_once() -> None:
    day = Day("2026-10-25T01:55")
    parts = [
        {"name": "night", "start": "00:00", "mood": "calm"},
        {"name": "late", "start": "02:30", "mood": "sad"},
    ]
    day.venue_schedule.configure(Config.model_validate({"dayparts": parts}), BERLIN)
    day.begin()
    done = [what for _ in range(40) for what in day.later(minutes=5)]
    assert done == ["daypart"]


def edited(day: Day, **open_: str) -> list[str]:
    """Edit the hours; returns what was done."""
    hours = {"open": {name.replace("_", "-"): times for name, times in open_.items()}}
    changed = day.config.model_copy(update={"hours": HoursSettings.model_validate(hours)})
    day.venue_schedule.configure(changed, BERLIN)
    return day.set(day.now)


def test_music_by_hand_gives_way_to_hours_that_are_edited_to_something_else() -> None:
    day = Day("2026-05-03 12:00", mon_sat="08:00-20:00")  # a Sunday
    assert not day.begin()
    day.venue_schedule.override_closed()
    assert edited(day, mon_sat="08:00-19:00") == [], "nothing was edited that counts now"
    assert day.venue_schedule.open
    assert edited(day, mon_sat="10:00-20:00") == ["close"]
    assert not day.venue_schedule.open


def test_music_by_hand_becomes_the_usual_one_where_the_edit_opens_the_house() -> None:
    day = Day("2026-05-03 12:00", mon_sat="08:00-20:00")
    day.begin()
    day.venue_schedule.override_closed()
    assert edited(day, daily="08:00-20:00") == [], "no pause ends with an edit"
    assert day.venue_schedule.manual_override is None
    assert day.venue_schedule.open


@pytest.mark.parametrize(
    ("saved", "now", "opened"),
    [
        ("2026-05-04 12:00", "2026-05-04 13:00", False),
        ("2026-05-04 12:00", "2026-05-05 08:00", True),  # a night between
        ("2026-05-04 07:00", "2026-05-04 08:00", True),
        ("2026-05-04 12:00", "2026-05-04 11:00", False),  # a clock that went back
    ],
)
def test_a_pause_ends_with_the_next_opening_also_while_the_player_is_off(
    saved: str, now: str, opened: bool
) -> None:
    day = Day(now, daily="08:00-20:00")
    moment = datetime.fromisoformat(saved).replace(tzinfo=BERLIN).timestamp()
    assert day.venue_schedule.opened_since(moment, day.now) == opened
    assert not day.venue_schedule.opened_since(None, day.now)


def test_where_it_is_always_open_a_pause_holds() -> None:
    day = Day("2026-05-04 12:00")
    assert not day.venue_schedule.opened_since(0.0, day.now)
