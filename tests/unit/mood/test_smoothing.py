"""Smoothing: tables of what it must do, and what it must never do."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from player.config.settings.mood import MoodSettings
from player.mood.smoothing import FAR, Smoother
from player.types import MoodPoint

SETTINGS = MoodSettings(half_life_s=6, stale_s=120)

AXIS = st.floats(-1, 1)
POINTS = st.builds(MoodPoint, AXIS, AXIS)
TIMES = st.floats(0, 1e6)


def run(*samples: tuple[float, float, float]) -> MoodPoint:
    smoother = Smoother(SETTINGS)
    for now, valence, energy in samples:
        smoother.update(MoodPoint(valence, energy), now)
    assert smoother.value is not None
    return smoother.value


def test_without_a_reading_there_is_no_value():
    assert Smoother(SETTINGS).value is None


@pytest.mark.parametrize(
    ("what", "samples", "energy"),
    [
        ("the first reading counts in full", [(0, 0, 0.5)], 0.5),
        ("after a half life half of the old is left", [(0, 0, 0.0), (6, 0, 0.4)], 0.2),
        ("two steps are as good as one", [(0, 0, 0.0), (3, 0, 0.4), (6, 0, 0.4)], 0.2),
        ("a repeated reading is one reading", [(0, 0, 0.0), (6, 0, 0.4), (6, 0, 0.4)], 0.2),
        ("readings of one instant count as their mean", [(0, 0, 0.0), (6, 0, 0.2), (6, 0, 0.6)], 0.2),
        ("a clock that goes back stands still", [(100, 0, 0.0), (106, 0, 0.4), (50, 0, 0.4)], 0.2),
        ("and then goes on", [(100, 0, 0.0), (50, 0, 0.0), (106, 0, 0.4)], 0.2),
        ("missing samples only mean more time", [(0, 0, 0.4), (60, 0, 0.0)], 0.4 / 2**10),
        ("after too long a gap it starts again", [(0, 0, 0.0), (121, 0, 0.9)], 0.9),
        ("and the odd reading before the gap is forgotten", [(0, 0, 0.9), (121, 0, -0.9)], -0.9),
        ("a far reading alone is cut", [(0, 0, 0.0), (6, 0, 1.0)], FAR / 2),
        ("a far one is cut again and again", [(0, 0, 0.0), (6, 0, 1.0), (12, 0, 1.0)], FAR),
        ("contradicted, it is soon forgotten", [(0, 0, 0), (6, 0, 1), (12, 0, 0)], FAR / 4),
        ("two far ones that disagree are both cut", [(0, 0, 0), (6, 0, 1), (12, 0, -0.75)], 0.0),
    ],
)
def test_table(what, samples, energy):
    assert run(*samples).energy == pytest.approx(energy, abs=1e-9), what


def test_a_single_odd_reading_moves_a_steady_mood_less_than_the_default_shift_distance():
    steady = [(t, 0.4, -0.6) for t in range(0, 60, 5)]
    moved = run(*steady, (60, -1.0, 1.0)).distance(MoodPoint(0.4, -0.6))
    back = run(*steady, (60, -1.0, 1.0), (65, 0.4, -0.6)).distance(MoodPoint(0.4, -0.6))
    assert moved < SETTINGS.shift.distance
    assert back < SETTINGS.shift.distance - SETTINGS.shift.hysteresis


def test_after_a_shift_it_goes_on_from_there():
    smoother = Smoother(SETTINGS)
    smoother.update(MoodPoint(0, 0), 0)
    smoother.update(MoodPoint(0, 0.8), 6)
    smoother.restart(MoodPoint(0, 0.8))
    assert smoother.value == MoodPoint(0, 0.8)
    assert smoother.update(MoodPoint(0, 0.4), 12).energy == pytest.approx(0.6)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(POINTS, TIMES), min_size=1, max_size=30))
def test_it_never_leaves_the_plane(samples):
    smoother = Smoother(SETTINGS)
    for point, now in samples:
        value = smoother.update(point, now)
        assert -1 <= value.valence <= 1
        assert -1 <= value.energy <= 1


@settings(max_examples=40, deadline=None)
@given(st.lists(POINTS, max_size=3), st.lists(POINTS, min_size=2, max_size=6), st.data())
def test_the_order_of_equal_timestamps_is_irrelevant(earlier, together, data):
    other_order = data.draw(st.permutations(together))
    values = []
    for at_once in (together, other_order):
        smoother = Smoother(SETTINGS)
        for n, point in enumerate(earlier):
            smoother.update(point, 5.0 * n)
        for point in at_once:
            smoother.update(point, 20.0)
        values.append(smoother.update(MoodPoint(0.1, 0.1), 25.0))
    assert values[0] == values[1]


@settings(max_examples=40, deadline=None)
@given(st.lists(POINTS, min_size=1, max_size=8), POINTS)
def test_constant_input_converges(start, constant):
    smoother = Smoother(SETTINGS)
    for n, point in enumerate(start):
        smoother.update(point, 5.0 * n)
    for n in range(len(start), len(start) + 80):
        smoother.update(constant, 5.0 * n)
    assert smoother.value.distance(constant) < 1e-6


@settings(max_examples=40, deadline=None)
@given(st.lists(POINTS, min_size=1, max_size=20), st.floats(0, 0.3))
def test_it_stays_within_what_was_read(points, scatter):
    smoother = Smoother(SETTINGS)
    for n, point in enumerate(points):
        value = smoother.update(point, 4.0 * n)
        seen = points[: n + 1]
        assert min(p.energy for p in seen) - 1e-9 <= value.energy <= max(p.energy for p in seen) + 1e-9
        assert math.isfinite(value.valence)
