"""Real cameras of every kind that needs no hardware: MJPEG over HTTP, video files, photos, the demo."""

import importlib.util
import itertools
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

from player.camera.capture import Capture
from player.camera.factory import make_source
from player.camera.frame_slot import LatestFrame
from player.camera.source import FrameSource
from player.camera.sources.demo import SEQUENCE, demo_photos
from player.camera.sources.device import device_source
from player.camera.sources.stream import stream_source
from player.camera.sources.video import VideoSource
from player.config.settings.perception import CameraSettings
from player.errors import CameraError
from player.types import Frame
from tests.fakes.camera import ManualClock, MjpegCamera, picture
from tests.support.waiting import wait_for

FPS = 20


@pytest.fixture
def webcam() -> Iterator[MjpegCamera]:
    camera = MjpegCamera(fps=FPS)
    camera.start()
    yield camera
    camera.stop()


def read_for_ever(source: FrameSource) -> None:
    while True:
        source.read()


class Watched:
    """A Capture of the source that the settings name, and its slot."""

    def __init__(self, settings: CameraSettings) -> None:
        self.slot = LatestFrame()
        self.capture = Capture(lambda: make_source(settings), settings, self.slot)
        self.capture.start()

    def frame(self) -> Frame:
        frame = self.slot.take(20)
        assert frame is not None, f"no frame: {self.capture.status()}"
        return frame

    def wait_for_state(self, state: str) -> None:
        wait_for(lambda: self.capture.status().state == state, 20, f"the state {state}")


@pytest.fixture
def watched(request: pytest.FixtureRequest) -> Iterator[type[Watched]]:
    made: list[Watched] = []

    class Remembered(Watched):
        def __init__(self, settings: CameraSettings) -> None:
            super().__init__(settings)
            made.append(self)

    yield Remembered
    for one in made:
        one.capture.stop(10)


