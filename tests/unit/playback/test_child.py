"""A child that does not answer is replaced; one that was stopped together with us is not."""

from collections.abc import Callable, Iterator

import pytest

from player.playback.child import GLANCE_S, MOST_LIMITS, START_S, ChildProcess


@pytest.fixture
def child() -> Iterator[ChildProcess]:
    """Never ready, as at the start of a deck: it says nothing."""
    found = ChildProcess("Deck A", ("sleep", "600"), clock=lambda: 0.0)
    yield found
    found.close()


def test_who_was_stopped_while_a_deck_started_does_not_take_it_for_hanging(child: ChildProcess) -> None:
    pid = child.pid
    for now in (0.05, 0.1, 120.0, 240.0):
        assert child.poll(now) == []
    assert child.pid == pid


def test_a_child_that_never_gets_ready_is_replaced(child: ChildProcess) -> None:
    said = [child.poll(turn * GLANCE_S) for turn in range(1, round(START_S / GLANCE_S) + 2)]
    assert said[-1] == [{"say": "died", "reason": "it hangs"}]
    assert not any(said[:-1])


def silent(queued_s: Callable[[float], float]) -> float:
    """After how many seconds a child is replaced that never speaks, and waits so long for a processor."""
    now = 0.0
    child = ChildProcess("Deck A", ("sleep", "600"), clock=lambda: 0.0, queued_s=lambda _: queued_s(now))
    try:
        while not child.poll(now):
            now += GLANCE_S
        return now
    finally:
        child.close()


@pytest.mark.parametrize("share", [0.5, 0.75])
def test_a_machine_so_busy_that_a_deck_has_no_processor_does_not_make_it_hang(share: float) -> None:
    """It waits for that share of the time, and would have said something in a third of it."""
    assert silent(lambda now: 7.0 + share * now) == pytest.approx(START_S / (1 - share), rel=0.1)


def test_what_waited_long_ago_does_not_count() -> None:
    assert silent(lambda _: 3600.0) == pytest.approx(START_S, abs=2 * GLANCE_S)


def test_threads_that_wait_do_not_hide_one_that_hangs_for_ever() -> None:
    """Three of them, all the time: more seconds of waiting than have passed."""
    assert silent(lambda now: 3.0 * now) == pytest.approx(MOST_LIMITS * START_S, abs=2 * GLANCE_S)


def test_a_system_that_does_not_say_goes_by_the_clock() -> None:
    def unknown(_: float) -> float:
        raise FileNotFoundError

    assert silent(unknown) == pytest.approx(START_S, abs=2 * GLANCE_S)
