"""Readings in, targets out: the whole of mood over time, with the default settings."""

import json
from datetime import time

import pytest

from player.config.settings.config import Config
from player.config.settings.dayparts import DEFAULT_DAYPARTS, Daypart
from player.config.settings.mood import MoodSettings
from player.config.settings.perception import GateSettings
from player.emotions import find
from player.mood.policy import HousePolicy
from player.mood.tracker import MoodTracker
from player.types import Mood, MoodPoint, Target

CALM, LIVELY = Mood(0.4, -0.6), Mood(0.7, 0.6)
NOON, EVENING, NIGHT = time(12), time(18, 30), time(2)
DAYPARTS = (
    Daypart(name="night", start=time(0), mood="calm", energy=(-1, 0)),
    Daypart(name="day", start=time(7), mood="calm"),
    Daypart(name="evening", start=time(18), mood="dreamy"),
)
SETTINGS = MoodSettings(baseline_weight=0)
DEFAULT = find("calm").point


class Day:
    """A room read every five seconds."""

    def __init__(self, settings: MoodSettings = SETTINGS, now: float = 1000.0) -> None:
        self.tracker = MoodTracker(settings, DAYPARTS)
        self.now = now
        self.shifts: list[float] = []

    def see(self, mood: Mood, seconds: float, local: time = NOON) -> Target:
        """`mood` holds for so long; the target at the end of it."""
        end = self.now + seconds
        while self.now < end:
            self.now += 5
            update = self.tracker.update(mood, self.now, local)
            if update.shift:
                self.shifts.append(self.now)
        return update.target


@pytest.mark.parametrize("interval_s", [5, 130, 300, 3600])
def test_a_room_that_is_looked_at_seldom_counts_all_the_same(interval_s: float):
    config = Config(gate=GateSettings(interval_s=interval_s), mood=SETTINGS)
    tracker = MoodTracker(config.mood_as_looked, DAYPARTS)
    for number in range(40):
        update = tracker.update(LIVELY, number * interval_s, NOON)
    assert update.target.point.distance(LIVELY) < 0.4
    assert tracker.target(41.5 * interval_s, NOON).point == update.target.point
    assert tracker.target(43 * max(interval_s, 120), NOON).point == DEFAULT


def test_before_any_reading_the_daypart_sounds():
    assert Day().tracker.target(0, NOON).point == DEFAULT


def test_a_calm_room_at_start_moves_nothing():
    day = Day()
    target = day.see(CALM, 600)
    assert day.shifts == []
    assert target.point == DEFAULT


def test_a_room_that_differs_at_start_moves_the_target_by_a_shift():
    day = Day()
    assert day.see(LIVELY, 10).point == DEFAULT
    assert day.see(LIVELY, 30).point.distance(LIVELY) < 0.3
    assert len(day.shifts) == 1


def test_calm_to_lively_shifts_about_an_interval_and_a_dwell_after_the_change():
    day = Day()
    day.see(CALM, 120)
    changed_at = day.now
    target = day.see(LIVELY, 120)
    assert [at - changed_at for at in day.shifts] == [15]  # the first look at the change, and 10 s of dwell
    assert target.point.distance(LIVELY) < 0.3
    assert target.name in ("joyful", "triumphant", "amusing")


def test_one_odd_reading_shifts_nothing():
    day = Day()
    for _ in range(20):
        day.see(CALM, 60)
        day.see(LIVELY, 5)
    assert day.shifts == []


def test_without_readings_the_daypart_returns():
    day = Day()
    day.see(LIVELY, 120)
    kept = day.tracker.target(day.now + SETTINGS.stale_s, NOON)
    assert kept.point.distance(LIVELY) < 0.3
    assert day.tracker.target(day.now + SETTINGS.stale_s + 1, NOON).point == DEFAULT


def test_after_a_gap_shifts_are_measured_from_the_daypart_again():
    day = Day()
    day.see(LIVELY, 120)
    day.now += 1000
    assert day.see(CALM, 120).point == DEFAULT
    assert len(day.shifts) == 1


def test_a_new_daypart_changes_the_target_of_an_unread_room():
    tracker = MoodTracker(SETTINGS, DAYPARTS)
    assert tracker.target(0, NOON).name == "calm"
    assert tracker.target(1, EVENING).name == "dreamy"


