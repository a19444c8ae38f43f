"""Network cameras over HTTP as they are: bad pictures, single pictures, passwords and detours."""

import base64
import itertools
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

from player.camera.factory import make_source
from player.camera.source import FrameSource
from player.camera.sources.http import HttpSource
from player.config.settings.perception import CameraSettings
from player.errors import CameraError
from tests.fakes.camera import picture
from tests.fakes.http_camera import Answer, HttpCamera, mjpeg, snapshot

JPEG = cv2.imencode(".jpg", picture(80))[1].tobytes()
BAD = {
    "nothing": b"",
    "zeros": bytes(5000),
    "a page": b"<html>busy</html>",
    "half a picture": JPEG[: len(JPEG) // 2],
    "a picture that would fill the memory": JPEG.replace(struct.pack(">HH", 48, 64), b"\xff\xd0" * 2, 1),
}


def opened(url: str, fps: float = 30) -> FrameSource:
    source = make_source(CameraSettings(source=url, fps=fps))
    source.open()
    return source


def every_20_ms(parts: Iterator[bytes]) -> Iterator[bytes]:
    for part in parts:
        time.sleep(0.02)
        yield part


def read_until_lost(source: FrameSource) -> None:
    for _ in range(1000):
        source.read()


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_a_bad_part_in_a_stream_is_passed_over(bad: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    with HttpCamera(lambda *_: mjpeg(every_20_ms(itertools.cycle([JPEG, bad, bad, JPEG])))) as camera:
        source = opened(camera.url())
        levels = {round(float(source.read().mean())) for _ in range(12)}
        source.close()

    assert levels == {80}
    assert len(camera.asked) == 1
    assert capfd.readouterr().err == "", "libjpeg has nothing to say of its own"


@pytest.mark.parametrize("bad", [b"", b"<html>busy</html>"])
def test_nothing_but_bad_parts_is_a_lost_camera_before_long(bad: bytes) -> None:
    with HttpCamera(lambda *_: mjpeg(every_20_ms(itertools.repeat(bad)))) as camera:
        source = opened(camera.url())
        started = time.monotonic()
        with pytest.raises(CameraError, match="stopped giving frames: what it sends is no picture"):
            read_until_lost(source)
        source.close()

    assert 1 < time.monotonic() - started < 10


def test_a_stream_that_ends_is_asked_for_again() -> None:
    with HttpCamera(lambda *_: mjpeg(every_20_ms(iter([JPEG] * 3)))) as camera:
        source = opened(camera.url(), fps=20)
        for _ in range(10):
            source.read()
        source.close()

    assert len(camera.asked) > 2


def test_a_single_picture_is_asked_for_at_the_frame_rate() -> None:
    with HttpCamera(lambda *_: snapshot(JPEG)) as camera:  # its address does not say that it is one
        source = opened(camera.url("/capture"), fps=20)
        started = time.monotonic()
        for _ in range(11):
            assert source.read().shape == (48, 64, 3)
        source.close()

    assert len(camera.asked) == 11
    assert time.monotonic() - started > 0.45


def test_a_single_picture_that_fails_now_and_then_is_no_lost_camera() -> None:
    wrong: Answer = (500, {"Content-Type": "text/plain"}, [b"busy"])
    answers = itertools.cycle([snapshot(JPEG), wrong, snapshot(b""), snapshot(JPEG[:200])])
    with HttpCamera(lambda *_: next(answers)) as camera:
        source = opened(camera.url("/capture"), fps=20)
        for _ in range(5):
            source.read()
        source.close()

    assert len(camera.asked) >= 17


@pytest.mark.parametrize("fps", [0.2, 0.5, 2])
def test_a_single_picture_that_comes_no_more_is_a_lost_camera_at_every_frame_rate(fps: float) -> None:
    """Below 1 fps read() comes back more often than a picture is asked for, and has an old one meanwhile."""
    with HttpCamera(lambda *_: snapshot(JPEG)) as camera:
        source = opened(camera.url("/capture"), fps=fps)
        source.read()
    with pytest.raises(CameraError, match="stopped giving frames"):
        read_until_lost(source)
    source.close()


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "it refuses the user or the password"),
        (404, "it has nothing at this address"),
        (500, "it answers with an error"),
        (200, "a web page answers, no camera"),
    ],
)
def test_what_answers_otherwise_is_said_in_words_and_without_the_password(status: int, said: str) -> None:
    with (
        HttpCamera(lambda *_: (status, {"Content-Type": "text/html"}, [b"<html>"])) as camera,
        pytest.raises(CameraError) as raised,
    ):
        opened(camera.url("/x?key=secret", "me:secret@"))

    assert f"{camera.url('/x')} cannot be opened: {said}" in str(raised.value)
    assert "secret" not in str(raised.value)


