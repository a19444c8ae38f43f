"""The picture as BLIP sees it; tests/export holds the same against Pillow and transformers."""

import numpy as np
import pytest

from player.vision.blip.pixels import PRECISION_BITS, resize, taps, to_input

ONE = 1 << PRECISION_BITS
MEAN, STD = (0.5, 0.25, 0.0), (0.5, 0.25, 1.0)


@pytest.mark.parametrize(("size", "wanted"), [(7, 3), (640, 384), (480, 224), (10, 384), (1, 5), (5, 1)])
def test_the_weights_of_every_pixel_are_whole_and_add_up_to_one(size: int, wanted: int) -> None:
    places, weights = taps(size, wanted)
    assert places.shape == weights.shape
    assert len(places) == wanted
    assert places.min() >= 0
    assert places.max() < size
    assert np.abs(weights.sum(axis=1) - ONE).max() <= size


def test_the_weights_are_those_of_cubic_convolution() -> None:
    """Keys (1981), a = -1/2: doubling puts a new pixel a quarter from one old pixel, 3/4 from the next."""
    expected = [-0.0234375, 0.2265625, 0.8671875, -0.0703125]
    places, weights = taps(8, 16)
    assert list(places[8]) == [2, 3, 4, 5]
    assert weights[8] / ONE == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("shape", [(48, 64, 3), (1, 1, 3), (9, 200, 3), (384, 384, 3), (33, 16, 3)])
def test_a_plain_picture_stays_plain(shape: tuple[int, int, int]) -> None:
    plain = np.broadcast_to(np.array([10, 128, 250], np.uint8), shape)
    assert (resize(plain, 24) == np.array([10, 128, 250])).all()


def test_a_sharp_edge_overshoots_and_is_clipped() -> None:
    image = np.zeros((8, 8, 3), np.uint8)
    image[:, 4:] = 255
    row = resize(image, 16)[8, :, 0].astype(int)
    assert row[0] == 0
    assert row[-1] == 255
    assert row[5] == 0, "the undershoot would be negative"
    assert (np.diff(row[6:10]) > 0).all()


def test_the_size_that_is_there_already_changes_nothing() -> None:
    image = np.random.default_rng(0).integers(0, 256, (32, 32, 3)).astype(np.uint8)
    assert (resize(image, 32) == image).all()


def test_the_channels_become_red_green_blue_and_are_scaled() -> None:
    blue = np.zeros((20, 30, 3), np.uint8)
    blue[:, :] = (255, 0, 51)
    pixels = to_input(blue, 16, MEAN, STD)
    assert pixels.shape == (1, 3, 16, 16)
    assert pixels.dtype == np.float32
    expected = [(0.2 - 0.5) / 0.5, (0 - 0.25) / 0.25, 1.0]
    assert pixels[0, :, 3, 4] == pytest.approx(expected, abs=1e-6)
