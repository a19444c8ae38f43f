"""What every file of this stage needs from OpenCV: quiet, and pictures of a bounded size."""

from __future__ import annotations

import ctypes
import os
import platform

# Read by OpenCV when it opens its first stream. -8 is FFmpeg's AV_LOG_QUIET: this stage has a line of its own
# for a lost stream. The other one is the seconds a webcam may take for a frame, 10 without it.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "5")

import cv2
import numpy as np
import numpy.typing as npt

from player.errors import CameraError
from player.types import Image

Luma = npt.NDArray[np.float32]
"""Luma on a grid of cells, 0 (black) to 1 (white)."""


def _hush_c_libraries() -> None:
    """Let what C libraries print go nowhere: libjpeg has a line for every damaged frame of a webcam.

    Only C's `stderr` is replaced, a pointer: Python's own, log and faulthandler write to the descriptor.
    Elsewhere than in glibc the pointer may be read-only.
    """
    if platform.libc_ver()[0] != "glibc":
        return
    libc = ctypes.CDLL(None)
    libc.fopen.restype = ctypes.c_void_p
    nowhere = libc.fopen(os.devnull.encode(), b"w")
    if nowhere:
        ctypes.c_void_p.in_dll(libc, "stderr").value = nowhere


if "OPENCV_LOG_LEVEL" not in os.environ:  # whoever sets it wants to hear OpenCV
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    _hush_c_libraries()


MOST_FRAME_PIXELS = 36_000_000
"""Of a video's frame: 8K is 33 million, and no room needs them."""


def refuse_giants(capture: cv2.VideoCapture, name: str) -> None:
    """Release a video whose frames would fill the memory before one is decoded, and raise CameraError."""
    width, height = (capture.get(prop) for prop in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
    if width * height > MOST_FRAME_PIXELS:
        capture.release()
        raise CameraError(f"{name} has frames of {width:.0f}x{height:.0f}: choose a smaller picture size.")


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
