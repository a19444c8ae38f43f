"""`python -m player.camera.upload_child WIDTH HEIGHT`: one picture from standard input to standard output.

Out comes a line "ROWS COLUMNS" and the pixels (BGR), or the line "large" or "none".
"""

from __future__ import annotations

import resource
import sys

from player.system import child_side

MEMORY = 1_500_000_000
"""Bytes of address space: Python with OpenCV takes 450 MB of them, and a picture 220 MB at most."""
PROCESSOR_S = 15


def main() -> None:
    """Decode, within the limits that this process sets itself first."""
    child_side.step_back(background=False)
    width, height = (int(word) for word in sys.argv[1:3])
    data = sys.stdin.buffer.read()
    import cv2  # noqa: PLC0415 - after the priority is set: its threads would have another one

    from player.camera.pictures import TOO_LARGE, PictureError, decode  # noqa: PLC0415

    cv2.setNumThreads(1)
    shut_in()
    try:
        image = decode(data, width, height)
    except PictureError as error:
        sys.stdout.write("large\n" if error.why == TOO_LARGE else "none\n")
        return
    rows, columns = image.shape[:2]
    sys.stdout.buffer.write(f"{rows} {columns}\n".encode() + image.tobytes())


def shut_in() -> None:
    """From here on this process can open no file and no connection, and has little of everything else."""
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
