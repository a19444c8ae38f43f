"""Light and motion of pictures whose values are known, and of a photo to which things happen."""

from statistics import median_low

import cv2
import numpy as np
import pytest

from player.types import Image
from player.vision.image_stats import STALE_S, MotionMeter, light
from scripts.system.disturb import HARMLESS, Disturbance, crowd, screen
from tests.support.photos import photo

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
    """A room: things of different sizes and greys, as in real pictures neither black nor white anywhere."""
    random = np.random.default_rng(seed)
    large, fine = random.integers(10, 60, (6, 8), np.uint8), random.integers(10, 120, (15, 20), np.uint8)
    grey = np.kron(large, np.ones((20, 20), np.uint8)) + np.kron(fine, np.ones((8, 8), np.uint8))
    return np.repeat(grey[..., None], 3, axis=2)


def noisy(image: Image, deviation: float, seed: int) -> Image:
    noise = np.random.default_rng(seed).normal(0, deviation, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def moved(before: Image, after: Image, seconds: float = 0.5) -> float:
    meter = MotionMeter()
    assert meter.update(before, 10.0) == 0.0
    return meter.update(after, 10.0 + seconds)


def test_a_still_picture_does_not_move() -> None:
    assert moved(textured(), textured()) == 0.0


@pytest.mark.parametrize("deviation", [4, 8, 30])
def test_noise_is_not_motion(deviation: float) -> None:
    assert moved(noisy(textured(), deviation, 1), noisy(textured(), deviation, 2)) < 0.005


@pytest.mark.parametrize("gain", [0.3, 0.55, 0.8, 1.25, 1.4])
def test_another_exposure_is_not_motion(gain: float) -> None:
    assert moved(textured(), np.clip(textured() * gain, 0, 255).astype(np.uint8)) < 0.01


def beginning_with(width: int) -> Image:
    """The room with other things in its leftmost `width` pixels."""
    image = textured()
    image[:, :width] = textured(1)[:, :width]
    return image


@pytest.mark.parametrize("width", [16, 32, 48])
def test_motion_is_a_share_of_the_picture(width: int) -> None:
    """Half the width, half the motion. Plain surfaces do not count: all of a picture is less than 1."""
    per_pixel = moved(textured(), beginning_with(64)) / 64
    assert moved(textured(), beginning_with(width)) == pytest.approx(per_pixel * width, rel=0.35)
    assert 0.3 < moved(textured(), textured(1)) < 1


@pytest.mark.parametrize("seconds", [0.0, -5.0, STALE_S + 1])
def test_pictures_of_one_instant_or_of_long_ago_are_not_compared(seconds: float) -> None:
    assert moved(textured(0), textured(1), seconds) == 0.0


def test_another_size_is_not_compared() -> None:
    assert moved(textured(0), textured(1)[:100]) == 0.0


@pytest.mark.parametrize(("height", "width"), [(1, 1), (5, 7), (120, 30)])
def test_the_smallest_pictures_do_no_harm(height: int, width: int) -> None:
    assert 0 <= moved(textured(0)[:height, :width], textured(1)[:height, :width]) <= 1


def test_each_frame_is_compared_with_the_one_before() -> None:
    meter = MotionMeter()
    meter.update(textured(0), 0.0)
    assert meter.update(textured(1), 1.0) > 0.3
    assert meter.update(textured(1), 2.0) == 0.0


INTERVAL = 10
"""Frames over which the pipeline takes the median: 5 s at 2 frames a second."""


def motions(disturbance: Disturbance, frames: int, picture: Image, every_s: float = 0.5) -> list[float]:
    """The median motion of the last frames, for each one, as the pipeline takes it."""
    meter = MotionMeter()
    seen = [meter.update(disturbance(picture, n), n * every_s) for n in range(frames)]
    return [median_low(seen[max(0, n - INTERVAL) : n + 1]) for n in range(frames)]


@pytest.fixture(scope="module")
def cafe() -> Image:
    return np.asarray(cv2.resize(photo("coffee.png"), (320, 240), interpolation=cv2.INTER_AREA), np.uint8)


@pytest.mark.parametrize("disturbance", [d for d in HARMLESS if d is not screen])
def test_what_only_changes_the_light_or_the_sensor_is_not_motion(
    disturbance: Disturbance, cafe: Image
) -> None:
    assert max(motions(disturbance, 24, cafe)) <= 0.01


def test_a_screen_is_left_out_after_a_while(cafe: Image) -> None:
    seen = motions(screen, 80, cafe, every_s=30)
    assert 0.01 < max(seen[:20]) < 0.05
    assert max(seen[-10:]) == 0


def test_a_crowd_moves(cafe: Image) -> None:
    assert min(motions(crowd, 24, cafe)[2:]) > 0.05


def test_people_beside_a_screen_are_seen(cafe: Image) -> None:
    meter = MotionMeter()
    for n in range(20):
        meter.update(screen(cafe, n), 90.0 * n)
    assert min(meter.update(crowd(screen(cafe, n), n), 1800 + n / 2) for n in range(10)) > 0.05


def test_a_dance_floor_is_no_screen() -> None:
    """Motion that never ends is left out only as far as a screen is large."""
    meter = MotionMeter()
    seen = [meter.update(textured(n), 10.0 * n) for n in range(240)]
    assert min(seen[1:20]) > 0.3
    assert min(seen[220:]) > 0.05
