"""Pictures reach BLIP as transformers' own processor would hand them over, bit by bit."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow
from transformers import BlipImageProcessorPil

from player.types import Image
from player.vision.blip.pixels import resize, to_input
from tests.support.photos import photo

SHAPES = [
    *[
        (480, 640),
        (640, 480),
        (721, 1283),
        (1283, 721),
        (1080, 1920),
        (1920, 1080),
        (1500, 2000),
        (2000, 1500),
    ],
    *[(384, 384), (224, 640), (640, 224), (384, 1), (1, 384)],
    *[(33, 1000), (1000, 33), (20, 10), (10, 20), (3, 3), (4, 2), (1, 1), (1, 3000), (3000, 1)],
    # Around the line between columns first and rows first: 384 + 2 n rows, 384 + n columns.
    *[(584, 484), (585, 484), (586, 484), (384, 300), (385, 384), (386, 385), (387, 385), (385, 300)],
]


def noise(shape: tuple[int, int], seed: int, extreme: bool = False) -> Image:
    """Full-range noise; `extreme`: black and white alone, where the kernel overshoots most."""
    values = np.random.default_rng(seed).integers(0, 256, (*shape, 3))
    return np.asarray((values > 127) * 255 if extreme else values, np.uint8)


def by_pillow(image: Image, size: int) -> Image:
    return np.asarray(Pillow.fromarray(image).resize((size, size), Pillow.Resampling.BICUBIC))


@pytest.mark.parametrize("size", [64, 224, 384])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_every_shape_is_resized_as_pillow_does(shape: tuple[int, int], size: int) -> None:
    image = noise(shape, size)
    np.testing.assert_array_equal(resize(image, size), by_pillow(image, size))


@given(
    st.integers(1, 500), st.integers(1, 500), st.integers(1, 250), st.integers(0, 2**32 - 1), st.booleans()
)
def test_any_shape_is_resized_as_pillow_does(
    height: int, width: int, size: int, seed: int, extreme: bool
) -> None:
    image = noise((height, width), seed, extreme)
    np.testing.assert_array_equal(resize(image, size), by_pillow(image, size))


def same_as_transformers(image: Image, size: int) -> bool:
    """Whether the (1, 3, size, size) float32 networks' inputs for a BGR picture are equal in every bit."""
    processor = BlipImageProcessorPil(size={"height": size, "width": size})
    expected = processor(Pillow.fromarray(image[:, :, ::-1]), return_tensors="np")["pixel_values"]
    found = to_input(image, size, tuple(processor.image_mean), tuple(processor.image_std))
    assert found.dtype == expected.dtype == np.float32
    return np.array_equal(found, expected)


@pytest.mark.parametrize("shape", [(480, 640), (640, 480), (1000, 33), (1, 700), (5, 1), (384, 384)], ids=str)
def test_the_networks_input_is_that_of_transformers(shape: tuple[int, int]) -> None:
    assert same_as_transformers(noise(shape, 3), 384)


@pytest.mark.parametrize("name", ["coffee.png", "astronaut.png", "chelsea.png"])
def test_photos_too(name: str) -> None:
    image = photo(name)
    for turned in (image, np.rot90(image), image[:, : image.shape[1] // 3]):
        assert same_as_transformers(np.ascontiguousarray(turned), 384)


def test_photos_of_rooms_too(shared_data: Path) -> None:
    paths = sorted((shared_data / "scene_images" / "images").iterdir())[::50]
    assert paths
    for path in paths:
        image = np.asarray(cv2.imread(str(path)), np.uint8)
        assert same_as_transformers(image, 384), path
        assert same_as_transformers(np.ascontiguousarray(np.rot90(image)), 224), path
