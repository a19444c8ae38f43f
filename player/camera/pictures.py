"""A picture out of bytes that anybody may have written: bounded in memory, and never by its name."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import cv2
import numpy as np

from player.camera.image_headers import is_picture, read_header
from player.camera.opencv import fit
from player.camera.picture_limits import TOO_LARGE, PictureError
from player.types import Image

MOST_FILE_BYTES = 100 * 2**20
"""A photo of 200 million pixels at the best quality; no screen is drawn larger."""
MOST_DECODING_BYTES = 220 * 2**20
"""File, decoder and picture together: a JPEG of 500 million pixels, a PNG of 35 million."""
MOST_PIXELS = 500_000_000
"""However small it is decoded, a JPEG takes time for each of its pixels: seconds for so many."""
LARGE_PIXELS = 4_000_000
"""Smaller ones are decoded at full size, which takes little memory and shrinks them best."""
SIGNATURE_BYTES = 64

_REDUCED = {1: cv2.IMREAD_COLOR, 2: cv2.IMREAD_REDUCED_COLOR_2}
_REDUCED |= {4: cv2.IMREAD_REDUCED_COLOR_4, 8: cv2.IMREAD_REDUCED_COLOR_8}


NO_PICTURE = "no photos can be read from them"


def decode(data: bytes, width: int, height: int) -> Image:
    """A picture as (H, W, 3) uint8 BGR, upright, shrunk into width x height pixels; raises PictureError."""
    header = read_header(data)
    if header is None:
        raise PictureError(NO_PICTURE)
    pixels, reduction = header.width * header.height, 1
    if header.can_shrink and pixels > LARGE_PIXELS:
        # It may lie on its side, as the camera was held: what has to be left is left either way.
        across, along = sorted((header.width, header.height)), sorted((width, height))
        spare = min(across[0] / along[0], across[1] / along[1])
        reduction = max(each for each in _REDUCED if each <= max(1, spare))
    if pixels > MOST_PIXELS or header.decoding_bytes(reduction) + len(data) > MOST_DECODING_BYTES:
        raise PictureError(TOO_LARGE)
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), _REDUCED[reduction])
    except cv2.error:  # larger than it said
        image = None
    if image is None:
        raise PictureError(NO_PICTURE)
    return fit(np.asarray(image, np.uint8), width, height)


def as_jpeg(image: Image, most: int, quality: int) -> tuple[bytes, int, int]:
    """An (H, W, 3) uint8 BGR picture as a JPEG of at most `most` pixels a side, and its width and height.

    quality  0 to 100
    """
    small = fit(image, most, most)
    _, encoded = cv2.imencode(".jpg", small, (cv2.IMWRITE_JPEG_QUALITY, quality))
    return encoded.tobytes(), small.shape[1], small.shape[0]


def read_picture(path: Path, width: int, height: int) -> Image:
    """The picture in a file of any name, as by `decode`; raises PictureError."""
    return decode(_content(path, MOST_FILE_BYTES, whole=True), width, height)


def is_photo(path: Path) -> bool:
    """Whether the file's content, not its name, is a picture."""
    try:
        return is_picture(_content(path, SIGNATURE_BYTES, whole=False))
    except PictureError:
        return False


def _content(path: Path, most: int, whole: bool) -> bytes:
    """Up to `most` bytes of a plain file; if it is to be a `whole` picture, any other raises PictureError.

    A long file that is no picture, such as a video, is known by its first bytes, and not read.
    A pipe is not waited for, and a device not read: neither has an end.
    """
    try:
        with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb", buffering=0) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise PictureError("only plain files are read")
            data = file.read(SIGNATURE_BYTES)
            if whole and not is_picture(data):
                raise PictureError(NO_PICTURE)
            if whole and os.fstat(file.fileno()).st_size > most:
                raise PictureError(TOO_LARGE)
            while len(data) <= most and (more := file.read(min(most + 1 - len(data), 2**24))):
                data += more
    except PictureError:
        raise
    except (OSError, ValueError) as error:
        raise PictureError(f"reading failed ({getattr(error, 'strerror', None) or error})") from error
    if whole and len(data) > most:
        raise PictureError(TOO_LARGE)
    return data[:most]
