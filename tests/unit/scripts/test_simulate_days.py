"""Scripted days in small: the tracker with its default settings, as scripts/simulate/days.py judges it."""

import pytest

from player.config.settings.mood import MoodSettings
from player.mood.shift import ShiftDetector
from player.types import Mood, MoodPoint
from scripts.simulate.days import (
    SCATTERS,
    TAUGHT,
    Argmax,
    Day,
    Scene,
    Tracker,
    judge,
    measured,
    scripted_days,
    shifts,
)

SETTINGS = MoodSettings(never=())


def steady(hours: float, looks: float = 1.0) -> Day:
    return Day("steady", "dreamy", (Scene(0.0, MoodPoint(0.1, -0.4), looks),), hours * 3600)


@pytest.mark.parametrize("scatter", ["0.10", "0.15"])
def test_a_steady_room_moves_nothing(scatter):
    day = steady(4)
    made = list(shifts(day, SCATTERS[scatter], 1, measured(), Tracker(SETTINGS, day.mood)))
    assert made == []


def test_a_change_is_seen_within_two_dwell_times_and_the_plan_would_have_shifted_all_day():
    scenes = (Scene(0.0, MoodPoint(0.1, -0.4), 0.5), Scene(1800.0, MoodPoint(0.6, 0.5), 1.0))
    day = Day("opening", "dreamy", scenes, 3600.0)
    made = list(shifts(day, SCATTERS["measured"], 1, measured(), Tracker(SETTINGS, day.mood)))
    result = judge(day, made)
    assert (result.due, result.false) == (1, 0)
    assert result.delays[0] < 2 * SETTINGS.shift.dwell_s
    plan = judge(day, list(shifts(day, SCATTERS["measured"], 1, measured(), Argmax("feelings"))))
    assert plan.false > 5


@pytest.mark.parametrize(
    ("shifted", "false", "delays"),
    [
        ([], 0, []),
        ([1810.0], 0, [10.0]),
        ([100.0, 1810.0], 1, [10.0]),
        ([1810.0, 2000.0], 1, [10.0]),
    ],
)
def test_how_shifts_are_judged(shifted, false, delays):
    scenes = (Scene(0.0, MoodPoint(0.1, -0.4), 0.5), Scene(1800.0, MoodPoint(0.6, 0.5), 1.0))
    result = judge(Day("opening", "dreamy", scenes, 3600.0), shifted)
    assert (result.due, result.false, result.delays) == (1, false, delays)


def test_the_scripts_hold_only_clear_changes_and_the_noise_is_all_there():
    assert {day.name for day in scripted_days()} == {"café", "bar", "shop", "home"}
    assert sum(len(values) for values in measured().values()) > 300
    assert {name: len(values) for name, values in measured(TAUGHT).items()} == {
        name: len(values) for name, values in measured().items()
    }


def test_a_taught_room_shifts_no_more_than_an_untaught_one():
    made = {}
    for name, series in (("plain", measured()), ("taught", measured(TAUGHT))):
        total = 0
        for number, day in enumerate(scripted_days()):
            done = judge(
                day, list(shifts(day, SCATTERS["measured"], number, series, Tracker(SETTINGS, day.mood)))
            )
            total += done.false + done.due - len(done.delays)
        made[name] = total
    assert made["taught"] <= made["plain"] == 0


def test_a_doubt_is_one_until_the_room_has_told():
    detector = ShiftDetector(SETTINGS.shift)
    detector.reset(MoodPoint(0, 0))
    doubts = []
    for now, energy in ((0, 0.0), (5, 0.6), (10, 0.0), (15, 0.0)):
        detector.update(Mood(0.0, energy), now)
        doubts.append(detector.in_doubt)
    assert doubts == [False, True, True, False]
