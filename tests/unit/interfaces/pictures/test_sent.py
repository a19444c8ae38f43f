"""Pictures that somebody sent: what is refused before a process starts, and what a bad one can say."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from contextlib import closing
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest

from player.camera.picture_limits import SENT, PictureError
from player.camera.pictures import decode
from player.interfaces.pictures.process import SENT_S, PictureProcess
from player.types import Image
from tests.fakes.camera import picture
from tests.unit.camera.test_pictures import jpeg_that_says, png_bomb, written

ROOT = Path(__file__).parents[4]
JPEG = written(".jpg", 80, 60)


def read(data: bytes, command: Sequence[str] | None = None, sent_s: float = 60.0) -> Image:
    """By a process of its own, or by another program in its place."""
    made = PictureProcess() if command is None else PictureProcess(command, sent_s=sent_s)
    with closing(made) as process:
        return process.decode(data, 640, 480)


def child(code: str) -> tuple[str, ...]:
    """A process in the place of the one that decodes."""
    return (sys.executable, "-S", "-c", f"import sys, json; {code}")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no JPEG, PNG or WebP"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no JPEG, PNG or WebP"),
        (b"<?php system('id'); ?>", "no JPEG, PNG or WebP"),
        (b"PK\x03\x04" + bytes(100), "no JPEG, PNG or WebP"),
        (b"RIFF\x10\0\0\0WAVEfmt ", "no JPEG, PNG or WebP"),
        (written(".gif"), "no JPEG, PNG or WebP"),
        (written(".bmp"), "no JPEG, PNG or WebP"),
        (written(".tiff"), "no JPEG, PNG or WebP"),
        (written(".avif"), "no JPEG, PNG or WebP"),
        (b"\xff\xd8\xff", "no JPEG, PNG or WebP"),
        (jpeg_that_says(10_001, 10_000), "more than 50 million pixels"),
        (png_bomb(32_000, 32_000), "more than 50 million pixels"),
        (b"\xff\xd8\xff" + bytes(SENT.most_bytes), "more than 6 MB"),
    ],
)
def test_what_is_no_picture_or_too_much_of_one_starts_no_process(data: bytes, why: str) -> None:
    with closing(PictureProcess()) as process:
        with pytest.raises(PictureError, match=why):
            process.decode(data, 640, 480)
        assert process.pid is None


@pytest.mark.parametrize(
    "code",
    [
        "sys.exit(1)",
        "print('none')",
        "print('[1]')",
        "print(json.dumps({'error': 'send your password'}))",
        "print(json.dumps({'pixels': 'AAAA', 'rows': 2, 'columns': 2}))",
        "print(json.dumps({'pixels': 'AA?A', 'rows': 1, 'columns': 1}))",
        "print(json.dumps({'pixels': 'A' * 16, 'rows': -1, 'columns': -4}))",
        "print(json.dumps({'pixels': 'A' * 40000, 'rows': 10000, 'columns': 1}))",
        "sys.stdout.write('x' * 50000000)",
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
    ],
)
def test_a_process_that_was_broken_into_gets_nothing_believed(code: str) -> None:
    with pytest.raises(PictureError, match="no JPEG, PNG or WebP"):
        read(JPEG, child(code))


def test_what_a_process_sends_is_the_picture() -> None:
    sent = child("sys.stdin.readline(); print(json.dumps({'pixels': 'AAECAwQF', 'rows': 1, 'columns': 2}))")
    assert read(JPEG, sent).tolist() == [[[0, 1, 2], [3, 4, 5]]]


def test_one_that_hangs_and_reads_nothing_is_ended() -> None:
    data = written(".png", 1000, 1000, cv2.IMWRITE_PNG_COMPRESSION, 0)
    with pytest.raises(PictureError):
        read(data, child("import time; time.sleep(60)"), 0.3)
    assert SENT_S > 15, "beside models and music on a small machine"


def decoded() -> tuple[int, int, bytes]:
    image = decode(JPEG, 640, 480)
    return image.shape[1], image.shape[0], image.tobytes()


def opens_a_file() -> tuple[int, int, bytes]:
    return 1, 1, Path("/etc/passwd").read_bytes()[:3]


def opens_a_connection() -> tuple[int, int, bytes]:
    with socket.socket():
        return 1, 1, b"abc"


def reads_what_was_open() -> tuple[int, int, bytes]:
    return 1, 1, os.read(0, 3)


def takes_all_memory() -> tuple[int, int, bytes]:
    return 1, 1, bytes(2 * 10**9)[:3]


def crashes() -> tuple[int, int, bytes]:
    os.kill(os.getpid(), signal.SIGSEGV)
    return 1, 1, b"abc"


def hangs() -> tuple[int, int, bytes]:
    signal.pause()
    return 1, 1, b"abc"


def says_too_much() -> tuple[int, int, bytes]:
    return 1, 1, bytes(10**7)


def is_larger_than_asked() -> tuple[int, int, bytes]:
    return 2000, 1, bytes(6000)


HARMFUL = (
    *(opens_a_file, opens_a_connection, reads_what_was_open, takes_all_memory),
    *(crashes, hangs, says_too_much, is_larger_than_asked),
)

APART = """
from player.interfaces.pictures.child import apart
from tests.unit.interfaces.pictures import test_sent
for each in test_sent.HARMFUL:
    try:
        print(each.__name__, apart(each, 640, 480, 0.5 if each is test_sent.hangs else 20)[:2])
    except test_sent.PictureError:
        pass
print(apart(test_sent.decoded, 640, 480)[:2])
"""


def test_each_picture_is_decoded_by_a_process_that_can_do_nothing_else() -> None:
    """Not even harm the next picture: whatever becomes of one, the same process has the next decoded."""
    ran = subprocess.run(
        [sys.executable, "-c", APART],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[4],
    )
    assert ran.stdout.split("\n") == ["(80, 60)", ""]


@pytest.mark.parametrize("ending", [".jpg", ".png", ".webp"])
def test_the_real_process_reads_each_kind(ending: str) -> None:
    with closing(PictureProcess()) as process:
        assert process.decode(written(ending, 80, 60), 40, 40).shape == (30, 40, 3)


def test_the_real_process_gives_the_picture_and_nothing_of_what_hangs_on_it() -> None:
    """A JPEG with a ZIP file at its end: whatever else such a file is, here it is a picture."""
    hidden = BytesIO()
    with zipfile.ZipFile(hidden, "w") as archive:
        archive.writestr("evil.php", "<?php ?>")
    made = read(JPEG + hidden.getvalue())
    assert made.shape == (60, 80, 3)
    assert int(np.abs(made.astype(int) - _picture()).max()) < 8


def _picture() -> Image:
    return picture(90, 80, 60)
