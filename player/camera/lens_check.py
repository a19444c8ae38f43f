"""Is the lens seeing anything? A dark, covered or frozen camera gives no reading of the room."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from player.camera.opencv import Luma, small_luma
from player.camera.overlay import Mask, cells, drawn
from player.config.settings.perception import CameraSettings
from player.status import LensState
from player.types import Image

GRID = (32, 24)
"""Cells, width x height. A cell of 20 x 20 pixels (of 640 x 480) keeps a twentieth of the sensor's noise."""
SURROUNDINGS_SIGMA = 3.0
"""Cells around a cell. What is too near to be in focus (a hand, a cap) varies more slowly than this."""
LANDMARKS = 4
"""Cells that must stand out: half a percent of the picture, which a few lamps at night already are."""


CODED = 33
"""Pixels: a digit that changes also changes the JPEG blocks around it, 16 pixels to each side."""

STROKE_PIXELS, STROKE_STEP = 4, 24
"""The least that the stroke of a small digit covers, and its step in brightness (of 255)."""


class LensCheck:
    """Says of each picture whether it shows a room."""

    def __init__(self, settings: CameraSettings) -> None:
        self._settings = settings
        self._still: tuple[Image, Mask] | None = None
        self._same_since = 0.0

    def update(self, image: Image, now: float, live: bool = True, overlay: Mask | None = None) -> LensState:
        """Judge an (H, W, 3) uint8 BGR picture taken at `now`.

        A lamp is structure; FROZEN comes after frozen_s. If no lens is at work (`live` is False: photos,
        files) it is always OK. A clock that the camera draws counts in none of them: `overlay` is where
        (overlay.drawn), if that is known already.
        """
        if not live:
            return LensState.OK
        overlay = drawn(image) if overlay is None else overlay
        frozen = self._unchanged_s(image, overlay, now) >= self._settings.frozen_s
        luma = without(small_luma(image, *GRID), cells(overlay, *GRID))
        if structure(luma) < self._settings.flat_below:
            black = float(luma.mean()) < self._settings.dark_below
            return LensState.DARK if black else LensState.COVERED
        return LensState.FROZEN if frozen else LensState.OK

    def _unchanged_s(self, image: Image, overlay: Mask, now: float) -> float:
        if self._still is None or self._still[0].shape != image.shape or self._changed(image, overlay):
            self._still, self._same_since = (image.copy(), overlay), now
        return now - self._same_since

    def _changed(self, image: Image, overlay: Mask) -> bool:
        """Whether anything but what is drawn, in either picture, is different."""
        assert self._still is not None
        before, overlay_before = self._still
        other = (image != before).any(axis=2)
        if not other.any():
            return False
        around = np.ones((CODED, CODED), np.uint8)
        hidden = cv2.dilate((overlay | overlay_before).astype(np.uint8), around) > 0
        if (other & ~hidden).any():
            return True
        ticked = cv2.dilate(_strokes(cv2.absdiff(image, before).max(axis=2)), around) > 0
        return bool((other & ~ticked).any())


def _strokes(difference: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Where a digit or a dot came or went, 1 or 0: several pixels together, by a lot. Noise is neither."""
    _, labels, found, _ = cv2.connectedComponentsWithStats((difference >= STROKE_STEP).astype(np.uint8))
    large = found[:, cv2.CC_STAT_AREA] >= STROKE_PIXELS
    large[0] = False  # the rest of the picture
    return np.asarray(large[labels], np.uint8)


def without(luma: Luma, overlay: Mask) -> Luma:
    """Luma whose cells under an overlay show what is beside them, and no bar that lies behind the letters."""
    luma = luma.copy()
    rows = overlay.any(axis=1)
    if not rows.any() or rows.all():
        return luma
    rest = float(np.median(luma[~rows]))
    for row in np.flatnonzero(rows):
        seen = luma[row, ~overlay[row]]
        if seen.size:
            luma[row] += rest - float(np.median(seen))
        luma[row, overlay[row]] = rest
    return luma


def structure(luma: Luma) -> float:
    """How far the LANDMARKS most striking cells of an (h, w) float32 luma, 0 to 1, leave their surroundings.

    Not the standard deviation: the glow around the edge of a hand has plenty of it, three lamps have little.
    """
    away = np.abs(luma - cv2.GaussianBlur(luma, (0, 0), SURROUNDINGS_SIGMA)).ravel()
    return float(np.partition(away, -LANDMARKS)[-LANDMARKS])
