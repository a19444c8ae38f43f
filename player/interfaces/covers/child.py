"""`python -m player.interfaces.covers.child`: reads the pictures of tracks, in a process of its own.

One line of JSON in, `{"path": ...}`, one line out: `{"jpeg": base64, "width": ..., "height": ...}`, or
`{"error": sentence}`. It ends with its standard input. Tags and pictures are strangers' bytes for libraries
in C: what crashes, loops or takes all memory there costs one picture and not the music. Only here do the
library's tags meet the camera stage's decoder, which looks at a picture's header before it sets memory aside.
"""

from __future__ import annotations

import os
import re
import resource
from base64 import b64encode
from pathlib import Path

from player.camera.image_headers import read_header
from player.camera.pictures import PictureError, as_jpeg, decode
from player.library.scan.cover_art import MOST_BYTES, pictures
from player.system import child_side
from player.types import Json

SIDE = 600
"""Pixels; larger ones are shrunk."""
QUALITY = 85
"""Of 100; the eye sees no difference from here on."""
MOST_PIXELS = 40_000_000
"""By its header; covers that are scanned have up to ten million."""
MEMORY_BYTES = 700 * 2**20
"""For data, beyond what the libraries take from the start."""
_KINDS = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|RIFF....WEBP|GIF8[79]a|BM", re.DOTALL)
"""JPEG, PNG, WebP, GIF and BMP: nothing else is a cover, whatever it is called."""
NONE = "neither its file nor its folder has one"


def main() -> None:
    """Serve until standard input ends."""
    say = child_side.take_stdout()
    if hasattr(os, "nice"):
        os.nice(child_side.NICENESS)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    paths = child_side.read_commands()
    while True:
        try:
            say(cover_of(Path(paths.get()["path"])))
        except MemoryError:
            say({"error": "its picture takes too much memory"})


def cover_of(path: Path) -> Json:
    """The first picture of a track that can be shown, or why there is none."""
    why = NONE
    for data in pictures(path):
        try:
            return _shown(data)
        except PictureError as error:
            why = f"its picture cannot be shown ({error.why})" if why == NONE else why
    return {"error": why}


def _shown(data: bytes) -> Json:
    """Raises PictureError."""
    if len(data) > MOST_BYTES:
        raise PictureError(f"it has more than {MOST_BYTES // 2**20} MB")
    header = read_header(data) if _KINDS.match(data) else None
    if header is None:
        raise PictureError("it is no JPEG, PNG, WebP, GIF or BMP")
    if header.width * header.height > MOST_PIXELS:
        raise PictureError(f"it has more than {MOST_PIXELS // 10**6} million pixels")
    jpeg, width, height = as_jpeg(decode(data, SIDE, SIDE), SIDE, QUALITY)
    return {"jpeg": b64encode(jpeg).decode(), "width": width, "height": height}


if __name__ == "__main__":
    main()
