import numpy as np
import pytest

from player.camera.lens_check import LensCheck
from player.config.settings.perception import CameraSettings
from tests.fakes.scenes import Luma, hand, night_with_lamps, photographed, plain, room, white_wall


@pytest.mark.parametrize(
    ("scene", "noise", "verdict"),
    [
        pytest.param(room(), 0.01, "ok", id="a room by day"),
        pytest.param(room(0.12), 0.02, "ok", id="a room in the evening"),
        pytest.param(white_wall(), 0.01, "ok", id="a white wall with lit plaster"),
        pytest.param(night_with_lamps(), 0.02, "ok", id="night with lamps"),
        pytest.param(plain(0.0), 0.0, "dark", id="a cap"),
        pytest.param(plain(0.01), 0.03, "dark", id="a cap, with the sensor's noise"),
        pytest.param(room(0.01), 0.02, "dark", id="a room with the lights off"),
        pytest.param(plain(0.3), 0.0, "covered", id="tape"),
        pytest.param(plain(0.3), 0.08, "covered", id="tape, with strong noise"),
        pytest.param(plain(0.95), 0.01, "covered", id="a sheet of paper"),
        pytest.param(hand(), 0.04, "covered", id="a hand with light around it"),
    ],
)
def test_a_lens_that_sees_nothing_is_told_from_one_that_does(scene: Luma, noise: float, verdict: str) -> None:
    assert LensCheck(CameraSettings()).update(photographed(scene, noise), 0.0) == verdict


@pytest.mark.parametrize("scene", [plain(0.0), plain(0.3), room()], ids=["dark", "covered", "still"])
def test_photos_and_files_have_no_lens_to_fail(scene: Luma) -> None:
    check = LensCheck(CameraSettings(frozen_s=5))
    image = photographed(scene)

    assert [check.update(image, now, live=False) for now in (0.0, 100.0)] == ["ok", "ok"]


def test_a_picture_that_stays_the_same_to_the_last_bit_is_frozen() -> None:
    check = LensCheck(CameraSettings(frozen_s=5))
    image = photographed(room())

    verdicts = [check.update(image.copy(), now) for now in (10.0, 14.9, 15.0, 60.0)]

    assert verdicts == ["ok", "ok", "frozen", "frozen"]


def test_a_single_changed_bit_thaws_it() -> None:
    check = LensCheck(CameraSettings(frozen_s=5))
    image = photographed(room())
    check.update(image, 0.0)
    changed = image.copy()
    changed[100, 100, 1] ^= 1

    assert check.update(changed, 5.0) == "ok"
    assert check.update(changed, 9.9) == "ok"
    assert check.update(changed, 10.0) == "frozen"


def test_a_still_room_with_sensor_noise_is_never_frozen() -> None:
    check = LensCheck(CameraSettings(frozen_s=5))

    verdicts = {check.update(photographed(room(), 0.01, seed), 60.0 * seed) for seed in range(5)}

    assert verdicts == {"ok"}


def test_what_covers_the_lens_is_named_before_that_it_stands_still() -> None:
    check = LensCheck(CameraSettings(frozen_s=5))
    image = photographed(plain(0.3))

    assert [check.update(image, now) for now in (0.0, 5.0)] == ["covered", "covered"]


@pytest.mark.parametrize(
    ("settings", "verdict"),
    [
        (CameraSettings(dark_below=0.0), "covered"),
        (CameraSettings(dark_below=0.1), "dark"),
        (CameraSettings(flat_below=0.0), "ok"),
    ],
)
def test_the_settings_draw_the_lines(settings: CameraSettings, verdict: str) -> None:
    assert LensCheck(settings).update(photographed(plain(0.06)), 0.0) == verdict


def test_a_cut_out_of_a_larger_picture_can_be_judged() -> None:
    image = np.concatenate([photographed(room())] * 2, axis=1)[:, 20:340]

    assert not image.flags.c_contiguous
    assert LensCheck(CameraSettings()).update(image, 0.0) == "ok"
