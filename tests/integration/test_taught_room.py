"""A room taught with the bundled networks: people drawn into a real one move the reading, light does not."""

from pathlib import Path

import numpy as np
import pytest

from player.camera.view import view_of
from player.room.teaching import WORDS, Teaching, without_teaching
from player.types import Image
from scripts.evaluate.teach import LATER, WORD_FOR, Reader, rooms
from scripts.system.disturb import dusk, lamp, people, shadow

TAUGHT_AT, READ_AT = (0, 20), 35
LITTLE = 0.15
"""Of energy: three such steps make no shift (`mood.shift.distance`), and from quiet to lively it is 1."""


class Room:
    """The reading of a camera's pictures as the player makes it, and its teaching."""

    def __init__(self) -> None:
        self.teaching: Teaching = without_teaching()
        self._read, self._now = Reader(), 0.0

    def energy(self, image: Image) -> float:
        self._now += 2.0
        one = self._read(image)
        return self.teaching.correct(one.mood, one.look, tuple(map(float, view_of(image))), self._now).energy

    def teach(self, image: Image, word: str) -> None:
        self.energy(image)
        self.teaching.teach(word, None, self._now, self._now)


@pytest.mark.parametrize("clip", ["worker-zone-detection", "people-detection"])
def test_a_taught_room_follows_people_and_not_light(clip: str, shared_data: Path) -> None:
    hall, room = rooms(shared_data / "camera")[clip], Room()
    filled = {count: people(hall, READ_AT, count) for count in WORD_FOR}
    untaught = [room.energy(image) for image in filled.values()]
    for frame in TAUGHT_AT:
        for count, word in WORD_FOR.items():
            room.teach(people(hall, frame, count), word)
    taught = [room.energy(image) for image in filled.values()]
    wanted = [WORDS[word] for word in WORD_FOR.values()]
    assert np.abs(np.subtract(taught, wanted)).max() < 0.25
    # Not the spread: untaught, a room may well read liveliest when it is empty.
    assert taught[-1] - taught[0] > untaught[-1] - untaught[0] + 0.3
    for light in (lamp, dusk, shadow):
        lit = [room.energy(light(hall, LATER)), room.energy(light(filled[4], LATER))]
        assert np.abs(np.subtract(lit, taught[:2])).max() < LITTLE, light.__name__
    assert room.energy(filled[0]) == pytest.approx(taught[0], abs=0.02)  # they have left again
    assert room.teaching.status().problem is None
