"""A picture as BLIP was trained to see it, equal to transformers' BlipImageProcessorPil in every bit."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from player.types import Image

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
Doubles = npt.NDArray[np.float64]

PRECISION_BITS = 22
"""Pillow's resampling weights are whole multiples of 2^-22 (its Resample.c: 32 - 8 - 2 bits)."""
CUBIC = -0.5
"""The a of Pillow's cubic convolution kernel."""
STRIP = 32
"""New rows that are summed at a time."""


def to_input(image: Image, size: int, mean: tuple[float, ...], std: tuple[float, ...]) -> Floats:
    """(H, W, 3) uint8 BGR -> (1, 3, size, size) float32 RGB, the whole picture squeezed to a square.

    mean, std: of RGB values in 0 to 1.
    """
    rgb = resize(image, size)[:, :, ::-1].transpose(2, 0, 1)
    tables = _tables(mean, std)
    return np.stack([table[plane] for table, plane in zip(tables, rgb, strict=True)])[np.newaxis]


@lru_cache(maxsize=2)
def _tables(mean: tuple[float, ...], std: tuple[float, ...]) -> Floats:
    """(3, 256) float32: what each of a channel's 256 values becomes."""
    values = (np.arange(256) * (1 / 255)).astype(np.float32)
    columns = [(values - np.float32(m)) / np.float32(s) for m, s in zip(mean, std, strict=True)]
    return np.stack(columns)


def resize(image: Image, size: int) -> Image:
    """(H, W, C) uint8 -> (size, size, C) uint8 as Pillow 13's `resize((size, size), BICUBIC)`, bit by bit.

    One direction after the other, rounded to 8 bits in between. Pillow begins with the columns, but with the
    rows if the height loses more than twice as many pixels as the width (before version 13 never).
    """
    height, width, _ = image.shape
    if height > size and height - size > 2 * (width - size):
        return np.ascontiguousarray(_squeeze_width(_squeeze_height(image, size), size))
    return np.ascontiguousarray(_squeeze_height(_squeeze_width(image, size), size))


def _squeeze_width(image: Image, size: int) -> Image:
    if image.shape[1] == size:
        return image
    return _squeeze_height(image.transpose(1, 0, 2), size).transpose(1, 0, 2)


def _squeeze_height(image: Image, size: int) -> Image:
    """Each new row the weighted sum of a few old ones, in units of 2^-22, rounded as Pillow does.

    In 32-bit integers, as there, and a strip at a time, which fits a core's cache. A matrix product would
    leave BLAS's threads spinning when the network starts.
    """
    height, width, channels = image.shape
    if height == size:
        return image
    old = image.reshape(height, -1)
    new = np.empty((size, width * channels), np.uint8)
    rows, weights = taps(height, size)
    for start in range(0, size, STRIP):
        strip = slice(start, start + STRIP)
        sums = np.full(new[strip].shape, 1 << (PRECISION_BITS - 1), np.int32)
        for row, weight in zip(rows[strip].T, weights[strip].T, strict=True):
            sums += old[row] * weight[:, np.newaxis]
        new[strip] = np.clip(sums >> PRECISION_BITS, 0, 255)
    return new.reshape(size, width, channels)


@lru_cache(maxsize=8)
def taps(size: int, wanted: int) -> tuple[Ints, Ints]:
    """(wanted, taps) int32: the old pixels that make a new one, and their weights, 2^22 being 1.

    The kernel widens if the picture shrinks, so that it averages instead of skipping.
    """
    scale = size / wanted
    stretch = max(scale, 1.0)
    most = int(4 * stretch) + 2
    places, matrix = np.zeros((wanted, most), np.int32), np.zeros((wanted, most), np.int32)
    for out in range(wanted):
        centre = (out + 0.5) * scale
        first = max(int(centre - 2 * stretch + 0.5), 0)
        last = min(int(centre + 2 * stretch + 0.5), size)
        # Divided and summed in Pillow's order: another rounding of the last bit shows in the picture.
        weights = _cubic((np.arange(first, last) - centre + 0.5) * (1.0 / stretch))
        weights = weights / sum(weights.tolist()) * (1 << PRECISION_BITS)
        places[out, : last - first] = np.arange(first, last)
        matrix[out, : last - first] = np.trunc(weights + np.copysign(0.5, weights))
    used = matrix.any(axis=0)
    return places[:, used], matrix[:, used]


def _cubic(x: npt.NDArray[Any]) -> Doubles:
    x = np.abs(x)
    near = ((CUBIC + 2) * x - (CUBIC + 3)) * x * x + 1
    far = (((x - 5) * x + 8) * x - 4) * CUBIC
    return np.where(x < 1, near, np.where(x < 2, far, 0.0))