class TestMjpeg:
    def test_a_stream_stopped_and_restarted_comes_back(
        self, webcam: MjpegCamera, watched: type[Watched], caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO, "player.camera")
        room = watched(CameraSettings(source=webcam.url, fps=10, retry_first_s=0.1, retry_max_s=1))
        frame = room.frame()
        assert (frame.image.shape, frame.live) == ((48, 64, 3), True)

        webcam.stop()
        room.wait_for_state("lost")
        webcam.start()
        room.wait_for_state("live")

        assert room.frame().source == f"camera {webcam.url}"
        assert room.capture.status().lost_count == 1
        first, lost, back = caplog.messages
        assert first == f"watching through the camera {webcam.url}"
        assert lost.startswith("camera lost: ")
        assert back.startswith("camera is back after ")

    def test_a_stream_that_is_not_there_yet_is_found_when_it_is(
        self, webcam: MjpegCamera, watched: type[Watched]
    ) -> None:
        webcam.stop()
        room = watched(CameraSettings(source=webcam.url, fps=10, retry_first_s=0.1, retry_max_s=1))
        room.wait_for_state("lost")
        webcam.start()

        assert room.frame().seq == 1

    def test_off_drops_the_connection_and_on_makes_a_new_one(
        self, webcam: MjpegCamera, watched: type[Watched]
    ) -> None:
        room = watched(CameraSettings(source=webcam.url, fps=10))
        room.frame()
        room.capture.enable(False)
        assert room.slot.take(0) is None
        wait_for(lambda: room.capture.status().error is None, 10, "the device to be released")
        wait_for(lambda: webcam.connections == 0, 10, "the connection to be dropped")

        room.capture.enable(True)

        assert room.frame().source == f"camera {webcam.url}"

    def test_a_connection_that_falls_silent_is_lost(
        self, webcam: MjpegCamera, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("player.camera.sources.stream.READ_TIMEOUT_MS", 300)
        source = stream_source(webcam.url, CameraSettings(fps=10))
        source.open()
        source.read()
        webcam.silent.set()

        with pytest.raises(CameraError, match="stopped giving frames"):
            read_for_ever(source)
        source.close()

    def test_no_old_frame_waits_in_a_buffer(self, webcam: MjpegCamera) -> None:
        source = stream_source(webcam.url, CameraSettings(fps=2))
        source.open()
        source.read()
        frames = [int(source.read()[0, 0, 0]) for _ in range(3)]
        sent = webcam.sent
        source.close()

        steps = [after - before for before, after in itertools.pairwise(frames)]
        assert all(step > 2 for step in steps), f"frames {frames} were shown one after the other"
        assert sent - frames[-1] <= FPS, f"frame {frames[-1]} was shown when {sent} had been sent"

    def test_a_password_reaches_the_camera_and_nothing_else(
        self, webcam: MjpegCamera, watched: type[Watched], caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        url = webcam.url.replace("http://", "http://owner:secret@") + "?token=secret"
        room = watched(CameraSettings(source=url, fps=10, retry_first_s=0.1))
        frame = room.frame()
        webcam.stop()
        room.wait_for_state("lost")

        assert webcam.asked[-1].endswith("?token=secret")
        assert "secret" not in f"{room.capture.status()} {frame.source} {caplog.text}"


def film(path: Path, frames: int = 50) -> Path:
    """Ten frames a second, the n-th of luma 5 * n."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    assert writer.isOpened()
    for number in range(frames):
        writer.write(picture(5 * number))
    writer.release()
    return path


class TestVideo:
    @pytest.fixture
    def clock(self) -> ManualClock:
        return ManualClock()

    def opened(self, tmp_path: Path, clock: ManualClock, fps: float) -> VideoSource:
        source = VideoSource(film(tmp_path / "film.avi"), CameraSettings(fps=fps), clock, clock.sleep)
        source.open()
        clock.advance(0.01)  # off the film's own instants, where rounding would decide
        return source

    def numbers(self, source: FrameSource, count: int) -> list[int]:
        """Which of the film's frames the next reads show."""
        return [round(float(source.read().mean()) / 5) for _ in range(count)]

    def test_motion_keeps_its_speed_and_the_film_begins_again(
        self, tmp_path: Path, clock: ManualClock
    ) -> None:
        assert self.numbers(self.opened(tmp_path, clock, fps=1), 7) == [0, 10, 20, 30, 40, 0, 10]

    def test_a_frame_rate_above_the_films_repeats_its_frames(
        self, tmp_path: Path, clock: ManualClock
    ) -> None:
        assert self.numbers(self.opened(tmp_path, clock, fps=20), 6) == [0, 0, 1, 1, 2, 2]

    def test_late_frames_are_skipped(self, tmp_path: Path, clock: ManualClock) -> None:
        source = self.opened(tmp_path, clock, fps=10)
        assert self.numbers(source, 1) == [0]
        clock.advance(0.8)
        assert self.numbers(source, 1) == [8]
        clock.advance(0.5)
        assert self.numbers(source, 2) == [13, 14]

    def test_a_machine_that_stood_still_does_not_skip_the_film(
        self, tmp_path: Path, clock: ManualClock
    ) -> None:
        source = self.opened(tmp_path, clock, fps=10)
        assert self.numbers(source, 1) == [0]
        clock.advance(3600)

        assert 15 <= self.numbers(source, 1)[0] <= 21

    def test_once_means_once(self, tmp_path: Path, watched: type[Watched]) -> None:
        path = film(tmp_path / "film.avi", frames=5)
        room = watched(CameraSettings(source=str(path), fps=10, loop=False))

        assert not room.frame().live
        room.wait_for_state("ended")
        assert 1 <= room.capture.status().frames <= 6

    @pytest.mark.parametrize("content", [b"", b"no video", b"RIFF\x00\x00\x00\x00AVI LIST"])
    def test_what_is_no_video_is_refused(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "film.mp4"
        path.write_bytes(content)

        with pytest.raises(CameraError, match="cannot be read as a video"):
            make_source(CameraSettings(source=str(path))).open()

    def test_a_real_clip_plays(self, shared_data: Path, watched: type[Watched]) -> None:
        clip = shared_data / "camera" / "people-detection.mp4"
        room = watched(CameraSettings(source=str(clip), fps=10, width=320))

        assert room.frame().image.shape == (180, 320, 3)


def test_a_folder_of_photos_goes_on_past_a_corrupt_one(
    tmp_path: Path, watched: type[Watched], caplog: pytest.LogCaptureFixture
) -> None:
    for name, value in (("a.jpg", 50), ("c.jpg", 200)):
        cv2.imwrite(str(tmp_path / name), picture(value))
    (tmp_path / "b.jpg").write_bytes(b"\xff\xd8\xff\xe0 nothing more")
    room = watched(CameraSettings(source=str(tmp_path), fps=20, photo_s=0.5))
    seen = set()

    def both_seen() -> bool:
        seen.add(round(float(room.frame().image.mean()) / 50))
        return seen == {1, 4}

    wait_for(both_seen, 10, "both photos")
    assert [message for message in caplog.messages if "b.jpg" in message] == [
        f"photos in {tmp_path}: skipped, as no photos can be read from them: b.jpg"
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere webcams have numbers, not paths")
@pytest.mark.parametrize(
    ("name", "advice"),
    [("nothing", "there is no such device"), ("no-camera", "close other programs that use it")],
)
def test_a_webcam_that_does_not_open_says_what_to_do(tmp_path: Path, name: str, advice: str) -> None:
    (tmp_path / "no-camera").touch()

    with pytest.raises(CameraError, match=f"^webcam {tmp_path / name} cannot be opened: {advice}"):
        device_source(str(tmp_path / name), CameraSettings()).open()


@pytest.mark.skipif(importlib.util.find_spec("skimage") is None, reason="the demo extra is not installed")
def test_the_demo_photos_are_all_there() -> None:
    assert [path.name for path in demo_photos()] == list(SEQUENCE)
    source = make_source(CameraSettings(source="demo"))
    source.open()
    assert source.read().ndim == 3


def test_opencv_says_nothing_of_its_own(tmp_path: Path) -> None:
    script = """
import contextlib, sys
from player.camera.factory import make_source
from player.errors import CameraError
from player.config.settings.perception import CameraSettings
for source in ("/dev/video99", "http://127.0.0.1:1/x", "rtsp://u:secret@127.0.0.1:1/x", sys.argv[1]):
    with contextlib.suppress(CameraError):
        make_source(CameraSettings(source=source)).open()
"""
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2mp41")
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("OPENCV_")}
    done = subprocess.run(
        [sys.executable, "-c", script, str(broken)],
        env=quiet,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert done.stdout + done.stderr == ""
