"""Motion on clips of real fixed cameras: people move, light does not."""

from pathlib import Path
from statistics import median_low

import cv2
import numpy as np
import pytest

from player.types import Image
from player.vision.image_stats import MotionMeter
from scripts.system.disturb import Disturbance, hunting, lamp, night_vision, shadow

FRAMES = 16
CLIPS = (
    "classroom",
    "one-by-one-person-detection",
    "people-detection",
    "store-aisle-detection",
    "worker-zone-detection",
)


def frames(path: Path) -> list[Image]:
    """FRAMES frames at 2 a second, 320 x 240; a shorter clip begins again."""
    video = cv2.VideoCapture(str(path))
    every = max(1, round(video.get(cv2.CAP_PROP_FPS) / 2))
    seen = []
    for n in range(FRAMES * every):
        ok, image = video.read()
        if not ok:
            break
        if n % every == 0:
            seen.append(np.asarray(cv2.resize(image, (320, 240), interpolation=cv2.INTER_AREA), np.uint8))
    return [seen[n % len(seen)] for n in range(FRAMES)]


def motion(images: list[Image]) -> float:
    """The largest median of 5 s, as the pipeline takes it."""
    meter = MotionMeter()
    moved = [meter.update(image, n / 2) for n, image in enumerate(images)]
    return max(median_low(moved[max(0, n - 10) : n + 1]) for n in range(2, FRAMES))


@pytest.mark.parametrize("name", CLIPS)
def test_light_adds_no_motion_to_a_real_room(name: str, shared_data: Path) -> None:
    images = frames(shared_data / "camera" / f"{name}.mp4")
    usual = motion(images)
    happenings: tuple[Disturbance, ...] = (lamp, hunting, night_vision, shadow)
    for happens in happenings:
        disturbed = motion([happens(image, n) for n, image in enumerate(images)])
        assert disturbed <= usual + 0.02, happens.__name__


def test_people_at_work_move(shared_data: Path) -> None:
    assert motion(frames(shared_data / "camera" / "worker-zone-detection.mp4")) > 0.03
