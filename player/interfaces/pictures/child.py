"""`python -m player.interfaces.pictures.child`: decodes strangers' pictures, in processes of their own.

One line of JSON in, `{"path": ...}` for the picture of a track or `{"picture": base64, "width": ...,
"height": ...}` for one that somebody sent; one line out, `{"jpeg": base64, "width": ..., "height": ...}`,
`{"pixels": base64, "rows": ..., "columns": ...}` or `{"error": sentence}`. It ends with its standard input.

This process reads tags and looks at headers, in Python. The decoders are large C libraries with a history of
faults: each picture is decoded by a copy of it that can open neither file nor connection, and ends with that.
What breaks into one can lie about one picture.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path

from player.camera.picture_limits import COVER, SENT, TOO_LARGE, PictureError
from player.camera.pictures import NO_PICTURE, as_jpeg, decode
from player.library.scan.cover_art import pictures
from player.system import child_side
from player.system.process_copy import done_apart
from player.types import Json

SIDE = 600
"""Pixels of a cover; larger ones are shrunk."""
QUALITY = 85
"""Of 100; the eye sees no difference from here on."""
NONE = "neither its file nor its folder has one"
MEMORY = 1_500_000_000
"""Bytes of address space: Python with OpenCV takes 450 MB of them, and a picture 220 MB at most."""
PROCESSOR_S = 15
MOST_FILES = 1024
"""This process opens one at a time."""
DECODE_S = 18.0
"""The largest takes two seconds of a small core; the machine may be busy."""


def main() -> None:
    """Serve until standard input ends."""
    say = child_side.take_stdout()
    child_side.at_parents_end(signal.SIGCONT)
    if hasattr(os, "nice"):
        os.nice(child_side.NICENESS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin.buffer:  # no thread reads it: a copy would have half of one
        asked = json.loads(line)
        say(cover_of(Path(asked["path"])) if "path" in asked else pixels_of(asked))


def cover_of(path: Path) -> Json:
    """The first picture of a track that can be shown, or why there is none."""
    why = NONE
    for data in pictures(path, COVER.most_bytes):
        try:
            return _cover(data)
        except PictureError as error:
            why = f"its picture cannot be shown ({error.why})" if why == NONE else why
    return {"error": why}


def _cover(data: bytes) -> Json:
    COVER.check(data)

    def shown() -> tuple[int, int, bytes]:
        jpeg, width, height = as_jpeg(decode(data, SIDE, SIDE), SIDE, QUALITY)
        return width, height, jpeg

    width, height, jpeg = apart(shown, SIDE, SIDE)
    return {"jpeg": b64encode(jpeg).decode(), "width": width, "height": height}


def pixels_of(asked: Json) -> Json:
    """One picture as it was sent, in raw pixels (BGR), or why it is none."""
    data, most = b64decode(asked["picture"]), (int(asked["width"]), int(asked["height"]))

    def decoded() -> tuple[int, int, bytes]:
        image = decode(data, *most)
        return image.shape[1], image.shape[0], image.tobytes()

    try:
        SENT.check(data)
        columns, rows, pixels = apart(decoded, *most)
    except PictureError as error:
        return {"error": error.why}
    return {"pixels": b64encode(pixels).decode(), "rows": rows, "columns": columns}


def apart(
    work: Callable[[], tuple[int, int, bytes]], width: int, height: int, limit_s: float = DECODE_S
) -> tuple[int, int, bytes]:
    """Width, height and bytes from `work`, done by a copy of this process that is shut in.

    Raises PictureError, also if the copy crashes, hangs or says what cannot be of width x height.
    """
    said = done_apart(lambda: _said(work), 32 + 3 * width * height, limit_s, shut_in) or b""
    head, _, content = said.partition(b"\n")
    words = head.split(b" ")
    if head == b"large":
        raise PictureError(TOO_LARGE)
    if len(words) != 2 or not all(word.isdigit() and len(word) <= 5 for word in words):
        raise PictureError(NO_PICTURE)
    across, down = (int(word) for word in words)
    if not (0 < across <= width and 0 < down <= height and content):
        raise PictureError(NO_PICTURE)
    return across, down, content


def _said(work: Callable[[], tuple[int, int, bytes]]) -> bytes:
    """In the copy."""
    try:
        across, down, content = work()
    except PictureError as error:
        return b"large\n" if error.why == TOO_LARGE else b"none\n"
    return f"{across} {down}\n".encode() + content


def shut_in(kept: int) -> None:
    """From here on this process has one file, can open none and no connection, and has little of all else."""
    child_side.step_back(background=False, niceness=0)
    os.closerange(0, kept)
    os.closerange(kept + 1, MOST_FILES)
    for what, limit in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, PROCESSOR_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(what, (limit, limit))


if __name__ == "__main__":
    main()