def test_a_password_is_shown_to_who_asks_for_it() -> None:
    right = "Basic " + base64.b64encode(b"me:se cret@").decode()

    def answer(_: str, headers: dict[str, str]) -> Answer:
        if headers.get("Authorization") == right:
            return snapshot(JPEG)
        return 401, {"WWW-Authenticate": 'Basic realm="camera"'}, []

    with HttpCamera(answer) as camera:
        source = opened(camera.url("/snap", "me:se%20cret%40@"))
        assert source.read().shape == (48, 64, 3)
        source.close()
        with pytest.raises(CameraError, match="it refuses the user or the password"):
            opened(camera.url("/snap", "me:wrong@"))


def test_a_detour_leads_to_another_address_and_never_to_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret.jpg").write_bytes(JPEG)
    detours = {"/1": "/2", "/file": (tmp_path / "secret.jpg").as_uri(), "/ftp": "ftp://127.0.0.1/x"}
    playlist = f"#EXTM3U\n#EXTINF:9,\n{(tmp_path / 'secret.jpg').as_uri()}\n#EXT-X-ENDLIST\n".encode()

    def answer(path: str, _: dict[str, str]) -> Answer:
        if path in detours:
            return 302, {"Location": detours[path]}, []
        if path == "/list.m3u8":
            return 200, {"Content-Type": "application/vnd.apple.mpegurl"}, [playlist]
        return snapshot(JPEG)

    with HttpCamera(answer) as camera:
        assert opened(camera.url("/1")).read().shape == (48, 64, 3)
        for path in ("/file", "/ftp", "/list.m3u8"):
            with pytest.raises(CameraError, match="cannot be opened"):
                opened(camera.url(path))


def test_a_slow_camera_is_lost_only_if_it_says_nothing() -> None:
    over = threading.Event()

    def slowly(pause_s: float) -> Iterator[bytes]:
        yield JPEG[:100]
        over.wait(pause_s)
        yield JPEG[100:]

    def source(timeout_s: float, pause_s: float) -> HttpSource:
        pauses.append(pause_s)
        return HttpSource(camera.url(), CameraSettings(fps=30), timeout_s, lambda: pytest.fail("no other"))

    pauses: list[float] = []
    with HttpCamera(lambda *_: (200, {"Content-Type": "image/jpeg"}, slowly(pauses[-1]))) as camera:
        patient = source(timeout_s=30, pause_s=0.3)
        patient.open()
        assert patient.read().shape == (48, 64, 3)
        patient.close()
        impatient = source(timeout_s=1.5, pause_s=60)
        impatient.open()
        with pytest.raises(CameraError, match="it does not answer in time"):
            impatient.read()
        impatient.close()
        over.set()


@pytest.mark.parametrize("kind", ["application/octet-stream", "text/plain", "jpeg", ""])
def test_a_picture_is_one_whatever_its_answer_calls_it(kind: str) -> None:
    answers = itertools.cycle([snapshot(JPEG), (200, {"Content-Type": "application/json"}, [b'{"busy": 1}'])])

    def answer(_: str, __: dict[str, str]) -> Answer:
        status, headers, body = next(answers)
        return status, headers | ({"Content-Type": kind} if "Content-Length" in headers else {}), body

    with HttpCamera(answer) as camera:
        source = opened(camera.url(), fps=20)
        levels = {round(float(source.read().mean())) for _ in range(6)}
        source.close()

    assert levels == {80}


def test_a_stream_is_one_whatever_its_answer_calls_it() -> None:
    def answer(_: str, __: dict[str, str]) -> Answer:
        status, _, body = mjpeg(every_20_ms(itertools.repeat(JPEG)))
        return status, {"Content-Type": "text/plain"}, body

    with HttpCamera(answer) as camera:
        source = opened(camera.url())
        levels = {round(float(source.read().mean())) for _ in range(6)}
        source.close()

    assert levels == {80}
    assert len(camera.asked) == 1
