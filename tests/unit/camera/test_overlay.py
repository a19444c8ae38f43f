import itertools

import cv2
import numpy as np
import pytest

from player.camera.change_gate import ChangeGate
from player.camera.lens_check import LensCheck
from player.config.settings.perception import CameraSettings, GateSettings
from player.types import Image
from tests.fakes.overlays import (
    BLACK,
    FONTS,
    PLACES,
    WHITE,
    YELLOW,
    with_clock,
    with_red_dot,
    with_text,
)
from tests.fakes.scenes import photographed, room, with_person

SIZES = ((320, 240), (640, 360), (640, 480), (1280, 720), (1920, 1080))


def blind(level: int, noise: float, width: int = 640, height: int = 480) -> Image:
    """A capped or covered lens, 0 (black) to 255 (white)."""
    rng = np.random.default_rng(1)
    plane = rng.normal(level, noise, (height, width, 3)) if noise else np.full((height, width, 3), level)
    return np.clip(plane, 0, 255).astype(np.uint8)


def judged(image: Image) -> str:
    return LensCheck(CameraSettings()).update(image, 0.0)


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("level", [0, 3, 40, 200])
def test_a_clock_and_a_name_do_not_make_a_room(width: int, height: int, level: int) -> None:
    image = with_red_dot(with_clock(blind(level, 2, width, height), 7))

    assert judged(image) == ("dark" if level < 10 else "covered")


@pytest.mark.parametrize("place", PLACES, ids="-".join)
@pytest.mark.parametrize("around", ["", "box", "outline"])
def test_whatever_it_looks_like(place: tuple[str, str], around: str) -> None:
    looks = itertools.cycle(itertools.product((WHITE, BLACK, YELLOW), (2, 90)))
    texts = itertools.cycle(("2026-05-01 02:00:07", "Front door", "REC", "12:11:11 PM"))
    for font, size in itertools.product(FONTS, (0.015, 0.03, 0.05, 0.08)):
        text, (colour, level) = next(texts), next(looks)
        image = with_text(blind(level, 0, 320, 240), text, place, size, font, colour, around)
        assert judged(image) == ("dark" if level < 10 else "covered"), (text, font, size, colour)


def lamp(x: float, y: float, size: float) -> Image:
    image = blind(4, 0).astype(np.float32)
    light = np.zeros(image.shape[:2], np.float32)
    cv2.circle(light, (round(x * 640), round(y * 480)), round(size * 480), 250.0, -1)
    light = np.maximum(light, np.asarray(cv2.GaussianBlur(light, (0, 0), size * 480), np.float32))
    noise = np.random.default_rng(2).normal(0, 2, image.shape)
    return np.clip(np.maximum(image, light[..., None]) + noise, 0, 255).astype(np.uint8)


def with_patch(level: int, left: float, top: float, right: float, bottom: float, patch: int) -> Image:
    image = blind(level, 2)
    corners = [(round(x * 640), round(y * 480)) for x, y in ((left, top), (right, bottom))]
    cv2.rectangle(image, corners[0], corners[1], (patch, patch, patch), -1)
    return image


@pytest.mark.parametrize("is_drawn_on", [False, True], ids=["plain", "with a clock"])
@pytest.mark.parametrize(
    "image",
    [
        pytest.param(lamp(0.92, 0.1, 0.03), id="a lamp in the upper corner"),
        pytest.param(lamp(0.08, 0.9, 0.03), id="a lamp in the lower corner"),
        pytest.param(lamp(0.5, 0.85, 0.025), id="a candle on the table"),
        pytest.param(with_patch(4, 0.82, 0.03, 0.97, 0.16, 180), id="a screen in the corner"),
        pytest.param(with_patch(200, 0.45, 0.4, 0.55, 0.55, 90), id="one picture on a white wall"),
        pytest.param(with_patch(200, 0.02, 0.82, 0.14, 0.97, 90), id="one picture in its corner"),
        pytest.param(photographed(room(), 0.01), id="a room"),
    ],
)
def test_what_is_really_there_still_counts(image: Image, is_drawn_on: bool) -> None:
    assert judged(with_clock(image, 7) if is_drawn_on else image) == "ok"


def test_a_picture_that_is_the_same_but_for_its_clock_is_frozen() -> None:
    check = LensCheck(CameraSettings(frozen_s=5))
    still = photographed(room(), 0.01)

    verdicts = []
    for now in range(8):
        image = with_clock(still, now)
        verdicts.append(check.update(with_red_dot(image) if now % 2 else image, float(now)))

    assert verdicts == ["ok"] * 5 + ["frozen"] * 3


def test_a_still_room_under_a_clock_is_not_frozen() -> None:
    check = LensCheck(CameraSettings(frozen_s=5))

    verdicts = {
        check.update(with_clock(photographed(room(), 0.01, seed), seed), float(seed)) for seed in range(8)
    }

    assert verdicts == {"ok"}


def test_a_single_pixel_that_changes_among_letters_is_no_clock() -> None:
    check = LensCheck(CameraSettings(frozen_s=5))
    still = with_clock(photographed(room(), 0.01), 0)

    verdicts = set()
    for now in range(10):
        still[8, 8] = 50 * (now % 2)
        verdicts.add(check.update(still, float(now)))

    assert verdicts == {"ok"}


@pytest.mark.parametrize("size", [0.02, 0.05, 0.08])
def test_a_clock_that_ticks_does_not_open_the_gate_and_a_person_does(size: float) -> None:
    gate = ChangeGate(GateSettings(refresh_s=86400))

    def seen(second: int, who: bool = False) -> str:
        scene = with_person(room()) if who else room()
        return gate.decide(with_clock(photographed(scene, 0.01, second), second, size), float(second)).reason

    assert [seen(0), *(seen(second) for second in (8, 17, 99, 3599))] == ["first"] + ["same"] * 4
    assert seen(3600, who=True) == "changed"
