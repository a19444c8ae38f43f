"""What is known of a track on a deck, over a sleep of the whole machine."""

from pathlib import Path

import pytest

from player.playback.deck import Cue, Position
from player.playback.slot import PlayRequest, Slot
from player.playback.transitions import Plan
from tests.fakes.playback import FakeDeck


def test_what_was_said_before_a_sleep_and_heard_after_it_is_not_old() -> None:
    slot = Slot(FakeDeck("A", {}))
    slot.take(PlayRequest(Cue(Path("song"), 1.0, 1.0), Plan(None, 0.0, 0, 0)), 0.0)
    slot.follow(Position(10.0, 10.0, 60.0, 1))
    slot.slept(120.0)
    slot.follow(Position(10.2, 10.2, 60.0, 2))
    assert (slot.at, slot.advanced_at, slot.sounded_at) == (130.0, 130.0, 130.0)
    assert slot.left_s(130.0) == pytest.approx(49.8)
    slot.follow(Position(131.0, 11.0, 60.0, 3))
    assert (slot.at, slot.advanced_at) == (131.0, 131.0)
