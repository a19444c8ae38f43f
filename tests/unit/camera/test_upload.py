"""Pictures that somebody sent: what is refused before a process starts, and what a bad one can say."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from io import BytesIO

import cv2
import numpy as np
import pytest

from player.camera.pictures import PictureError
from player.camera.upload import LIMIT_S, MOST_BYTES, read_upload
from player.types import Image
from tests.fakes.camera import picture
from tests.unit.camera.test_pictures import jpeg_that_says, png_bomb, written

NEVER = ("/nonexistent/program",)


def child(code: str) -> tuple[str, ...]:
    """A process in the place of the one that decodes."""
    return (sys.executable, "-S", "-c", f"import sys; {code}; print(end='') ", "#")


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
        (b"\xff\xd8\xff" + bytes(MOST_BYTES), "more than 6 MB"),
    ],
)
def test_what_is_no_picture_or_too_much_of_one_starts_no_process(data: bytes, why: str) -> None:
    with pytest.raises(PictureError, match=why):
        read_upload(data, 640, 480, NEVER)


@pytest.mark.parametrize(
    "code",
    [
        "sys.exit(1)",
        "sys.stdout.write('none')",
        "sys.stdout.write('large of me')",
        "sys.stdout.write('2 2\\n')",
        "sys.stdout.buffer.write(b'-1 -1\\n' + bytes(12))",
        "sys.stdout.buffer.write(b'9999 9999\\n' + bytes(2000000))",
        "sys.stdout.buffer.write(b'x' * 50000000)",
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
    ],
)
def test_a_process_that_was_broken_into_gets_nothing_believed(code: str) -> None:
    with pytest.raises(PictureError, match="no JPEG, PNG or WebP"):
        read_upload(written(".jpg"), 640, 480, child(code), 10)


def test_what_a_process_sends_is_the_picture() -> None:
    sent = child("sys.stdout.buffer.write(b'1 2\\n' + bytes(range(6)))")
    assert read_upload(written(".jpg"), 640, 480, sent).tolist() == [[[0, 1, 2], [3, 4, 5]]]


def test_one_that_hangs_and_reads_nothing_is_ended() -> None:
    data = written(".png", 1000, 1000, cv2.IMWRITE_PNG_COMPRESSION, 0)
    with pytest.raises(PictureError):
        read_upload(data, 640, 480, child("import time; time.sleep(60)"), 0.3)
    assert LIMIT_S > 15, "beside models and music on a small machine"


@pytest.mark.parametrize("attempt", ["open('/etc/passwd')", "import socket; socket.socket()"])
def test_the_real_process_opens_nothing_once_it_decodes(attempt: str) -> None:
    code = f"import socket; from player.camera.upload_child import shut_in; shut_in(); {attempt}"
    tried = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert tried.returncode != 0
    assert "Too many open files" in tried.stderr


@pytest.mark.parametrize("ending", [".jpg", ".png", ".webp"])
def test_the_real_process_reads_each_kind(ending: str) -> None:
    assert read_upload(written(ending, 80, 60), 40, 40).shape == (30, 40, 3)


def test_the_real_process_gives_the_picture_and_nothing_of_what_hangs_on_it() -> None:
    """A JPEG with a ZIP file at its end: whatever else such a file is, here it is a picture."""
    hidden = BytesIO()
    with zipfile.ZipFile(hidden, "w") as archive:
        archive.writestr("evil.php", "<?php ?>")
    made = read_upload(written(".jpg", 80, 60) + hidden.getvalue(), 640, 480)
    assert made.shape == (60, 80, 3)
    assert int(np.abs(made.astype(int) - _picture()).max()) < 8


def _picture() -> Image:
    return picture(90, 80, 60)
