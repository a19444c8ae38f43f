"""The same view is known again in other light; a camera that was turned shows another."""

import cv2
import numpy as np
import pytest

from player.camera.view import NUMBERS, SAME_FROM, likeness, view_of
from player.types import Image
from scripts.system.disturb import crowd, lamp, sensor


def room(seed: int) -> Image:
    """Slanted shapes before a wall."""
    drawn = np.random.default_rng(seed)
    image = np.full((480, 640, 3), 120, np.uint8)
    for _ in range(60):
        corners = drawn.integers(0, (640, 480), (3, 2)).astype(np.int32)
        cv2.fillPoly(image, [corners], [int(v) for v in drawn.integers(0, 256, 3)])
    return image


@pytest.mark.parametrize("disturbance", [sensor, lamp, crowd])
def test_light_and_people_leave_the_view(disturbance) -> None:  # type: ignore[no-untyped-def]
    before = view_of(room(1))
    assert before.shape == (NUMBERS,)
    assert likeness(before, view_of(disturbance(room(1), 20))) >= SAME_FROM
    assert likeness(before, view_of((room(1) * 0.3).astype(np.uint8))) >= SAME_FROM, "dusk"


def test_a_turn_and_another_room_are_other_views() -> None:
    before = view_of(room(1))
    turned = np.roll(room(1), 128, axis=1)
    assert likeness(before, view_of(turned)) < SAME_FROM
    assert likeness(before, view_of(room(2))) < SAME_FROM
