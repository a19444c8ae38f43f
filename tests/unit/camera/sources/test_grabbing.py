from __future__ import annotations

import pytest

from player.camera.sources.grabbing import NewestSource
from player.config.settings.perception import CameraSettings
from player.errors import CameraError
from player.types import Image
from tests.fakes.camera import ManualClock, picture


class Webcam:
    """A cv2.VideoCapture that delivers a frame every tenth of a second and counts what is asked of it."""

    def __init__(self, clock: ManualClock, opens: bool = True, size: tuple[int, int] = (64, 48)) -> None:
        self.clock, self.opens, self.size = clock, opens, size
        self.grabs = self.decoded = self.released = 0
        self.fails_after = 10**9
        self.blank = False
        self.bad: set[int] = set()
        """Numbers of grabs that fail."""

    def isOpened(self) -> bool:  # noqa: N802
        return self.opens

    def grab(self) -> bool:
        self.clock.advance(0.1)
        self.grabs += 1
        return self.grabs <= self.fails_after and self.grabs not in self.bad

    def retrieve(self) -> tuple[bool, Image | None]:
        self.decoded += 1
        return (False, None) if self.blank else (True, picture(self.grabs, *self.size))

    def release(self) -> None:
        self.released += 1


def opened(webcam: Webcam, **settings: float) -> NewestSource:
    clock = webcam.clock
    source = NewestSource(
        "webcam", lambda: webcam, "plug it in", CameraSettings(**settings), clock, clock.sleep
    )
    source.open()
    return source


def test_each_frame_is_the_newest_and_only_those_are_decoded() -> None:
    webcam = Webcam(ManualClock())
    source = opened(webcam, fps=2)

    shown = [int(source.read()[0, 0, 0]) for _ in range(4)]

    assert shown == [1, 6, 11, 16]
    assert webcam.decoded == 4


def test_a_picture_larger_than_asked_for_is_shrunk() -> None:
    source = opened(Webcam(ManualClock(), size=(1920, 1080)), width=640, height=480)

    assert source.read().shape == (360, 640, 3)


def test_what_does_not_open_is_released_and_says_what_to_do() -> None:
    webcam = Webcam(ManualClock(), opens=False)

    with pytest.raises(CameraError, match=r"^webcam cannot be opened: plug it in\.$"):
        opened(webcam)
    assert webcam.released == 1


def test_a_frame_that_fails_now_and_then_is_passed_over() -> None:
    webcam = Webcam(ManualClock())
    webcam.bad = {1, 3, 4, 5, 9}
    source = opened(webcam, fps=2)

    shown = [int(source.read()[0, 0, 0]) for _ in range(3)]

    assert shown[0] == 2
    assert shown == sorted(set(shown) - webcam.bad)


def test_a_frame_that_cannot_be_grabbed_is_a_lost_camera() -> None:
    webcam = Webcam(ManualClock())
    source = opened(webcam, fps=2)
    source.read()
    webcam.fails_after = 3

    with pytest.raises(CameraError, match="stopped giving frames"):
        source.read()


def test_a_frame_that_cannot_be_decoded_is_a_lost_camera() -> None:
    webcam = Webcam(ManualClock())
    source = opened(webcam)
    webcam.blank = True

    with pytest.raises(CameraError, match="stopped giving frames"):
        source.read()


def test_closing_releases_once_and_ends_reading() -> None:
    webcam = Webcam(ManualClock())
    source = opened(webcam)
    source.close()
    source.close()

    assert webcam.released == 1
    with pytest.raises(CameraError, match="is not open"):
        source.read()
