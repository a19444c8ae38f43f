from collections.abc import Iterable
from pathlib import Path

import pytest

from player.camera.source import FrameSource
from player.camera.sources.auto import ALL_AGAIN_S, LOOK_S, AutoSource, lenses
from player.camera.sources.device import webcams
from player.config.settings.perception import CameraSettings
from player.errors import CameraError
from tests.fakes.camera import FakeCamera, FakeSource, ManualClock, picture


def giving(source: FakeSource) -> FakeSource:
    """The source, with three frames to give."""
    for value in (1, 2, 3):
        source.give(picture(value))
    return source


def auto(cameras: list[FakeSource], demo: FakeSource) -> AutoSource:
    def found(settings: CameraSettings) -> Iterable[FrameSource]:
        return cameras

    return AutoSource(CameraSettings(), found, lambda settings: demo)


@pytest.fixture
def demo() -> FakeSource:
    return giving(FakeCamera("demo camera", live=False).make())


def broken(when: str) -> FakeSource:
    """A node that looks like a camera and fails in open() or in the first read()."""
    camera = FakeCamera(f"fails in {when}")
    source = camera.make()
    if when == "open":
        camera.failure = CameraError("no.")
    source.give(CameraError("no frame."))
    return source


def test_the_first_lens_that_gives_a_frame_is_chosen(demo: FakeSource) -> None:
    codec, none = broken("read"), broken("open")
    first, second = giving(FakeCamera("first").make()), giving(FakeCamera("second").make())
    source = auto([none, codec, first, second], demo)
    source.open()

    assert (source.name, source.live) == ("first", True)
    assert source.read()[0, 0, 0] == 2
    assert [s.is_open for s in (none, codec, first, second, demo)] == [False, False, True, False, False]


def test_without_a_lens_the_demo_stands_in_and_says_why(demo: FakeSource) -> None:
    source = auto([broken("open")], demo)
    source.open()

    assert (source.name, source.live) == ("demo camera, as no camera was found", False)
    assert source.read()[0, 0, 0] == 1


def test_a_lens_that_comes_later_takes_the_demos_place() -> None:
    """Its node appears, or another program lets go of it; nothing is opened in vain meanwhile."""
    clock, demo, busy = ManualClock(), FakeCamera("demo camera", live=False), FakeCamera("busy webcam")
    busy.failure = CameraError("another program uses it.")
    late = FakeCamera("late webcam")
    there = [busy]

    def found(settings: CameraSettings) -> Iterable[FrameSource]:
        return [giving(camera.make()) for camera in there]

    source = AutoSource(CameraSettings(), found, lambda settings: giving(demo.make()), clock)
    source.open()
    assert (source.read()[0, 0, 0], source.live) == (1, False)
    clock.advance(LOOK_S)
    source.read()
    assert (source.live, busy.opened) == (False, 1)

    there.append(late)
    clock.advance(LOOK_S / 2)
    source.read()
    assert not source.live
    clock.advance(LOOK_S / 2)
    assert (source.read()[0, 0, 0], source.name, source.live) == (2, "late webcam", True)
    assert demo.sources[0].closed == 1


def test_a_camera_that_was_busy_is_tried_again_in_a_while() -> None:
    clock, demo, busy = ManualClock(), FakeCamera("demo camera", live=False), FakeCamera("busy webcam")
    busy.failure = CameraError("another program uses it.")
    source = AutoSource(
        CameraSettings(), lambda _: [giving(busy.make())], lambda _: giving(demo.make()), clock
    )
    source.open()
    busy.failure = None
    clock.advance(ALL_AGAIN_S)
    source.read()

    assert source.live


def test_without_either_it_says_what_to_do() -> None:
    missing = FakeCamera("demo camera", live=False)
    missing.failure = CameraError("The demo camera has no photos.")

    with pytest.raises(CameraError, match=r"No camera was found: plug one in.* no photos"):
        auto([], missing.make()).open()


def test_webcams_are_asked_in_the_order_of_their_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("player.camera.sources.device.LINUX", True)
    for name in ("video10", "video2", "video0", "video-dec", "vcs1"):
        (tmp_path / name).touch()

    assert webcams(tmp_path, tmp_path) == [f"{tmp_path}/video{number}" for number in (0, 2, 10)]


def test_a_raspberry_pis_codecs_are_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("player.camera.sources.device.LINUX", True)
    devices, sysfs = tmp_path / "dev", tmp_path / "sys"
    devices.mkdir()
    names = ["unicam-image", "HD Webcam C270", "bcm2835-codec-decode", "rp1-cfe-csi2_ch0", "pispbe-input"]
    for number, name in enumerate(names):
        (devices / f"video{number}").touch()
        (sysfs / f"video{number}").mkdir(parents=True)
        (sysfs / f"video{number}" / "name").write_text(f"{name}\n")

    assert webcams(devices, sysfs) == [f"{devices}/video1"]


def test_the_pis_camera_comes_after_the_webcams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("player.camera.sources.auto.webcams", lambda: ["/dev/video0"])
    monkeypatch.setattr("player.camera.sources.picamera.installed", lambda: True)

    assert [lens.name for lens in lenses(CameraSettings())] == ["webcam /dev/video0", "Raspberry Pi camera"]


def test_closing_closes_what_was_chosen(demo: FakeSource) -> None:
    source = auto([], demo)
    source.open()
    source.close()
    source.close()

    assert demo.closed == 1
    with pytest.raises(CameraError, match="No camera is open"):
        source.read()


def test_opening_again_chooses_again(demo: FakeSource) -> None:
    cameras: list[FakeSource] = []
    source = auto(cameras, demo)
    source.open()
    cameras.append(giving(FakeCamera("plugged in").make()))
    source.open()

    assert source.name == "plugged in"
    assert not demo.is_open
