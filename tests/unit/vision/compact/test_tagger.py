"""A thousand probabilities become few concepts."""

import numpy as np
import pytest

from player.vision.compact.tagger import gather, to_input


def probabilities(**classes: float) -> np.ndarray:
    values = np.zeros(1000, np.float32)
    for number, value in classes.items():
        values[int(number.removeprefix("n"))] = value
    return values


def test_hesitant_classes_make_one_sure_concept() -> None:
    breeds = probabilities(n207=0.1, n208=0.1, n250=0.1, n762=0.16, n978=0.14)
    assert gather(breeds, threshold=0.15) == {
        "dog": pytest.approx(0.3),
        "restaurant": pytest.approx(0.16),
    }


def test_the_surest_comes_first() -> None:
    assert list(gather(probabilities(n762=0.2, n978=0.5, n454=0.3), 0.15)) == [
        "beach",
        "bookshop",
        "restaurant",
    ]


def test_rounding_cannot_exceed_certainty() -> None:
    assert gather(probabilities(n978=1.0, n977=1e-4), 0.15) == {"beach": 1.0}


def test_classes_about_clothes_say_nothing() -> None:
    assert gather(probabilities(n610=0.9), 0.15) == {}  # jersey


def test_pixels_become_rgb_about_minus_one_to_one() -> None:
    image = np.zeros((40, 60, 3), np.uint8)
    image[..., 0] = 255  # BGR: pure blue
    pixels = to_input(image)
    assert pixels.shape == (1, 3, 260, 260)
    np.testing.assert_allclose(pixels[0, :, 130, 130], [-127 / 128, -127 / 128, 1])
