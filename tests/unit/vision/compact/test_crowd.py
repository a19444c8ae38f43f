"""Counting people on parts of a picture, and what it costs where nobody is."""

import numpy as np
import numpy.typing as npt
import pytest

from player.types import Image
from player.vision.compact.crowd import count_people, is_worth_counting, parts, soft_count
from player.vision.compact.detector import Box, Detection

Floats = npt.NDArray[np.float32]
PICTURE: Image = np.zeros((480, 640, 3), np.uint8)
FAR = [Detection("person", 0.6, Box(x, 0.8, x + 0.05, 0.95)) for x in (0.1, 0.6)]


class Finder:
    """Finds one small person in the middle of each part."""

    def __init__(self, score: float = 0.5) -> None:
        self.score, self.asked = score, 0

    def persons(self, image: Image, least: float) -> tuple[Floats, Floats]:
        self.asked += 1
        return np.array([[0.48, 0.45, 0.52, 0.55]], np.float32), np.array([self.score], np.float32)


def test_the_parts_cover_the_picture_and_overlap() -> None:
    boxes = list(parts())
    assert len(boxes) == 6
    assert {(b.left, b.top) for b in boxes} >= {(0.0, 0.0)}
    assert max(b.right for b in boxes) == pytest.approx(1)
    assert max(b.bottom for b in boxes) == pytest.approx(1)
    assert boxes[0].shared(boxes[1]) > 0.05


@pytest.mark.parametrize(
    ("seen", "looks"),
    [
        ([], 0),
        ([Detection("chair", 0.9, Box(0, 0, 0.1, 0.1))] * 5, 0),
        (FAR[:1], 0),
        ([Detection("person", 0.9, Box(0, 0, 0.5, 1)), Detection("person", 0.9, Box(0.5, 0, 1, 1))], 0),
        (FAR, 6),
        # One box over all the crowd is common, and no reason to stop.
        ([*FAR, Detection("person", 0.5, Box(0, 0, 1, 0.8))], 6),
    ],
)
def test_parts_are_looked_at_only_where_several_far_people_are_seen(
    seen: list[Detection], looks: int
) -> None:
    finder = Finder()
    people = count_people(PICTURE, seen, finder)
    assert finder.asked == looks
    assert is_worth_counting(seen) == (looks > 0)
    if not looks:
        assert people == sum(d.label == "person" for d in seen)


def test_people_of_all_parts_are_counted_beside_those_of_the_whole() -> None:
    assert count_people(PICTURE, FAR, Finder()) == 8


def test_doubtful_people_count_in_part_and_never_less_than_is_seen() -> None:
    assert count_people(PICTURE, FAR, Finder(0.25)) == 5
    assert count_people(PICTURE, FAR, Finder(0.1)) == 2


def test_a_picture_too_small_for_parts_is_as_it_is_seen() -> None:
    for size in (1, 2, 3):
        assert count_people(np.zeros((size, size, 3), np.uint8), FAR, Finder(0.1)) == 2


@pytest.mark.parametrize(
    ("boxes", "scores", "people"),
    [
        ([], [], 0),
        ([(0, 0, 0.1, 0.2)], [0.9], 1),
        ([(0, 0, 0.1, 0.2)], [0.1], 0),
        ([(0, 0, 0.1, 0.2), (0.5, 0, 0.6, 0.2)], [0.25, 0.25], 1),
        ([(0, 0, 0.1, 0.2), (0, 0, 0.1, 0.19)], [0.9, 0.8], 1),  # two parts saw the same person
        ([(0, 0, 0.1, 0.2), (0, 0, 0.1, 0.05)], [0.9, 0.8], 1),  # a head of somebody who is seen
        ([(0, 0, 0.1, 0.2), (0.09, 0, 0.2, 0.2)], [0.9, 0.8], 2),
    ],
)
def test_boxes_count_softly_and_once(
    boxes: list[tuple[float, ...]], scores: list[float], people: float
) -> None:
    rows = np.array(boxes, np.float32).reshape(-1, 4)
    assert soft_count(rows, np.array(scores, np.float32)) == pytest.approx(people, abs=1e-5)
