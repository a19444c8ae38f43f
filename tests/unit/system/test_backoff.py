"""The one back-off: when to try again what has failed."""

import pytest

from player.system.backoff import BackOff, doubled_s


@pytest.mark.parametrize(
    ("failures", "free", "wait_s"),
    [
        (0, 0, 0),
        (1, 0, 0.5),
        (2, 0, 1),
        (3, 0, 2),
        (6, 0, 15),
        (5000, 0, 15),
        (3, 3, 0),
        (4, 3, 0.5),
        (5, 3, 1),
    ],
)
def test_back_off(failures: int, free: int, wait_s: float) -> None:
    back_off = BackOff(0.5, 15, free)
    for _ in range(failures):
        told_s = back_off.failed(100)
        assert told_s == back_off.pause_s
    assert back_off.wait_s(100) == back_off.pause_s == wait_s
    assert back_off.due(100 + wait_s)
    assert wait_s == 0 or not back_off.due(100 + wait_s - 0.01)
    assert back_off.exhausted == (failures > free)
    back_off.worked()
    assert back_off.due(100)
    assert (back_off.exhausted, back_off.pause_s) == (False, 0)


def test_the_longest_pause_holds_for_the_first_too_and_may_be_changed() -> None:
    back_off = BackOff(10, 4)
    assert back_off.failed(0) == 4
    back_off.configure(60)
    assert back_off.failed(0) == 20


def test_who_asks_for_a_longer_pause_gets_it_and_the_next_one_is_the_usual() -> None:
    back_off = BackOff(15, 900)
    assert back_off.failed(0, at_least_s=3000) == 3000
    assert back_off.wait_s(1000) == 2000
    assert back_off.failed(3000, at_least_s=1) == 30


def test_doubling_ends_at_the_longest_pause_however_often() -> None:
    assert [doubled_s(1, times, 10) for times in (0, 1, 3, 4, 10**6)] == [1, 2, 8, 10, 10]
