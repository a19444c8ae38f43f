"""The picture that the owner looks at: from memory, only while it is asked for."""

from __future__ import annotations

import threading
from dataclasses import replace

import cv2
import numpy as np
import pytest

from player.camera.frame_slot import LatestFrame
from player.errors import ControlError
from player.room.preview import Preview, preview
from player.status import CameraState, CameraStatus, GateStatus, LensState
from player.types import Frame
from tests.fakes import status
from tests.fakes.camera import picture
from tests.support.waiting import wait_for

LIVE = CameraStatus(True, CameraState.LIVE, "cam")
SEEN = replace(status.perception(), camera=LIVE, lens=LensState.OK, gate=GateStatus(4, 6, 0.125))


def shown(frame: Frame | None, **changes: object) -> Preview:
    told = replace(SEEN, **changes)  # type: ignore[arg-type]
    return preview(lambda: told, lambda _: frame, 2.0, lambda: 101.5)


def frame(width: int = 1280, height: int = 720) -> Frame:
    return Frame(picture(90, width, height), 100.0, 1, "cam")


def test_the_newest_frame_small_with_its_age_and_what_is_made_of_it() -> None:
    made = shown(frame())
    decoded = cv2.imdecode(np.frombuffer(made.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert decoded.shape == (360, 640, 3)
    assert (made.width, made.height, made.age_s, made.source, made.lens) == (640, 360, 1.5, "cam", "ok")
    assert made.gate == GateStatus(4, 6, 0.125)
    assert made.message == "the lens sees the room; 12% of it differs from what was last read"
    assert (shown(frame(320, 240)).width, shown(frame(320, 240)).height) == (320, 240)


@pytest.mark.parametrize("lens", [LensState.DARK, LensState.COVERED, LensState.FROZEN])
def test_a_lens_that_sees_nothing_is_said_and_shown(lens: LensState) -> None:
    made = shown(frame(), lens=lens)
    assert made.lens == lens
    assert "the lens sees the room" not in made.message


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"camera": CameraStatus(False)}, "the camera is off"),
        ({"camera": CameraStatus(False), "suspended": True}, "the venue is closed"),
        ({"problem": "the models are loading"}, "the models are loading"),
        ({"camera": CameraStatus(True, CameraState.LOST, error="unplugged")}, "unplugged"),
        ({"camera": CameraStatus(True, CameraState.ENDED)}, "ended"),
    ],
)
def test_without_a_picture_there_is_a_sentence(changes: dict[str, object], said: str) -> None:
    with pytest.raises(ControlError, match=said):
        shown(frame(), **changes)


def test_a_camera_that_is_slow_to_give_one_is_a_sentence_too() -> None:
    with pytest.raises(ControlError, match="no picture just now"):
        shown(None)


def test_who_is_switched_off_while_somebody_waits_is_not_seen() -> None:
    told = [SEEN, replace(SEEN, camera=CameraStatus(False))]
    with pytest.raises(ControlError, match="the camera is off"):
        preview(lambda: told.pop(0), lambda _: frame(), 2.0, lambda: 0.0)


class TestSlot:
    def test_who_sees_takes_nothing_away(self) -> None:
        slot = LatestFrame()
        slot.put(picture(), 1.0, "cam")
        assert slot.see(0) is not None
        assert slot.take(0) is not None
        assert slot.see(0) is None, "nothing was kept"

    def test_who_waits_sees_the_next_though_another_thread_takes_it(self) -> None:
        slot, seen = LatestFrame(), list[Frame | None]()
        watching = threading.Thread(target=lambda: seen.append(slot.see(10)))
        watching.start()
        number = 0

        def given() -> bool:
            nonlocal number
            number += 1
            slot.put(picture(), float(number), "cam")
            assert slot.take(0) is not None
            return not watching.is_alive()

        wait_for(given, 10, "the frame to be seen")
        watching.join()
        assert seen[0] is not None
        assert slot.see(0) is None

    def test_a_camera_that_is_switched_off_shows_nothing(self) -> None:
        slot = LatestFrame()
        slot.put(picture(), 1.0, "cam")
        slot.clear()
        assert slot.see(0) is None
