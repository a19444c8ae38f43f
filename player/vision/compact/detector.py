"""The COCO detector: SSD MobileNet v2, its boxes decoded and thinned out here in numpy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from player.models import open_session
from player.types import Image
from player.vision.compact.vocabulary import objects

MODEL = "detector.onnx"
SIZE = 300
OVERLAP = 0.6
"""Intersection over union above which the weaker of two boxes of one class goes (as in training)."""
MOST = 100
"""Boxes kept per picture (as in training)."""
# The box coder's scale factors of the TensorFlow object detection API, for (y, x, height, width).
CODER = (10.0, 10.0, 5.0, 5.0)
GRIDS = (19, 10, 5, 3, 2, 1)
SCALES = (0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 1.0)
RATIOS = (1.0, 2.0, 0.5, 3.0, 1 / 3)

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in shares of the picture: 0, 0 is its upper left corner and 1, 1 its lower right."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def area(self) -> float:
        """Share of the picture, 0 to 1."""
        return (self.right - self.left) * (self.bottom - self.top)

    def shared(self, other: Box) -> float:
        """Area of the intersection, as a share of the picture."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(width, 0.0) * max(height, 0.0)


@dataclass(frozen=True, slots=True)
class Detection:
    """One thing seen: its COCO class, how sure the network is (0 to 1), and where."""

    label: str
    score: float
    box: Box


@cache
def anchors() -> Floats:
    """(1917, 4) float32: centre y, centre x, height, width of each anchor box, relative to the picture.

    The SSD anchor generator of the object detection API: six layers, scales 0.2 to 0.95, five aspect
    ratios and one box between two scales; the finest layer has three boxes only.
    """
    rows: list[tuple[float, float, float, float]] = []
    for layer, grid in enumerate(GRIDS):
        scale = SCALES[layer]
        shapes = [(scale, ratio) for ratio in RATIOS] + [((scale * SCALES[layer + 1]) ** 0.5, 1.0)]
        if layer == 0:
            shapes = [(0.1, 1.0), (scale, 2.0), (scale, 0.5)]
        rows += [
            ((y + 0.5) / grid, (x + 0.5) / grid, size / ratio**0.5, size * ratio**0.5)
            for y in range(grid)
            for x in range(grid)
            for size, ratio in shapes
        ]
    return np.array(rows, np.float32)


def decode(encoded: Floats) -> Floats:
    """(n, 4) box encodings against the anchors -> (n, 4) left, top, right, bottom, clipped to 0..1."""
    centre_y, centre_x, height, width = anchors().T
    y, x, h, w = (encoded / np.array(CODER, np.float32)).T
    y, x = y * height + centre_y, x * width + centre_x
    h, w = np.exp(h) * height / 2, np.exp(w) * width / 2
    corners = np.clip(np.stack([x - w, y - h, x + w, y + h], axis=1), 0, 1)
    return np.asarray(corners, dtype=np.float32)


def thin_out(boxes: Floats, scores: Floats, overlap: float = OVERLAP) -> list[int]:
    """Non-maximum suppression: rows of `boxes` to keep, best score first.

    boxes: (n, 4) left, top, right, bottom. scores: (n,). A box goes when it shares more than `overlap`
    (intersection over union, 0 to 1) with a better one.
    """
    order = np.argsort(-scores, kind="stable")
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept: list[int] = []
    while order.size:
        best, rest = int(order[0]), order[1:]
        kept.append(best)
        low = np.maximum(boxes[best, :2], boxes[rest, :2])
        high = np.minimum(boxes[best, 2:], boxes[rest, 2:])
        shared = np.clip(high - low, 0, None).prod(axis=1)
        union = areas[best] + areas[rest] - shared
        order = rest[shared <= overlap * union]
    return kept


def detections(encoded: Floats, scores: Floats, threshold: float) -> list[Detection]:
    """The network's two outputs as things seen, the surest first.

    encoded: (1917, 4) box encodings. scores: (1917, 91), class 0 is the background.
    """
    names = {word.id: name for name, word in objects().items()}
    found: list[Detection] = []
    boxes = decode(encoded)
    for column in np.flatnonzero((scores >= threshold).any(axis=0)):
        if int(column) not in names:
            continue
        rows = np.flatnonzero(scores[:, column] >= threshold)
        for kept in thin_out(boxes[rows], scores[rows, column]):
            row = rows[kept]
            left, top, right, bottom = (float(v) for v in boxes[row])
            found.append(
                Detection(names[int(column)], float(scores[row, column]), Box(left, top, right, bottom))
            )
    return sorted(found, key=lambda d: -d.score)[:MOST]


def to_input(image: Image) -> Floats:
    """(H, W, 3) uint8 BGR -> (1, 3, 300, 300) float32 RGB in [-1, 1], squeezed to a square as in training."""
    mean = (127.5, 127.5, 127.5)
    blob = cv2.dnn.blobFromImage(image, 1 / 127.5, (SIZE, SIZE), mean, swapRB=True)
    return np.asarray(blob, dtype=np.float32)


class Detector:
    """Finds people and the other 79 COCO classes in a picture."""

    def __init__(self, threads: int) -> None:
        """Raises ModelError and its children if detector.onnx cannot be used."""
        self._session = open_session(MODEL, threads)

    def __call__(self, image: Image, threshold: float) -> list[Detection]:
        """What is seen with at least `threshold` (0 to 1) confidence, the surest first."""
        encoded, scores = self._session.run(["boxes", "scores"], {"image": to_input(image)})
        return detections(encoded, scores, threshold)

    def persons(self, image: Image, least: float) -> tuple[Floats, Floats]:
        """(n, 4) left, top, right, bottom and (n,) scores from `least` (0 to 1), not thinned out."""
        encoded, scores = self._session.run(["boxes", "scores"], {"image": to_input(image)})
        column = scores[:, objects()["person"].id]
        rows = column >= least
        return decode(encoded)[rows], column[rows]
