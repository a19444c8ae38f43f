"""What every file of this stage needs from OpenCV: quiet, and pictures of a bounded size."""

from __future__ import annotations

import os
from pathlib import Path

# Read by OpenCV when it opens its first stream. -8 is FFmpeg's AV_LOG_QUIET: this stage has a line of its own
# for a lost stream. The other one is the seconds a webcam may take for a frame, 10 without it.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "5")

import cv2
import numpy as np
import numpy.typing as npt

from player.types import Image

Luma = npt.NDArray[np.float32]
"""Luma on a grid of cells, 0 (black) to 1 (white)."""

if "OPENCV_LOG_LEVEL" not in os.environ:  # whoever sets it wants to hear OpenCV
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


def fit(image: Image, width: int, height: int) -> Image:
    """Shrink an (H, W, 3) uint8 BGR picture until it fits into width x height pixels.

    The aspect ratio stays, nothing is padded (bars would count as darkness in the light of the room) and
    a picture that fits already is returned as it is.
    """
    rows, columns = image.shape[:2]
    scale = min(width / columns, height / rows)
    if scale >= 1:
        return image
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def small_luma(image: Image, width: int, height: int) -> Luma:
    """Luma of an (H, W, 3) uint8 BGR picture on a height x width grid, float32 0 (black) to 1 (white).

    Each cell is the mean of its area, which also averages the sensor's noise away: 10 x 10 pixels leave a
    tenth of it.
    """
    small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.float32) / np.float32(255)


def is_photo(path: Path) -> bool:
    """True where the file's content, not its name, is a picture that OpenCV can decode."""
    return path.is_file() and bool(cv2.haveImageReader(str(path)))
