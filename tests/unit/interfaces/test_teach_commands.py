"""`teach`: what an owner types, marks and all, and what a room cannot be taught by."""

from datetime import UTC, datetime
from functools import partial

import pytest

from player.errors import WishError
from player.interfaces.handlers.teaching import TeachCommands
from player.interfaces.messages.teaching import TeachRequest
from player.mood.wishes import read_wish
from player.room.teaching import Teaching, without_teaching
from player.types import Look, Mood
from tests.fakes.readers import FakeMoodReader


class Desk:
    """A room that is seen, and its owner who types."""

    def __init__(self) -> None:
        self.teaching: Teaching = without_teaching()
        self.teaching.correct(Mood(0.1, -0.4), Look((1.0,), "these"), (), float("inf"))
        read = partial(read_wish, reader=FakeMoodReader, of_room=True)
        handlers = TeachCommands(self.teaching, read, lambda: datetime(2026, 5, 1, 20, tzinfo=UTC)).handlers()
        self._teach = handlers[TeachRequest]

    def teach(self, what: str) -> str:
        return str(self._teach(TeachRequest(what=what)).as_json()["message"])


@pytest.mark.parametrize("text", ["not very busy, calm", "less busy than usual", "시끄럽지 않음"])
def test_what_a_room_is_not_is_asked_for_otherwise(text: str) -> None:
    with pytest.raises(WishError, match="say what the room is like, not what it is not"):
        Desk().teach(text)


@pytest.mark.parametrize("text", ["quiet", "quiet.", '"Quiet!"', "‘quiet’", "조용함~", "QUIET…"])
def test_marks_about_a_word_make_no_other_word(text: str) -> None:
    desk = Desk()
    desk.teach(text)
    (moment,) = desk.teaching.moments()
    assert (moment.word, moment.valence, moment.energy) == ("quiet", None, -0.5)


def test_marks_about_a_command_make_no_sentence() -> None:
    desk = Desk()
    for _ in range(2):
        desk.teach("quiet")
    assert desk.teach("list.").count(" quiet (") == 2
    assert desk.teach("Forget 1.") == "forgotten: moment 1, quiet"
    assert desk.teach("reset!") == "forgotten: 1 moment; the room is read as before"


def test_sentences_that_differ_in_their_marks_are_no_different_words() -> None:
    desk = Desk()
    for text in ("calm.", "Calm!", '"calm"'):
        said = desk.teach(text)
    assert said.endswith("one that is different, and the reading follows")
