"""The figures that the mood scripts print."""

import numpy as np
import pytest

from scripts.train.music_data import neighbours_agree, other_half_is_nearest, reliability


def test_a_true_confidence_has_no_error() -> None:
    confidence = np.array([0.75] * 4 + [0.25] * 4)
    right = np.array([True, True, True, False, True, False, False, False])

    error, table = reliability(confidence, right)

    assert error == 0
    assert "0.7 to 0.8  0.750  0.750      4" in table


def test_boasting_is_an_error() -> None:
    error, _ = reliability(np.array([1.0, 1.0]), np.array([True, False]))

    assert error == pytest.approx(0.5)


def test_halves_find_each_other() -> None:
    axes = np.eye(4)
    together = np.stack([axes[[0, 0]], axes[[1, 1]]])
    apart = np.stack([axes[[0, 1]], axes[[1, 0]]])

    assert other_half_is_nearest(together) == 1
    assert other_half_is_nearest(apart) == 0


def test_neighbours_are_others() -> None:
    embeddings = np.eye(2)[[0, 0, 1, 1]]

    assert neighbours_agree(embeddings, np.array([0, 0, 1, 1]), count=1) == 1
    assert neighbours_agree(embeddings, np.array([0, 1, 0, 1]), count=1) == 0
