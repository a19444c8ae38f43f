"""Shift detection: evidence, hysteresis, dwell, cool-down, and the sentence that explains a shift."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from player.config.settings.mood import ShiftSettings
from player.mood.shift import FOLLOW_S, MEMORY, SCATTER, STEADIEST, Scatter, ShiftDetector
from player.types import MoodPoint

SETTINGS = ShiftSettings(distance=0.3, hysteresis=0.1, dwell_s=10, cooldown_s=60)
CALM, LIVELY = MoodPoint(0.4, -0.5), MoodPoint(0.5, 0.5)
HISTORY_S = 1800


def settled(scatter: float = 0.0, settings: ShiftSettings = SETTINGS) -> ShiftDetector:
    """A detector whose anchor is (0, 0) and which has seen readings scatter around it for half an hour."""
    detector = ShiftDetector(settings)
    detector.reset(MoodPoint(0, 0))
    random = np.random.default_rng(0)
    for now in range(-HISTORY_S, 0, 5):
        off = np.clip(random.normal(0, scatter, 2), -0.29, 0.29)
        detector.update(MoodPoint(float(off[0]), float(off[1])), now)
    return detector


def shifts_at(energies: list[tuple[float, float]], detector: ShiftDetector | None = None) -> list[float]:
    """The instants at which a room of so much energy, each time a little other in valence, shifts."""
    detector = detector or settled()
    return [
        now
        for n, (now, energy) in enumerate(energies)
        if detector.update(MoodPoint(0.06 * (-1) ** n, energy), now)
    ]


@pytest.mark.parametrize(
    ("what", "energies", "expected"),
    [
        ("steady", [(t, 0.1) for t in range(0, 600, 5)], []),
        ("just inside", [(t, 0.29) for t in range(0, 600, 5)], []),
        ("a step, after the dwell", [(0, 0), (5, 0.8), (10, 0.8), (15, 0.8), (20, 0.8)], [15]),
        ("a late sample counts the time away", [(0, 0), (5, 0.8), (40, 0.8)], [40]),
        ("back before the dwell is over", [(0, 0), (5, 0.8), (10, 0), (15, 0), (20, 0.8), (25, 0.8)], []),
        ("one odd reading amid a change delays it", [(5, 1), (10, 1), (15, 0), (20, 1), (25, 1)], [20]),
        ("what is within the hysteresis goes on", [(0, 0.5), (5, 0.25), (10, 0.8), (15, 0.8), (20, 1)], [10]),
        ("a clock that goes back adds no dwell", [(100, 0), (105, 0.8), (50, 0.8), (108, 0.8)], []),
        ("there and on", [(0, 0), (5, 0.8), (15, 0.8), (30, -1), (40, -1), (70, -1), (75, -1)], [15, 75]),
        ("oscillation faster than the dwell", [(t, 0.45 * (t // 5 % 2)) for t in range(0, 300, 5)], []),
    ],
)  # fmt: skip
def test_table(what, energies, expected):
    assert shifts_at(energies) == expected, what


@pytest.mark.parametrize(
    ("scatter", "change", "after_s"),
    [
        (0.0, 1.0, 10),
        (0.0, 0.34, 15),  # less far takes more looks
        (0.2, 1.0, 10),
        (0.2, 0.5, 20),  # and so does a camera whose readings scatter
        (0.0, 0.31, None),
    ],
)
def test_evidence(scatter, change, after_s):
    seen = shifts_at([(t, change) for t in range(0, 200, 5)], settled(scatter))
    assert seen[:1] == ([] if after_s is None else [after_s])


@pytest.mark.parametrize(("looks", "after_s"), [(1, 20), (100, 15)])
def test_an_anchor_of_few_looks_is_less_sure(looks, after_s):
    detector = settled(0.15)
    detector.reset(MoodPoint(0, 0), of_room=True)
    for n in range(looks - 1):
        detector.update(MoodPoint(0.1 * (-1) ** n, 0), n)
    assert shifts_at([(looks + t, 0.7) for t in range(5, 200, 5)], detector)[0] == looks + after_s


def test_the_same_words_again_count_less_than_another_look():
    def first_shift(valence: float) -> float:
        detector = settled()
        return next(t for t in range(0, 300, 5) if detector.update(MoodPoint(valence * (t % 2), 0.35), t))

    assert first_shift(valence=0.1) < first_shift(valence=0.0)


def test_a_held_odd_look_at_a_still_picture_shifts_less_than_a_clear_one():
    still = [(t, 0.34) for t in range(0, 30, 5)]
    detector = settled()
    assert [t for t, energy in still if detector.update(MoodPoint(0, energy), t)] == []
    clear = settled()
    assert [t for t, _ in still if clear.update(MoodPoint(0, 1.0), t)][:1] == [10]


def test_without_dwell_and_cooldown_every_leap_shifts():
    eager = settled(settings=ShiftSettings(distance=0.3, hysteresis=0, dwell_s=0, cooldown_s=0))
    assert shifts_at([(1, -1.0), (2, 0.9), (3, 0.9)], eager) == [1, 2]


def test_hysteresis_wider_than_the_distance_still_ends_at_the_anchor():
    wide = settled(settings=ShiftSettings(distance=0.3, hysteresis=1, dwell_s=10, cooldown_s=0))
    assert shifts_at([(0, 0), (5, 0.8), (10, 0), (15, 0)], wide) == []


def test_the_first_update_is_the_anchor_where_none_was_set():
    detector = ShiftDetector(SETTINGS)
    assert detector.anchor is None
    assert detector.update(LIVELY, 0) is None
    assert detector.anchor == LIVELY


def test_an_anchor_that_no_room_gave_stays():
    detector = settled()
    shifts_at([(t, 0.25) for t in range(0, 7200, 5)], detector)
    assert detector.anchor == MoodPoint(0, 0)


def test_a_rooms_anchor_follows_what_is_too_slow_for_a_shift():
    detector = ShiftDetector(SETTINGS)
    detector.reset(MoodPoint(0, -0.5), of_room=True)
    hours = 4
    for t in range(0, hours * 3600, 5):
        assert detector.update(MoodPoint(0, -0.5 + t / (hours * 3600)), t) is None
    lag = FOLLOW_S / (hours * 3600)
    assert detector.anchor.energy == pytest.approx(0.5 - lag, abs=0.02)


def test_after_a_shift_the_anchor_becomes_the_mean_of_the_looks():
    detector = settled()
    now = shifts_at([(t, 1.0) for t in range(0, 15, 5)], detector)[0]
    shifts_at([(now + t, 0.8) for t in range(5, 300, 5)], detector)
    assert detector.anchor.energy == pytest.approx(0.81, abs=0.02)


def test_a_reset_ends_a_beginning_shift():
    detector = settled()
    shifts_at([(0, 1.0), (5, 1.0)], detector)
    detector.reset(MoodPoint(0, 0))
    assert shifts_at([(10, 1.0), (15, 1.0), (20, 1.0)], detector) == [20]


def test_scatter_is_learnt_and_has_a_floor():
    scatter = Scatter()
    assert scatter.sigma == SCATTER
    scatter.update(MoodPoint(0, 0), 2 * 0.3**2, MEMORY)
    assert scatter.sigma == pytest.approx(0.3, abs=0.03)
    for _ in range(20):
        scatter.update(MoodPoint(0, 0), 0.0, MEMORY // 2)
    assert scatter.sigma == STEADIEST


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (CALM, LIVELY, "the room was peaceful and has been lively for 12 s"),
        (MoodPoint(0, -0.1), MoodPoint(-0.8, -0.6), "the room was ordinary and has been gloomy"),
        (MoodPoint(0.1, 0.85), MoodPoint(0.8, 1.0), "the room is still wild, but has been brighter"),
        (MoodPoint(0.8, 1.0), MoodPoint(0.1, 0.85), "the room is still wild, but has been darker"),
        (MoodPoint(0.6, -0.4), MoodPoint(0.6, -1.0), "the room is still peaceful, but has been quieter"),
        (MoodPoint(0.6, -1.0), MoodPoint(0.6, -0.4), "the room is still peaceful, but has been livelier"),
    ],
)
def test_the_reason_is_one_plain_sentence(before, after, reason):
    detector = settled()
    detector.reset(before)
    assert detector.update(after, 0) is None
    shift = detector.update(after, 12)
    assert shift is not None
    assert (shift.before, shift.after.distance(after) < 1e-9, shift.at) == (before, True, 12)
    assert shift.reason.startswith(reason)
    assert shift.reason.endswith(" for 12 s")


AXIS = st.floats(-1, 1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(AXIS, AXIS, st.floats(-60, 300)), min_size=2, max_size=60))
def test_no_shift_before_the_dwell_and_no_two_within_the_cooldown(steps):
    """Whatever the clock does: it goes back, stands still, or leaps over missing samples."""
    detector = ShiftDetector(SETTINGS)
    detector.reset(MoodPoint(0, 0))
    clock, latest, started, last = 0.0, float("-inf"), None, None
    for valence, energy, passed in steps:
        clock += passed
        latest = max(latest, clock)
        started = latest if started is None else started
        shift = detector.update(MoodPoint(valence, energy), clock)
        if shift is None:
            continue
        assert latest - started >= SETTINGS.dwell_s
        assert last is None or latest - last >= SETTINGS.cooldown_s
        assert shift.before.distance(shift.after) > SETTINGS.distance
        started = last = latest


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(AXIS, AXIS), min_size=1, max_size=40))
def test_what_stays_within_the_distance_never_shifts(offsets):
    detector = ShiftDetector(SETTINGS)
    detector.reset(MoodPoint(0, 0))
    for n, (valence, energy) in enumerate(offsets):
        assert detector.update(MoodPoint(valence * 0.2, energy * 0.2), 20.0 * n) is None
