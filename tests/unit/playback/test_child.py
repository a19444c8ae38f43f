"""A child that does not answer is replaced; one that was stopped together with us is not."""

from collections.abc import Iterator

import pytest

from player.playback.child import GLANCE_S, START_S, ChildProcess


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
