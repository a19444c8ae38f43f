import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from player.playback.fades import Envelope, Ramp, equal_power, gain_from_db


@pytest.mark.parametrize(("db", "gain"), [(0, 1), (-6.0206, 0.5), (-20, 0.1), (6.0206, 2)])
def test_decibels(db: float, gain: float) -> None:
    assert gain_from_db(db) == pytest.approx(gain, rel=1e-4)


@given(st.floats(0, 1))
def test_an_equal_power_pair_keeps_the_power_everywhere(progress: float) -> None:
    rising = Ramp(10, 4, 0, 1).gain(10 + 4 * progress)
    falling = Ramp(10, 4, 1, 0).gain(10 + 4 * progress)
    assert rising**2 + falling**2 == pytest.approx(1)


@pytest.mark.parametrize(
    ("ramp", "now", "gain"),
    [
        (Ramp(10, 2, 0, 1), 9, 0),
        (Ramp(10, 2, 0, 1), 11, math.sqrt(0.5)),
        (Ramp(10, 2, 0, 1), 99, 1),
        (Ramp(10, 2, 1, 0), 11, math.sqrt(0.5)),
        (Ramp(10, 2, 0.5, 1), 11, 0.5 + 0.5 * math.sqrt(0.5)),
        (Ramp(10, 2, 1, 0, "linear"), 10.5, 0.75),
        (Ramp(10, 2, 0.2, 0.2), 11, 0.2),
        (Ramp(10, 0, 0, 1), 10, 1),
        (Ramp(10, 0, 0, 1), 9.99, 0),
    ],
)
def test_ramp(ramp: Ramp, now: float, gain: float) -> None:
    assert ramp.gain(now) == pytest.approx(gain)


def test_ends_of_the_curve_are_exact() -> None:
    assert equal_power(0) == 0
    assert equal_power(1) == 1


def test_a_newer_ramp_waits_for_its_start_and_begins_where_the_older_one_is() -> None:
    envelope = Envelope(0)
    envelope.ramp(1, start_at=0, duration_s=4)
    envelope.ramp(0, start_at=2, duration_s=1)
    assert envelope.gain(1.9) == pytest.approx(Ramp(0, 4, 0, 1).gain(1.9))
    assert envelope.gain(2) == pytest.approx(math.sqrt(0.5))
    assert not envelope.settled(2.9)
    assert (envelope.gain(3), envelope.target, envelope.settled(3)) == (0, 0, True)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 0.3), st.floats(0.1, 2)), max_size=8))
def test_whatever_is_ordered_the_gain_never_jumps(orders: list[tuple[float, float, float]]) -> None:
    envelope, now, before = Envelope(0), 0.0, 0.0
    for to, wait_s, duration_s in orders:
        envelope.ramp(to, now + wait_s, duration_s)
        for _ in range(20):
            now += 0.01
            gain = envelope.gain(now)
            assert 0 <= gain <= 1
            assert abs(gain - before) <= 0.01 * math.pi / 2 / 0.1 + 1e-9  # the steepest ramp there is
            before = gain
