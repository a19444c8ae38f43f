import threading
from pathlib import Path

import cv2
import pytest

from player.camera.factory import make_source
from player.camera.frame_slot import LatestFrame
from player.camera.source import FramePace
from player.camera.sources.auto import AutoSource
from player.camera.sources.grabbing import NewestSource
from player.camera.sources.http import HttpSource
from player.camera.sources.photos import PhotosSource
from player.camera.sources.picamera import PicameraSource
from player.camera.sources.video import VideoSource
from player.config.settings.perception import CameraSettings
from player.errors import CameraError
from tests.fakes.camera import ManualClock, picture


@pytest.mark.parametrize(
    ("source", "kind", "name", "live"),
    [
        ("auto", AutoSource, "first camera found", False),
        (" AUTO ", AutoSource, "first camera found", False),
        ("demo", PhotosSource, "demo camera", False),
        ("picamera", PicameraSource, "Raspberry Pi camera", True),
        ("/dev/video7", NewestSource, "webcam /dev/video7", True),
        ("/dev/v4l/by-id/usb-cam", NewestSource, "webcam /dev/v4l/by-id/usb-cam", True),
        ("rtsp://me:secret@cam:554/1", NewestSource, "camera rtsp://cam:554/1", True),
        ("HTTPS://cam/mjpg?token=secret", HttpSource, "camera HTTPS://cam/mjpg", True),
    ],
)
def test_the_source_follows_the_setting(source: str, kind: type, name: str, live: bool) -> None:
    made = make_source(CameraSettings(source=source))

    assert isinstance(made, kind)
    assert (made.name, made.live) == (name, live)


@pytest.mark.parametrize(("linux", "name"), [(True, "webcam /dev/video2"), (False, "webcam 2")])
def test_a_number_is_a_device(monkeypatch: pytest.MonkeyPatch, linux: bool, name: str) -> None:
    monkeypatch.setattr("player.camera.sources.device.LINUX", linux)

    assert make_source(CameraSettings(source="2")).name == name


def test_a_file_is_told_by_its_content(tmp_path: Path) -> None:
    photo, other = tmp_path / "no-suffix", tmp_path / "photo.jpg"
    photo.write_bytes(cv2.imencode(".png", picture())[1].tobytes())
    other.write_text("not a photo")

    assert make_source(CameraSettings(source=str(photo))).name == f"photo {photo}"
    assert isinstance(make_source(CameraSettings(source=str(other))), VideoSource)
    assert make_source(CameraSettings(source=str(tmp_path))).name == f"photos in {tmp_path}"


@pytest.mark.parametrize(
    "source", ["", "webcam", "ftp://me:secret@cam/x", "/no/such/file.mp4", "-1", "\u0663"]
)
def test_anything_else_is_refused_with_what_is_allowed(source: str) -> None:
    with pytest.raises(CameraError, match=r"use auto, demo, picamera, a device .* or a folder") as raised:
        make_source(CameraSettings(source=source))

    assert "secret" not in str(raised.value)


def test_the_first_frame_is_due_at_once_and_the_next_a_period_later() -> None:
    clock = ManualClock()
    pace = FramePace(CameraSettings(fps=4), clock)

    assert pace.left_s() == 0
    pace.done()
    assert pace.left_s() == pytest.approx(0.25)
    clock.advance(3)
    assert pace.left_s() == 0


def test_no_pace_is_slower_than_a_second() -> None:
    pace = FramePace(CameraSettings(fps=0.1), ManualClock())
    pace.done()

    assert pace.left_s() == 1


class TestLatestFrame:
    def test_the_newest_wins_and_the_others_are_counted(self) -> None:
        slot = LatestFrame()
        for value in (1, 2, 3):
            slot.put(picture(value), float(value), "cam")

        frame = slot.take(0)

        assert frame is not None
        assert (frame.seq, frame.captured_at, frame.source, frame.image[0, 0, 0]) == (3, 3.0, "cam", 3)
        assert slot.dropped == 2

    def test_a_frame_is_taken_once(self) -> None:
        slot = LatestFrame()
        slot.put(picture(), 1.0, "cam")

        assert slot.take(0) is not None
        assert slot.take(0) is None
        assert slot.dropped == 0

    def test_what_is_cleared_is_gone_but_not_dropped(self) -> None:
        slot = LatestFrame()
        slot.put(picture(), 1.0, "cam")
        slot.clear()

        assert slot.take(0) is None
        slot.put(picture(), 2.0, "cam")
        assert slot.dropped == 0
        frame = slot.take(0)
        assert frame is not None
        assert frame.seq == 2

    def test_a_taker_wakes_when_a_frame_comes(self) -> None:
        slot, taken = LatestFrame(), threading.Semaphore(0)

        def take() -> None:
            while slot.take(60) is not None:
                taken.release()

        threading.Thread(target=take, daemon=True).start()

        for number in range(50):  # in most rounds the taker waits already
            slot.put(picture(), float(number), "cam")
            assert taken.acquire(timeout=60)
