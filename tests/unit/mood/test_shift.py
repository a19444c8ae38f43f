"""Shift detection: hysteresis, dwell, cool-down, and the sentence that explains a shift."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from player.mood.shift import ShiftDetector
from player.settings import ShiftSettings
from player.types import MoodPoint

SETTINGS = ShiftSettings(distance=0.3, hysteresis=0.1, dwell_s=10, cooldown_s=60)
CALM, LIVELY = MoodPoint(0.4, -0.5), MoodPoint(0.5, 0.5)
STILL_LIVELY = "the room, lively as before, became {} and stayed so for 12 s"


def shifts_at(energies: list[tuple[float, float]], settings: ShiftSettings = SETTINGS) -> list[float]:
    """The instants at which a mood whose energy moves away from an anchor at 0 shifts."""
    detector = ShiftDetector(settings)
    detector.reset(MoodPoint(0, 0))
    return [now for now, energy in energies if detector.update(MoodPoint(0, energy), now)]


@pytest.mark.parametrize(
    ("what", "energies", "expected"),
    [
        ("steady", [(t, 0.1) for t in range(0, 600, 5)], []),
        ("just inside", [(t, 0.3) for t in range(0, 600, 5)], []),
        ("a step, after the dwell", [(0, 0), (5, 0.5), (10, 0.5), (15, 0.5), (20, 0.5)], [15]),
        ("a late sample counts the time away", [(0, 0), (5, 0.5), (40, 0.5)], [40]),
        ("back before the dwell is over", [(0, 0), (5, 0.5), (10, 0.1), (15, 0.5), (20, 0.5)], []),
        ("within the hysteresis is not back", [(0, 0), (5, 0.5), (10, 0.25), (15, 0.5)], [15]),
        ("but it is not away either", [(0, 0), (5, 0.5), (10, 0.25), (15, 0.25)], []),
        ("nearer than the hysteresis is back", [(0, 0), (5, 0.5), (10, 0.19), (15, 0.5), (25, 0.5)], [25]),
        ("a clock that goes back adds no dwell", [(100, 0), (105, 0.5), (50, 0.5), (108, 0.5)], []),
        ("there and on", [(0, 0), (5, 0.5), (15, 0.5), (30, 1), (40, 1), (70, 1), (75, 1)], [15, 75]),
        ("oscillation faster than the dwell", [(t, 0.5 * (t // 5 % 2)) for t in range(0, 300, 5)], []),
    ],
)  # fmt: skip
def test_table(what, energies, expected):
    assert shifts_at(energies) == expected, what


def test_without_dwell_and_cooldown_every_leap_shifts():
    eager = ShiftSettings(distance=0.3, hysteresis=0, dwell_s=0, cooldown_s=0)
    assert shifts_at([(0, 0), (1, 0.5), (2, 1.0), (3, 1.0)], eager) == [1, 2]


def test_hysteresis_wider_than_the_distance_still_ends_at_the_anchor():
    wide = ShiftSettings(distance=0.3, hysteresis=1, dwell_s=10, cooldown_s=0)
    assert shifts_at([(0, 0), (5, 0.5), (10, 0), (15, 0)], wide) == []


def test_the_first_update_is_the_anchor_where_none_was_set():
    detector = ShiftDetector(SETTINGS)
    assert detector.anchor is None
    assert detector.update(LIVELY, 0) is None
    assert detector.anchor == LIVELY


@pytest.mark.parametrize(
    ("what", "smoothed", "readings", "expected"),
    [
        ("the dwell counts from the first look", [0.1, 0.5, 0.5], [0.5, 0.5, 0.5], 10),
        ("one reading of the old mood ends it", [0.4, 0.5, 0.5], [0.5, 0.5, 0.0], None),
        ("without the smoothed mood it is none", [0.1, 0.2, 0.3], [0.5, 0.5, 0.5], None),
        ("away only in the smoothed mood is none", [0.5, 0.5, 0.5], [0.0, 0.0, 0.0], None),
    ],
)
def test_both_the_smoothed_mood_and_the_readings_must_be_away(what, smoothed, readings, expected):
    detector = ShiftDetector(SETTINGS)
    detector.reset(MoodPoint(0, 0))
    shifts = [
        n * 5
        for n, (energy, read) in enumerate(zip(smoothed, readings, strict=True))
        if detector.update(MoodPoint(0, energy), n * 5, MoodPoint(0, read))
    ]
    assert shifts == ([] if expected is None else [expected]), what


def test_a_reset_ends_a_beginning_shift():
    detector = ShiftDetector(SETTINGS)
    detector.reset(CALM)
    detector.update(LIVELY, 0)
    detector.reset(CALM)
    assert detector.update(LIVELY, 10) is None
    assert detector.update(LIVELY, 20) is not None


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (CALM, LIVELY, "the room went from peaceful to lively and stayed so for 12 s"),
        (
            MoodPoint(0, -0.1),
            MoodPoint(-0.5, -0.4),
            "the room went from ordinary to gloomy and stayed so for 12 s",
        ),
        (MoodPoint(0.4, 0.4), MoodPoint(0.6, 0.7), STILL_LIVELY.format("more energetic")),
        (MoodPoint(0.5, 0.65), MoodPoint(0.5, 0.3), STILL_LIVELY.format("quieter")),
        (MoodPoint(0.3, 0.5), MoodPoint(0.7, 0.5), STILL_LIVELY.format("brighter")),
        (MoodPoint(0.7, 0.5), MoodPoint(0.3, 0.5), STILL_LIVELY.format("darker")),
    ],
)
def test_the_reason_is_one_plain_sentence(before, after, reason):
    detector = ShiftDetector(SETTINGS)
    detector.reset(before)
    assert detector.update(after, 0) is None
    shift = detector.update(after, 12)
    assert shift is not None
    assert (shift.before, shift.after, shift.at, shift.reason) == (before, after, 12, reason)


AXIS = st.floats(-1, 1)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(AXIS, AXIS, st.floats(0, 30)), min_size=2, max_size=60))
def test_no_shift_before_the_dwell_and_no_two_within_the_cooldown(steps):
    detector = ShiftDetector(SETTINGS)
    now, started, last = 0.0, 0.0, None
    for valence, energy, passed in steps:
        now += passed
        shift = detector.update(MoodPoint(valence, energy), now)
        if shift is None:
            continue
        assert now - started >= SETTINGS.dwell_s
        assert last is None or now - last >= SETTINGS.cooldown_s
        assert shift.before.distance(shift.after) > SETTINGS.distance
        started = last = now


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(AXIS, AXIS), min_size=1, max_size=40))
def test_what_stays_within_the_distance_never_shifts(offsets):
    detector = ShiftDetector(SETTINGS)
    detector.reset(MoodPoint(0, 0))
    for n, (valence, energy) in enumerate(offsets):
        assert detector.update(MoodPoint(valence * 0.2, energy * 0.2), 20.0 * n) is None
