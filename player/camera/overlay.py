"""What a camera draws into its picture: a clock, its name, a red dot. None of that is seen by the lens.

Told by how it looks, as nothing says where it is: near the upper or lower rim, line after line that goes from
light to dark and back many times within a short way. A lamp, a candle, a screen or a picture on a wall has
one edge on each side. A textured room looks drawn in places, too, but not all over.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from player.types import Image

Mask = npt.NDArray[np.bool_]

RIM = 0.22
"""Share of the height, above and below, in which cameras draw: two lines of large letters."""
SPAN = 0.2
"""Share of the height: a short way, along which three large letters stand, or a dozen small ones."""
EDGES = 5
"""Within that way; a lamp has two, a pair of lamps four."""
LEAST_EDGE = 0.03
"""Step in luma (0 to 1) from one pixel to the next."""
NOISE = 4.5
"""An edge is so many standard deviations of the sensor's noise, or more."""
RED = 0.4
"""How far a recording dot's red is above its green and blue, 0 to 1."""


def drawn(image: Image) -> Mask:
    """Where an (H, W, 3) uint8 BGR picture shows what may be drawn, and the boxes around it: (H, W) bool."""
    height, width = image.shape[:2]
    mask = np.zeros((height, width), np.bool_)
    rows = round(RIM * height)
    if rows < 8 or width < 16:
        return mask
    noise = _noise(image[rows : height - rows])
    for rim in (slice(0, rows), slice(height - rows, height)):
        mask[rim] = _drawn_in(image[rim], height, noise)
    return mask


def cells(mask: Mask, width: int, height: int) -> Mask:
    """The cells of a height x width grid that hold any of `mask`: (height, width) bool."""
    shares = cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(shares > 0, np.bool_)


def _noise(image: Image) -> float:
    """Standard deviation of the step between neighbours, in luma, where most of a picture is plain."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)[::3].astype(np.float32) / 255
    return float(np.median(np.abs(np.diff(grey, axis=1)))) / 0.6745


def _drawn_in(image: Image, height: int, noise: float) -> Mask:
    span = max(24, round(SPAN * height)) | 1
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.float32) / 255
    steps = np.diff(grey, axis=1, append=grey[:, -1:])
    least = max(LEAST_EDGE, NOISE * noise)
    signs = (steps > least).astype(np.int8) - (steps < -least)
    edges = signs != 0
    starts = _turns(signs).astype(np.float32)
    many = (cv2.boxFilter(starts, -1, (span, 1), normalize=False) > EDGES - 0.5).astype(np.uint8)
    many = (cv2.boxFilter(many.astype(np.float32), -1, (1, 5), normalize=False) > 2.5).astype(np.uint8)
    blue, green, red = (image[..., channel].astype(np.float32) / 255 for channel in range(3))
    text = edges & (cv2.dilate(many, np.ones((3, span), np.uint8)) > 0)
    return _boxes(text, height) | _boxes(red - np.maximum(green, blue) > RED, height)


def _turns(signs: npt.NDArray[np.int8]) -> Mask:
    """Where a line gets lighter after it got darker, or the other way; a long slope turns once."""
    at = np.maximum.accumulate(np.where(signs != 0, np.arange(signs.shape[1]), 0), axis=1)
    last = np.take_along_axis(signs, at, axis=1)
    before = np.pad(last, ((0, 0), (1, 0)))[:, :-1]
    return np.asarray((signs != 0) & (signs != before), np.bool_)


def _boxes(text: Mask, height: int) -> Mask:
    """The rectangles around what belongs together, with room for the box that it may stand in."""
    boxes = np.zeros(text.shape, np.uint8)
    near = np.ones((max(3, round(0.02 * height)), max(3, round(0.06 * height))), np.uint8)
    joined = cv2.morphologyEx(text.astype(np.uint8), cv2.MORPH_CLOSE, near)
    count, _, found, _ = cv2.connectedComponentsWithStats(joined)
    for left, top, wide, high, _ in found[1:count]:
        room = round(max(0.02 * height, 0.5 * min(high, 0.1 * height)))
        cv2.rectangle(
            boxes, (left - 2 * room, top - room), (left + wide + 2 * room, top + high + room), 1, cv2.FILLED
        )
    return np.asarray(boxes > 0, np.bool_)
