"""Light and motion of pictures whose values are known."""

import numpy as np
import pytest

from player.types import Image
from player.vision.ambience import STALE_S, MotionMeter, light

BLACK, WHITE, GREY = (0, 0, 0), (255, 255, 255), (128, 128, 128)
ORANGE, BLUE, GREEN = (0, 128, 255), (255, 64, 0), (0, 255, 0)  # BGR


def plain(color: tuple[int, int, int], height: int = 48, width: int = 64) -> Image:
    return np.full((height, width, 3), color, np.uint8)


@pytest.mark.parametrize(
    ("color", "brightness", "warmth", "colorfulness"),
    [
        (BLACK, 0.0, 0.0, 0.0),
        (WHITE, 1.0, 0.0, 0.0),
        (GREY, 0.502, 0.0, 0.0),
        (ORANGE, 0.594, 1.0, 0.632),
        (BLUE, 0.261, -1.0, 0.6385),
        (GREEN, 0.587, 0.0, 0.785),
    ],
)
def test_light_of_plain_colors(
    color: tuple[int, int, int], brightness: float, warmth: float, colorfulness: float
) -> None:
    seen = light(plain(color))
    assert seen.brightness == pytest.approx(brightness, abs=2e-3)
    assert seen.warmth == pytest.approx(warmth, abs=2e-3)
    assert seen.colorfulness == pytest.approx(colorfulness, abs=2e-3)
    assert seen.contrast == pytest.approx(0, abs=1e-6)


def test_contrast_of_half_black_half_white_is_the_greatest() -> None:
    image = plain(BLACK)
    image[:, 32:] = 255
    assert light(image).contrast == pytest.approx(0.5)


def test_many_colors_are_more_colorful_than_one() -> None:
    image = plain(ORANGE)
    image[:, 32:] = BLUE
    assert light(image).colorfulness == 1.0


def test_light_does_not_depend_on_the_size() -> None:
    image = textured()
    large = np.kron(image, np.ones((8, 8, 1), np.uint8)).astype(np.uint8)
    small, big = light(image), light(large)
    assert big.brightness == pytest.approx(small.brightness, abs=0.01)
    assert big.warmth == pytest.approx(small.warmth, abs=0.01)


def textured(seed: int = 0) -> Image:
    """A room: blocks of different greys, as in real pictures neither black nor white anywhere."""
    blocks = np.random.default_rng(seed).integers(40, 180, (6, 8), np.uint8)
    return np.repeat(np.kron(blocks, np.ones((20, 20), np.uint8))[..., None], 3, axis=2)


def noisy(image: Image, deviation: float, seed: int) -> Image:
    noise = np.random.default_rng(seed).normal(0, deviation, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def moved(before: Image, after: Image, seconds: float = 0.5) -> float:
    meter = MotionMeter()
    assert meter.update(before, 10.0) == 0.0
    return meter.update(after, 10.0 + seconds)


def test_a_still_picture_does_not_move() -> None:
    assert moved(textured(), textured()) == 0.0


def test_noise_is_not_motion() -> None:
    assert moved(noisy(textured(), 8, 1), noisy(textured(), 8, 2)) < 0.005


@pytest.mark.parametrize("gain", [0.55, 0.8, 1.25, 1.4])
def test_a_lamp_is_not_motion(gain: float) -> None:
    brighter = np.clip(textured() * gain, 0, 255).astype(np.uint8)
    assert moved(textured(), brighter) < 0.01


@pytest.mark.parametrize(("width", "share"), [(16, 0.1), (32, 0.2), (48, 0.3)])
def test_motion_is_the_share_of_the_picture(width: int, share: float) -> None:
    after = textured()
    after[:, :width] = np.where(after[:, :width] < 110, 250, 0)
    assert moved(textured(), after) == pytest.approx(share, abs=0.03)


def test_another_picture_moves_almost_everywhere() -> None:
    assert moved(textured(0), textured(1)) > 0.5


def test_long_ago_and_another_size_are_not_compared() -> None:
    assert moved(textured(0), textured(1), seconds=STALE_S + 1) == 0.0
    assert moved(textured(0), textured(1)[:100]) == 0.0


def test_each_frame_is_compared_with_the_one_before() -> None:
    meter = MotionMeter()
    meter.update(textured(0), 0.0)
    assert meter.update(textured(1), 1.0) > 0.5
    assert meter.update(textured(1), 2.0) == 0.0
