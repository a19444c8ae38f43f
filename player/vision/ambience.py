"""What pixels alone tell: the light of a picture, and how much of it moved."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from player.types import Image, Light

WIDTH = 160
"""Pictures are shrunk to this width first: light and motion are coarse, and noise averages out."""
MOVED = 18.0
"""Grey levels (of 255) a pixel must change by, after blur, to count as moved: above webcam noise."""
STALE_S = 120.0
"""Frames further apart than this are not compared: everything would have moved."""

Grey = npt.NDArray[np.float32]


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
    """Share of the picture that moved between two frames, blind to noise and to changes of exposure."""

    def __init__(self) -> None:
        self._before: Grey | None = None
        self._at = 0.0

    def update(self, image: Image, now: float) -> float:
        """Share (0 to 1) of `image` that differs from the frame before; 0 for the first frame.

        image: (H, W, 3) uint8 BGR. now: monotonic seconds. A lamp switched on or a camera that adapts
        its exposure changes every pixel by the same factor, so each frame is compared relative to its
        own brightness: this is a change of light and no motion.
        """
        grey = cv2.cvtColor(small(image), cv2.COLOR_BGR2GRAY).astype(np.float32)
        grey = np.asarray(cv2.GaussianBlur(grey, (0, 0), 1.5), dtype=np.float32)
        before, self._before = self._before, grey
        fresh, self._at = now - self._at <= STALE_S, now
        if before is None or not fresh or before.shape != grey.shape:
            return 0.0
        gain = _exposure(before, grey)
        expected = np.clip(before * gain, 0, 255)
        return float(np.mean(np.abs(grey - expected) > MOVED * max(gain, 1.0)))


def _exposure(before: Grey, grey: Grey) -> float:
    """How much brighter the same thing is now: the median pixel's ratio, if less than half has moved."""
    bright = before > 8
    return float(np.clip(np.median(grey[bright] / before[bright]), 0.25, 4.0)) if bright.any() else 1.0