def test_a_new_daypart_keeps_the_room_but_within_its_envelope():
    day = Day()
    day.see(LIVELY, 120)
    night = day.tracker.target(day.now, NIGHT)
    assert night.point.valence == pytest.approx(LIVELY.valence, abs=0.05)
    assert night.point.energy == 0
    assert "kept within the limits of night" in night.reason
    assert day.see(LIVELY, 120, NIGHT).point.energy == 0
    assert len(day.shifts) == 1


def test_a_pin_holds_and_an_unpin_finds_the_room_as_it_is():
    day = Day()
    pin = Target(MoodPoint(0.1, 0.1), "pinned", "because")
    day.tracker.pin(pin)
    assert day.see(LIVELY, 120) == pin
    assert day.shifts == []
    assert day.tracker.target(day.now + 10_000, EVENING) == pin
    day.tracker.pin(None)
    assert day.tracker.target(day.now, NOON).point == DEFAULT  # those 10,000 s were without readings


def test_a_shift_under_a_pin_counts_when_it_is_taken_off():
    day = Day()
    day.tracker.pin(Target(MoodPoint(0.1, 0.1), "pinned", "because"))
    day.see(LIVELY, 120)
    day.tracker.pin(None)
    assert day.tracker.target(day.now, NOON).point.distance(LIVELY) < 0.3


def test_a_clock_that_jumps_back_is_harmless():
    day = Day(now=10_000)
    day.see(CALM, 60)
    day.now = 0
    day.see(CALM, 60)
    day.now = 10_060
    day.see(LIVELY, 60)
    assert len(day.shifts) == 1


def test_the_house_hears_the_difference_from_its_own_usual():
    always = MoodSettings(baseline_hours=1, baseline_weight=1.0)
    drab = Mood(-0.2, -0.4)
    day = Day(always)
    day.see(drab, 8 * 3600)
    day.tracker.restore(day.tracker.state(day.now), day.now)
    shifted_at_first = len(day.shifts)
    heard = day.see(drab, 600).point
    assert heard.distance(DEFAULT) < always.shift.distance  # the usual room sounds like the daypart
    livelier = day.see(Mood(-0.1, 0.2), 60).point
    assert livelier.energy > DEFAULT.energy + 0.4  # and a livelier one livelier than it
    assert len(day.shifts) > shifted_at_first


def test_state_is_json_and_brings_the_usual_back():
    day = Day(MoodSettings(baseline_hours=1, baseline_weight=1.0))
    day.see(Mood(-0.2, -0.4), 4 * 3600)
    state = json.loads(json.dumps(day.tracker.state(day.now)))
    restarted = Day(MoodSettings(baseline_hours=1, baseline_weight=1.0))
    restarted.tracker.restore(state, 0)
    restarted.see(Mood(-0.2, -0.4), 300)
    assert restarted.shifts == []  # without its memory it would take the drab room for news


@pytest.mark.parametrize(
    "state",
    [
        *({}, {"baseline": {}}, {"baseline": {"valence": 1}}, {"baseline": 3}, {"other": 1}),
        {"mood": {"valence": 0, "energy": 0, "read_s": 10**400, "held_s": None}},
        {"baseline": {"valence": 0, "energy": 10**400, "observed_s": 1}},
    ],
)
def test_a_broken_state_starts_again(state):
    day = Day()
    day.tracker.restore(state, 0)
    assert day.see(LIVELY, 60).point.distance(LIVELY) < 0.3


def test_the_house_is_there_for_others_to_ask():
    tracker = MoodTracker(MoodSettings(), DEFAULT_DAYPARTS)
    assert isinstance(tracker.house, HousePolicy)
    assert tracker.house.daypart(NOON).name == "day"


def test_the_first_shift_does_not_tell_of_a_room_that_never_was() -> None:
    tracker = MoodTracker(
        MoodSettings(baseline_hours=0), [Daypart(name="evening", start=time(0), mood="joyful")]
    )
    updates = [tracker.update(Mood(0.4, -0.8), float(second), time(12)) for second in range(0, 60, 5)]
    (shift,) = [update.shift for update in updates if update.shift is not None]
    assert shift.reason == "the room is peaceful, unlike the start of evening"
