"""Which way a camera looks: the direction of edges over a grid, by which the same view is known again.

No picture can be made of it: a cell keeps one direction, and how much of its edges runs that way.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from player.types import Image

WIDTH, HEIGHT = 160, 120
ACROSS, DOWN = 16, 12
NUMBERS = ACROSS * DOWN * 2
FAINT = 0.004
"""Gradient (of luma 0..1, a pixel of WIDTH x HEIGHT) below which a cell shows noise, and no edge."""
CLEAR = 0.4
"""Length, below 1, from which a cell's direction says something."""
SAME_FROM = 0.9
"""Likeness from which it is the same view. At six fixed cameras it is 0.98 and more whoever is in it; a turn
by a tenth of the picture leaves 0.87 and less at five of them, and 0.96 at one that sees few edges.
"""
FEWEST = 12
"""Cells that must be clear in both views; with fewer nothing tells them apart."""

Floats = npt.NDArray[np.float32]


def view_of(image: Image) -> Floats:
    """(H, W, 3) uint8 BGR -> (NUMBERS,) float32: for each cell a direction, doubled so that it has no sign.

    Light changes the size of gradients and not where they point.
    """
    luma = cv2.cvtColor(cv2.resize(image, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
    soft = np.asarray(cv2.GaussianBlur(luma.astype(np.float32) / 255, (5, 5), 0), np.float32)
    x, y = _slope(soft, 1, 0), _slope(soft, 0, 1)
    size = np.asarray(np.hypot(x, y), np.float32)
    doubled = np.stack([x * x - y * y, 2 * x * y], axis=2) / np.maximum(size, np.float32(1e-6))[..., None]
    cells = _means(np.asarray(doubled, np.float32))
    strength = _means(size[..., None]) + FAINT
    return np.asarray((cells / strength).reshape(-1), np.float32)


def _slope(luma: Floats, across: int, down: int) -> Floats:
    """Change of luma a pixel."""
    return np.asarray(cv2.Sobel(luma, cv2.CV_32F, across, down, scale=0.125), np.float32)


def _means(plane: Floats) -> Floats:
    """(HEIGHT, WIDTH, n) -> (DOWN, ACROSS, n)."""
    blocks = plane.reshape(DOWN, HEIGHT // DOWN, ACROSS, WIDTH // ACROSS, -1)
    return np.asarray(blocks.mean(axis=(1, 3)), np.float32)


def likeness(one: Floats, other: Floats) -> float:
    """How alike two views are, -1 to 1 (0: as alike as any two rooms).

    The median of the cells that are clear in both, so that people who stand in front of some do not count.
    """
    a, b = one.reshape(-1, 2), other.reshape(-1, 2)
    lengths = np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1)
    clear = (lengths[0] > CLEAR) & (lengths[1] > CLEAR)
    if int(clear.sum()) < FEWEST:
        return 1.0
    products = (a[clear] * b[clear]).sum(axis=1) / (lengths[0][clear] * lengths[1][clear])
    return float(np.median(products))


def same_view(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether two views that were kept are the same; those of another number of cells are not."""
    if len(one) != len(other):
        return False
    return likeness(np.asarray(one, np.float32), np.asarray(other, np.float32)) >= SAME_FROM
