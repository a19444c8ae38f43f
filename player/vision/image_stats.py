"""What pixels alone tell: the light of a picture, and how much of it moved."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from player.types import Image, Light

WIDTH = 160
"""Pictures are shrunk to this width first: light and motion are coarse, and noise averages out."""
STALE_S = 120.0
"""Frames further apart than this are not compared: everything would have moved."""

FINE, COARSE = 1.5, 4.0
"""Detail is what lies between blurs of these sigmas (pixels): above noise, below the gradients of light."""
DARK = 16.0
"""Grey levels (of 255) added before the logarithm, so that noise in the dark does not become detail."""
MOVED = 0.1
"""By how much detail (natural logarithm of luma) must change to count as moved."""
NOISE = 6.0
"""Nor does it count below this many times the median pixel's change: a night camera's noise is everywhere."""
MOST_NOISE = 0.15
"""The limit above which that median is no noise any more: then half of the picture has moved."""
BLOWN_OUT = 247
"""Luma from which nothing can be known of what is there."""
CELL = 8
"""Side of the cells, in pixels, in which motion is counted: 20 x 15 of them."""
MOST_OF_IT = 0.5
"""Share of a cell that must move to count: a rain drop or the edge of a shadow is no motion, an arm is."""
SOME_OF_IT = 0.2
"""Share of a cell that must move to count as restless."""
ALWAYS = 0.4
"""A cell that was restless for this share of the time shows a screen, a fan or a tree: people move about."""
MAP_S = 1800.0
"""Time constant of that: a screen that goes on is left out after a quarter of an hour."""
LARGEST_SCREEN = 0.25
"""Share of the picture up to which motion that never ends is left out; a dance floor is larger."""

Plane = npt.NDArray[np.float32]
Cells = npt.NDArray[np.bool_]


def small(image: Image) -> Image:
    """The picture at most WIDTH pixels wide, (h, w, 3) uint8 BGR, averaged down."""
    height, width = image.shape[:2]
    if width <= WIDTH:
        return image
    size = (WIDTH, max(1, round(height * WIDTH / width)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def light(image: Image) -> Light:
    """Brightness, warmth, contrast and colourfulness of a (H, W, 3) uint8 BGR picture.

    Luma is Rec. 601. Warmth is (red - blue) / (red + blue) of the mean colour: 1 for pure orange or
    red, -1 for pure blue, 0 for grey and black. Colourfulness is M3 of Hasler and Suesstrunk, "Measuring
    colourfulness in natural images" (2003), divided by 109, its value for "extremely colourful".
    """
    pixels = small(image).astype(np.float32)
    blue, green, red = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    luma = (0.114 * blue + 0.587 * green + 0.299 * red) / 255
    total = float(red.mean() + blue.mean())
    warmth = float(red.mean() - blue.mean()) / total if total else 0.0
    red_green, yellow_blue = red - green, (red + green) / 2 - blue
    spread = np.hypot(red_green.std(), yellow_blue.std())
    centre = np.hypot(red_green.mean(), yellow_blue.mean())
    return Light(
        brightness=float(np.clip(luma.mean(), 0, 1)),
        warmth=warmth,
        contrast=float(luma.std()),
        colorfulness=float(np.clip((spread + 0.3 * centre) / 109, 0, 1)),
    )


class MotionMeter:
    """Share of the picture that moved between two frames, blind to light, noise and screens.

    Light is a factor on what is seen (Retinex), and nearly the same one on neighbouring pixels: to the
    logarithm of luma it adds a smooth field. Taking a coarse blur away takes that field away, be it the
    exposure's, a lamp's, a cloud's or the edge of a shadow's. What moves brings other detail along.
    """

    def __init__(self) -> None:
        self._before: tuple[Plane, Cells] | None = None
        self._at = 0.0
        self._restless: Plane | None = None
        """For each cell, the share of the time (over MAP_S) for which it was restless."""

    def update(self, image: Image, now: float) -> float:
        """Share (0 to 1) of `image` that differs from the frame before; 0 for the first frame.

        image: (H, W, 3) uint8 BGR. now: monotonic seconds. Cells that always move are left out, up to a
        quarter of the picture.
        """
        seen = _detail(image)
        before, self._before = self._before, seen
        passed_s, self._at = now - self._at, now
        if before is None or before[0].shape != seen[0].shape or not 0 < passed_s <= STALE_S:
            return 0.0
        shares = _moved_shares(before, seen)
        if self._restless is None or self._restless.shape != shares.shape:
            self._restless = np.zeros(shares.shape, np.float32)
        moved = shares > MOST_OF_IT
        unusual = float(np.mean(moved & (self._restless < ALWAYS)))
        self._restless += np.float32(1 - np.exp(-passed_s / MAP_S)) * ((shares > SOME_OF_IT) - self._restless)
        return max(unusual, float(np.mean(moved)) - LARGEST_SCREEN)


def _detail(image: Image) -> tuple[Plane, Cells]:
    """Fine structure whatever the light, (h, w) float32, and where the picture is too bright to have any."""
    grey = cv2.cvtColor(small(image), cv2.COLOR_BGR2GRAY)
    blown_out = cv2.dilate((grey >= BLOWN_OUT).astype(np.uint8), np.ones((9, 9), np.uint8))
    fine = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), FINE)
    luma = np.log(fine + np.float32(DARK))
    return np.asarray(luma - cv2.GaussianBlur(luma, (0, 0), COARSE), np.float32), blown_out > 0


def _moved_shares(before: tuple[Plane, Cells], after: tuple[Plane, Cells]) -> Plane:
    """The share of each cell that shows something else than before."""
    change = np.abs(after[0] - before[0])
    change[before[1] | after[1]] = 0
    noise = float(np.median(change[::3, ::3]))
    moved = change > max(MOVED, min(NOISE * noise, MOST_NOISE))
    height, width = change.shape
    size = (max(1, width // CELL), max(1, height // CELL))
    return np.asarray(cv2.resize(moved.astype(np.float32), size, interpolation=cv2.INTER_AREA), np.float32)
