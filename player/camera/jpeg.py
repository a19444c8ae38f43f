"""A picture as a JPEG in memory, for those to whom it is shown."""

from __future__ import annotations

import cv2

from player.camera.pictures import PictureError
from player.types import Image

QUALITY = 85
"""Of 100; the eye sees no difference from here on."""


def encode_jpeg(image: Image, quality: int = QUALITY) -> bytes:
    """An (H, W, 3) uint8 BGR picture as JPEG, without any metadata. Raises PictureError."""
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise PictureError("it cannot be written as a JPEG")
    return data.tobytes()


def use_one_thread() -> None:
    """Leave the other cores to the music."""
    cv2.setNumThreads(1)
