import sys
import types
from collections.abc import Mapping
from typing import Any

import pytest

from player.camera.sources.picamera import PicameraSource
from player.config.settings.perception import CameraSettings
from player.errors import CameraError
from player.types import Image
from tests.fakes.camera import ManualClock, picture

CLOCK = ManualClock()


class FakePicamera2:
    """What the player uses of picamera2.Picamera2; a frame takes a tenth of a second."""

    problem = ""
    opened: "list[FakePicamera2]"

    def __init__(self) -> None:
        if self.problem == "none":
            raise IndexError("list index out of range")
        self.configuration: Mapping[str, Any] = {}
        self.running = self.closed = False
        self.frames = 0
        self.opened.append(self)

    def create_video_configuration(self, **parts: Any) -> Mapping[str, Any]:
        return parts

    def configure(self, configuration: Mapping[str, Any]) -> None:
        self.configuration = configuration

    def start(self) -> None:
        if self.problem == "busy":
            raise RuntimeError("Failed to acquire camera: Device or resource busy")
        self.running = True

    def capture_array(self, name: str, wait: bool) -> str:
        assert (name, wait) == ("main", False)
        return "job"

    def wait(self, job: str, timeout: float) -> Image:
        assert job == "job"
        if self.problem == "cable":
            CLOCK.advance(timeout)
            raise TimeoutError
        CLOCK.advance(0.1)
        self.frames += 1
        return picture(self.frames)

    def close(self) -> None:
        self.running, self.closed = False, True


@pytest.fixture
def picamera2(monkeypatch: pytest.MonkeyPatch) -> type[FakePicamera2]:
    module = types.ModuleType("picamera2")
    fake = type("Picamera2", (FakePicamera2,), {"opened": []})
    module.Picamera2 = fake  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "picamera2", module)
    return fake


def test_it_asks_for_opencvs_channel_order_and_the_size(picamera2: type[FakePicamera2]) -> None:
    source = PicameraSource(CameraSettings(width=320, height=240, fps=15), CLOCK)
    source.open()

    assert picamera2.opened[0].configuration == {
        "main": {"format": "RGB888", "size": (320, 240)},
        "controls": {"FrameRate": 15},
    }
    assert picamera2.opened[0].running


def test_each_frame_is_the_newest_when_it_is_due(picamera2: type[FakePicamera2]) -> None:
    source = PicameraSource(CameraSettings(fps=2), CLOCK)
    source.open()

    assert [int(source.read()[0, 0, 0]) for _ in range(3)] == [1, 6, 11]


@pytest.mark.parametrize("problem", ["none", "busy"])
def test_a_camera_that_does_not_start_is_released(picamera2: type[FakePicamera2], problem: str) -> None:
    picamera2.problem = problem

    with pytest.raises(CameraError, match=r"cannot be opened .* check its cable"):
        PicameraSource(CameraSettings(), CLOCK).open()
    assert all(camera.closed for camera in picamera2.opened)


def test_a_loose_cable_is_a_lost_camera(picamera2: type[FakePicamera2]) -> None:
    source = PicameraSource(CameraSettings(), CLOCK)
    source.open()
    picamera2.problem = "cable"

    with pytest.raises(CameraError, match="stopped giving frames"):
        source.read()


def test_closing_releases_it(picamera2: type[FakePicamera2]) -> None:
    source = PicameraSource(CameraSettings(), CLOCK)
    source.open()
    source.close()
    source.close()

    assert picamera2.opened[0].closed
    with pytest.raises(CameraError, match="is not open"):
        source.read()


def test_without_picamera2_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)

    with pytest.raises(CameraError, match="apt install python3-picamera2"):
        PicameraSource(CameraSettings(), CLOCK).open()
