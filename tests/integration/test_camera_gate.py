"""The gate on real footage of fixed cameras: it opens for people, and stays shut on a still room."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from player.camera.change_gate import ChangeGate, GateDecision
from player.config.settings.perception import GateSettings
from player.types import Image

# When the room of one-by-one-person-detection.mp4 is empty, and when somebody has come in, in seconds.
EMPTY_S = ((0.5, 5.5), (21, 22), (45.5, 49.5), (70.5, 73.5), (87.5, 91.5), (121.5, 122.5), (137, 139))
ENTERED_S = (7.5, 25.5, 51.5, 75.5, 94, 125)


def frames(clip: Path, seconds: float) -> list[tuple[float, Image]]:
    """Every `seconds`, the time in the clip and the frame."""
    if not clip.is_file():
        pytest.skip(f"{clip} is not there")
    capture = cv2.VideoCapture(str(clip))
    fps = capture.get(cv2.CAP_PROP_FPS)
    step = max(1, round(seconds * fps))
    found: list[tuple[float, Image]] = []
    number = 0
    while capture.grab():
        if number % step == 0:
            found.append((number / fps, np.asarray(capture.retrieve()[1], np.uint8)))
        number += 1
    capture.release()
    return found


@pytest.fixture(scope="module")
def passers_by(shared_data: Path) -> list[tuple[float, Image]]:
    return frames(shared_data / "camera" / "one-by-one-person-detection.mp4", 0.5)


def decided(pictures: list[tuple[float, Image]]) -> list[tuple[float, GateDecision]]:
    gate = ChangeGate(GateSettings())
    return [(at, gate.decide(image, at)) for at, image in pictures]


def test_an_empty_room_saves_nearly_all_looks(passers_by: list[tuple[float, Image]]) -> None:
    looks = [
        decision.look
        for at, decision in decided(passers_by)
        if any(start <= at <= end for start, end in EMPTY_S)
    ]

    assert len(looks) >= 30
    assert sum(looks) / len(looks) <= 0.1


def test_nobody_enters_unseen(passers_by: list[tuple[float, Image]]) -> None:
    looked_at = [at for at, decision in decided(passers_by) if decision.reason == "changed"]

    for entered in ENTERED_S:
        assert any(entered - 2 <= at <= entered for at in looked_at), f"nobody looked before {entered} s"


@pytest.mark.parametrize("flicker", [0.0, 0.1], ids=["steady", "flickering"])
def test_still_minutes_with_noise_save_more_than_eighty_percent(
    passers_by: list[tuple[float, Image]], flicker: float
) -> None:
    empty = [image for at, image in passers_by if EMPTY_S[0][0] <= at <= EMPTY_S[0][1]]
    rng = np.random.default_rng(0)
    gate = ChangeGate(GateSettings())
    for number in range(120):  # ten minutes at the default interval
        gain = 1 + rng.uniform(-flicker, flicker)
        image = empty[number % len(empty)] * gain + rng.normal(0, 4, empty[0].shape)
        gate.decide(np.clip(image, 0, 255).astype(np.uint8), 5.0 * number)

    status = gate.status()
    assert status.saved / (status.looked + status.saved) > 0.8
    assert status.looked >= 5  # and still it refreshes


@pytest.mark.parametrize(
    ("clip", "least", "most"),
    [
        pytest.param("classroom.mp4", 1, 1, id="seated people who hardly move"),
        pytest.param("people-detection.mp4", 2, 3, id="the last one leaves"),
        pytest.param("store-aisle-detection.mp4", 4, 99, id="customers about"),
        pytest.param("worker-zone-detection.mp4", 4, 99, id="somebody walks through"),
    ],
)
def test_clips_get_the_looks_they_deserve(shared_data: Path, clip: str, least: int, most: int) -> None:
    looks = sum(decision.look for _, decision in decided(frames(shared_data / "camera" / clip, 0.5)))

    assert least <= looks <= most
