"""What several of these tests need."""

from __future__ import annotations

import numpy as np

from player.types import Image

PICTURES = 12
NOISE = 0.016
"""Relative error of one int8 product of normal numbers: steps of 3 sigma / 63 in the weights and 8 / 255
in the activations, each off by a step / sqrt(12)."""


def of_products(number: int) -> float:
    """The cosine to fp32 below which int8 logits are wrong, and not rounded.

    Errors of so many products one after another add up to NOISE * sqrt(number); twice that is let through.
    A relative error e is a cosine of 1 - e^2 / 2. Random weights, which do not correct errors, come near it.
    """
    return 1 - (2 * NOISE) ** 2 * number / 2


def pictures(number: int = PICTURES) -> list[Image]:
    """Coarse random pictures of many shapes."""
    random = np.random.default_rng(7)
    shapes = random.integers(3, 9, (number, 2))
    small = [random.integers(0, 256, (h, w, 3)).astype(np.uint8) for h, w in shapes]
    return [image.repeat(17, axis=0).repeat(23, axis=1) for image in small]
