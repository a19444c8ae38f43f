"""A picture that somebody sent, decoded in a process of its own that lives for this one picture.

Its bytes come from whoever reached the door. The decoders of pictures are large C libraries with a history
of faults: what breaks into one there finds no frame and no key, can open neither file nor connection, and
ends within seconds. Size, kind and pixels are checked before it starts; no file is written.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress

import numpy as np

from player.camera.image_headers import read_header
from player.camera.pictures import TOO_LARGE, PictureError
from player.system import child_process
from player.types import Image

CHILD = child_process.module_command("player.camera.upload_child")
MOST_BYTES = 6_000_000
"""8 MB in base64, which is what the socket takes."""
MOST_PIXELS = 50_000_000
"""Of any phone's usual picture; those of 100 million and more are larger than MOST_BYTES."""
KINDS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")
"""How JPEG, PNG and WebP begin."""
NO_KIND = "it is no JPEG, PNG or WebP picture that can be read"
LIMIT_S = 20.0
"""The largest takes two seconds of a small core; the machine may be busy."""


def read_upload(
    data: bytes, width: int, height: int, command: Sequence[str] = CHILD, limit_s: float = LIMIT_S
) -> Image:
    """The picture in `data` as (H, W, 3) uint8 BGR, upright, within width x height; raises PictureError.

    `why` ends a sentence about it. Metadata but for which side is up is passed over.
    """
    if len(data) > MOST_BYTES:
        raise PictureError(f"it has more than {MOST_BYTES // 1_000_000} MB")
    if not data.startswith(KINDS) or (header := read_header(data)) is None:
        raise PictureError(NO_KIND)
    if header.width * header.height > MOST_PIXELS:
        raise PictureError(f"it has more than {MOST_PIXELS // 1_000_000} million pixels")
    most = 32 + 3 * width * height
    return _picture(_asked((*command, str(width), str(height)), data, most, limit_s), width, height)


def _asked(command: Sequence[str], data: bytes, most: int, limit_s: float) -> bytes:
    """What the process says, up to `most` bytes and for `limit_s` at most; empty if it cannot be started."""
    try:
        process = child_process.start(command, own_session=True)
    except OSError:
        return b""
    timer = threading.Timer(limit_s, process.kill)
    timer.daemon = True
    timer.start()
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        with suppress(OSError):  # it ended before it had read all
            process.stdin.write(data)
            process.stdin.close()
        return process.stdout.read(most + 1)
    finally:
        timer.cancel()
        process.kill()
        child_process.wait(process, 1.0)
        child_process.close_pipes(process)


def _picture(answer: bytes, width: int, height: int) -> Image:
    """The picture that the process sent, which may have been broken into: nothing of it is believed."""
    head, _, pixels = answer.partition(b"\n")
    if head == b"large":
        raise PictureError(TOO_LARGE)
    words = head.split(b" ")
    if len(words) != 2 or not all(word.isdigit() and len(word) <= 5 for word in words):
        raise PictureError(NO_KIND)
    rows, columns = (int(word) for word in words)
    if not (0 < rows <= height and 0 < columns <= width and len(pixels) == 3 * rows * columns):
        raise PictureError(NO_KIND)
    return np.frombuffer(pixels, np.uint8).reshape(rows, columns, 3).copy()
