"""What is usual for a camera, and how the difference from it is heard."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from player.mood.baseline import Baseline
from player.types import MoodPoint

HOUR = 3600
USUAL, CENTRE = MoodPoint(0.2, -0.4), MoodPoint(0.6, 0.2)


def watched(hours: float, point: MoodPoint = USUAL, constant_h: float = 8, step_s: float = 60) -> Baseline:
    baseline = Baseline(constant_h, stale_s=120)
    for n in range(int(hours * HOUR / step_s) + 1):
        baseline.update(point, n * step_s)
    return baseline


@pytest.mark.parametrize(("hours", "confidence"), [(0, 0), (1, 0.1175), (8, 0.6321), (24, 0.9502)])
def test_confidence_grows_with_the_time_observed(hours, confidence):
    assert watched(hours).confidence == pytest.approx(confidence, abs=1e-3)


@pytest.mark.parametrize(
    ("weight", "hours", "share"),
    [
        (0.5, 0, 0.0),  # no history: the plain reading
        (0.0, 24, 0.0),  # no weight: the plain reading
        (0.5, 8, 0.5 * 0.6321),
        (1.0, 24, 0.9502),
        (1.0, 1000, 1.0),  # only the difference counts
    ],
)
def test_offset_table(weight, hours, share):
    offset = watched(hours, step_s=100).offset(CENTRE, weight)
    assert offset.valence == pytest.approx(share * (CENTRE.valence - USUAL.valence), abs=1e-3)
    assert offset.energy == pytest.approx(share * (CENTRE.energy - USUAL.energy), abs=1e-3)


def test_at_first_it_is_the_plain_mean_over_time():
    baseline = Baseline(8, stale_s=120)
    baseline.update(MoodPoint(0, 0), 0)
    baseline.update(MoodPoint(0, 1), 30)  # 1 has held for 30 s, then 0 for 90 s
    baseline.update(MoodPoint(0, 0), 120)
    assert baseline.value.energy == pytest.approx(0.25, abs=1e-3)


def test_later_it_forgets_with_its_time_constant():
    baseline = watched(40)
    for n in range(8 * 60):
        baseline.update(MoodPoint(USUAL.valence, 0.6), 40 * HOUR + 60 * (n + 1))
    assert baseline.value.energy == pytest.approx(0.6 - 1.0 * math.exp(-1), abs=0.01)


def test_a_gap_was_not_observed():
    baseline = Baseline(8, stale_s=120)
    baseline.update(USUAL, 0)
    baseline.update(MoodPoint(1, 1), 100_000)
    assert (baseline.value, baseline.confidence) == (None, 0)


@pytest.mark.parametrize(("passed_s", "observed_s"), [(0, None), (0.5, 0.5), (120, 120), (120.5, None)])
def test_a_reading_holds_until_it_is_stale(passed_s, observed_s):
    baseline = Baseline(8, stale_s=120)
    baseline.update(USUAL, 1000)
    baseline.update(USUAL, 1000 + passed_s)
    assert baseline.state().get("observed_s") == observed_s


def test_a_clock_that_goes_back_adds_no_time():
    baseline = Baseline(8, stale_s=120)
    for now in (0, 60, 10, 60, 70):
        baseline.update(USUAL, now)
    assert baseline.state()["observed_s"] == 70


def test_switched_off_it_learns_nothing():
    baseline = watched(5, constant_h=0)
    assert baseline.confidence == 0
    assert baseline.offset(CENTRE, 1.0) == MoodPoint(0, 0)


def test_it_goes_on_from_its_state():
    before = watched(8)
    after = Baseline(8, stale_s=120)
    after.restore(before.state())
    assert (after.value, after.confidence) == (before.value, before.confidence)
    assert Baseline(8, stale_s=120).state() == {}


@pytest.mark.parametrize(
    "state",
    [
        {"valence": 0.1},
        {"valence": "much", "energy": 0, "observed_s": 1},
        {"valence": float("nan"), "energy": 0, "observed_s": 1},
        {"valence": 0, "energy": 0, "observed_s": -1},
        {"valence": None, "energy": 0, "observed_s": 1},
    ],
)
def test_a_broken_state_is_refused_and_changes_nothing(state):
    baseline = watched(8)
    with pytest.raises((KeyError, TypeError, ValueError)):
        baseline.restore(state)
    assert baseline.value.distance(USUAL) < 1e-9


AXIS = st.floats(-1, 1)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(AXIS, AXIS, st.floats(-50, 300)), max_size=40))
def test_it_never_leaves_the_plane(samples):
    baseline, now = Baseline(0.01, stale_s=120), 0.0
    for valence, energy, passed in samples:
        now += passed
        baseline.update(MoodPoint(valence, energy), now)
    if baseline.value is not None:
        assert -1 <= baseline.value.valence <= 1
        assert -1 <= baseline.value.energy <= 1
    assert 0 <= baseline.confidence <= 1
