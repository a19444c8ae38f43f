"""What the impression head is given of a photo."""

import numpy as np
import pytest

from player.types import ImageMood
from player.vision.compact.detector import Box, Detection
from player.vision.compact.image_mood import competence, cover, crowd_energy, pooled, with_crowd


@pytest.mark.parametrize(
    ("boxes", "covered"),
    [
        ([], [[0, 0], [0, 0]]),
        ([Box(0, 0, 1, 1)], [[1, 1], [1, 1]]),
        ([Box(0, 0, 0.5, 0.5)], [[1, 0], [0, 0]]),
        ([Box(0.25, 0, 0.75, 1)], [[0.5, 0.5], [0.5, 0.5]]),
        ([Box(0.25, 0.25, 0.75, 0.5)], [[0.25, 0.25], [0, 0]]),
        ([Box(0, 0, 0.5, 0.5), Box(0, 0, 1, 0.25)], [[1, 0.5], [0, 0]]),
        ([Box(0.3, 0.3, 0.3, 0.3)], [[0, 0], [0, 0]]),
    ],
)
def test_how_much_of_each_cell_the_boxes_cover(boxes: list[Box], covered: list[list[float]]) -> None:
    np.testing.assert_allclose(cover(boxes, 2, 2), covered)


FEATURES = np.array([[[0, 2], [4, 6]], [[1, 1], [1, 1]]], np.float32)
LEFT = Box(0, 0, 0.5, 1)


@pytest.mark.parametrize(
    ("seen", "alive"),
    [
        ([], [0, 0]),
        ([Detection("chair", 0.9, LEFT)], [0, 0]),
        ([Detection("person", 0.9, LEFT)], [2, 1]),
        ([Detection("dog", 0.9, LEFT)], [2, 1]),
        ([Detection("person", 0.9, LEFT), Detection("cat", 0.5, Box(0, 0, 1, 1))], [3, 1]),
    ],
)
def test_features_are_pooled_over_all_and_over_the_living(seen: list[Detection], alive: list[float]) -> None:
    np.testing.assert_allclose(pooled(FEATURES, seen), [3, 1, 6, 1, *alive])


def test_any_boxes_give_finite_float32() -> None:
    tiny = [Detection("person", 0.5, Box(0.5, 0.5, 0.5 + 1e-9, 0.5 + 1e-9))]
    found = pooled(FEATURES, tiny)
    assert found.dtype == np.float32
    assert np.isfinite(found).all()


@pytest.mark.parametrize(("people", "share"), [(0, 1), (3, 1), (5, 0.5), (7, 0), (30, 0)])
def test_a_crowd_is_left_to_the_sentence(people: int, share: float) -> None:
    assert competence(people) == pytest.approx(share)


def test_the_more_people_the_livelier() -> None:
    energies = [crowd_energy(people) for people in (7, 14, 28, 56)]
    assert energies == sorted(energies)
    assert energies[0] == pytest.approx(0.3)
    assert energies[2] == pytest.approx(0.9)
    assert crowd_energy(10**6) == 1


def test_the_number_of_people_takes_over_the_energy_of_a_crowd() -> None:
    found = ImageMood(0.5, -0.4, 0.8)
    assert with_crowd(found, 2) == ImageMood(0.5, -0.4, 0.8, 0.8)
    crowd = with_crowd(found, 28)
    assert (crowd.energy, crowd.weight, crowd.energy_weight) == (pytest.approx(0.9), 0, 1)
    group = with_crowd(found, 5)
    assert found.energy < group.energy < crowd_energy(5)
