"""What stands behind `player.vision.read_scene`."""

from __future__ import annotations

import threading
from functools import cache

import numpy as np

from player.config.settings.perception import VisionSettings
from player.types import Frame, Image, Scene
from player.vision.compact.reader import CompactReader

_opening = threading.Lock()


def read_one(image: Image) -> Scene:
    """See `player.vision.read_scene`."""
    if not isinstance(image, np.ndarray):
        raise ValueError(
            f"a picture is a numpy array, not {type(image).__name__}: cv2.imread gives None for a file that"
            " it cannot read, and np.asarray(image)[..., ::-1] makes one of Pillow's."
        )
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise ValueError(
            f"a picture is (H, W, 3) uint8 with at least one pixel, not {image.shape} {image.dtype}."
        )
    with _opening:
        reader = _reader()
    return reader.read(Frame(np.ascontiguousarray(image), captured_at=0.0, seq=0, source="array", live=False))


@cache
def _reader() -> CompactReader:
    return CompactReader(VisionSettings())
