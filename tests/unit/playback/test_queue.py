from pathlib import Path

import pytest

from player.errors import NoMusicError
from player.playback.queue import Queue
from player.types import Choice, Track


def choice(name: str) -> Choice:
    return Choice(Track(Path(name), name), "because")


def test_a_track_that_costs_a_second_deck_is_not_tried_again() -> None:
    queue = Queue(lambda _: choice("b"), 15)
    assert queue.crashed(choice("a"), 12.5)
    assert queue.advance("error", 0) == (choice("a"), 12.5)
    queue.started()
    assert not queue.crashed(choice("a"), 13)
    assert queue.advance("error", 0) == (choice("b"), 0)
    queue.started()
    assert queue.crashed(choice("a"), 0), "another track has played since"


@pytest.mark.parametrize(
    ("error", "complaint"),
    [(NoMusicError("the folder is empty"), "the folder is empty"), (KeyError("x"), "KeyError('x')")],
)
def test_whatever_choosing_raises_is_a_complaint_and_a_pause(error: Exception, complaint: str) -> None:
    def fails(_: str) -> Choice:
        raise error

    queue = Queue(fails, 15)
    for _ in range(4):
        assert queue.advance("next", 10) is None
    assert complaint in queue.complaint
    assert not queue.due(10.4)
    assert queue.due(10.5)
