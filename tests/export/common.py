"""What several of these tests need."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from player.types import Image
from player.vision.blip.model import Decoder

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


class Nearness:
    """Of two networks' logits of the next word, after the same words."""

    def __init__(self) -> None:
        self.cosines: list[float] = []
        self._equal: list[bool] = []

    def add(self, exact: Decoder, rough: Decoder, tokens: Sequence[int]) -> None:
        """Both read a sentence word by word, so that what the cache adds up to counts too."""
        for token in tokens[:-1]:
            a, b = (decoder.read(np.array([[token]], np.int64))[0] for decoder in (exact, rough))
            self.cosines.append(float(a @ b / np.linalg.norm(a) / np.linalg.norm(b)))
            self._equal.append(bool(a.argmax() == b.argmax()))

    @property
    def equal(self) -> float:
        """Share of the next words that are the same."""
        return float(np.mean(self._equal))

    def __repr__(self) -> str:
        """The figures, for an assertion's message and for docs/blip.md."""
        figures = (np.mean(self.cosines), np.median(self.cosines), min(self.cosines), self.equal)
        return "cosine mean {:.4f}, median {:.4f}, least {:.4f}; {:.1%} of {} words equal".format(
            *figures, len(self.cosines)
        )
