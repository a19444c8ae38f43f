import itertools
import logging
from importlib.machinery import ModuleSpec
from pathlib import Path

import cv2
import pytest

from player.camera.pictures import read_picture
from player.camera.source import LONGEST_READ_S
from player.camera.sources import demo, photos
from player.camera.sources.photos import PhotosSource
from player.config.settings.perception import CameraSettings
from player.errors import CameraError, EndOfFrames
from tests.fakes.camera import ManualClock, picture


def photo(folder: Path, name: str, value: int, width: int = 64, height: int = 48) -> Path:
    path = folder / name
    path.write_bytes(cv2.imencode(".png", picture(value, width, height))[1].tobytes())
    return path


def source(folder: Path, clock: ManualClock, **settings: float) -> PhotosSource:
    made = PhotosSource(
        "photos", lambda: sorted(folder.iterdir()), CameraSettings(**settings), clock, clock.sleep
    )
    made.open()
    return made


def shown(made: PhotosSource, reads: int) -> list[int]:
    return [int(made.read()[0, 0, 0]) for _ in range(reads)]


def test_each_photo_is_shown_for_its_time_and_then_cut(tmp_path: Path) -> None:
    photo(tmp_path, "a.png", 10)
    photo(tmp_path, "b.png", 20)
    clock = ManualClock()

    values = shown(source(tmp_path, clock, photo_s=2, fps=1), 8)

    assert values == [10, 10, 20, 20, 10, 10, 20, 20]
    assert clock.slept == [0] + [1] * 7


def test_once_means_once(tmp_path: Path) -> None:
    photo(tmp_path, "a.png", 10)
    photo(tmp_path, "b.png", 20)
    made = source(tmp_path, ManualClock(), photo_s=1, fps=1, loop=False)

    assert shown(made, 2) == [10, 20]
    with pytest.raises(EndOfFrames):
        made.read()


def test_a_new_round_sees_new_photos(tmp_path: Path) -> None:
    photo(tmp_path, "a.png", 10)
    made = source(tmp_path, ManualClock(), photo_s=1, fps=1)
    assert shown(made, 1) == [10]
    photo(tmp_path, "a.png", 30)

    assert shown(made, 1) == [30]


@pytest.mark.parametrize(
    ("size", "shape"),
    [
        ((640, 480), (480, 640, 3)),
        ((1000, 500), (320, 640, 3)),
        ((300, 600), (480, 240, 3)),
        ((8, 6), (6, 8, 3)),
    ],
)
def test_a_photo_is_shrunk_to_fit_and_never_padded_or_enlarged(
    tmp_path: Path, size: tuple[int, int], shape: tuple[int, int, int]
) -> None:
    photo(tmp_path, "a.png", 10, *size)

    assert source(tmp_path, ManualClock(), width=640, height=480).read().shape == shape


def test_what_is_no_photo_is_skipped_and_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    whole = photo(tmp_path, "b.png", 10).read_bytes()
    (tmp_path / "a.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "c.txt").write_text("words")
    (tmp_path / "d").mkdir()
    photo(tmp_path, "e.png", 20)

    values = shown(source(tmp_path, ManualClock(), photo_s=1, fps=1), 6)

    assert values == [10, 20] * 3
    assert caplog.messages == [
        "photos: skipped, as no photos can be read from them: a.png",
        "photos: skipped, as no photos can be read from them: c.txt",
    ]


def test_while_slow_files_are_looked_through_the_last_photo_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo(tmp_path, "a.png", 10)
    for number in range(30):
        (tmp_path / f"b{number:02}.jpg").write_bytes(b"\xff\xd8\xff")
    photo(tmp_path, "c.png", 20)
    clock = ManualClock()
    monkeypatch.setattr(photos, "read_picture", lambda *what: clock.advance(5) or read_picture(*what))
    made, took_s, values = source(tmp_path, clock, photo_s=1, fps=1), [], []

    for _ in range(70):
        began = clock.now
        values += shown(made, 1)
        took_s.append(clock.now - began)

    assert max(took_s) <= LONGEST_READ_S + 5, "one file in one read"
    assert [value for value, _ in itertools.groupby(values)] == [10, 20, 10, 20, 10]


def test_photos_that_go_while_others_stay_are_a_lost_camera(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("words")
    whole = photo(tmp_path, "a.png", 10)
    made = source(tmp_path, ManualClock(), photo_s=1, fps=1)
    whole.unlink()

    with pytest.raises(CameraError, match="not one can be read"):
        shown(made, 3)


def test_many_of_them_make_one_short_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(8):
        (tmp_path / f"{number}.txt").write_text("words")
    photo(tmp_path, "z.png", 10)
    source(tmp_path, ManualClock())

    assert caplog.messages == [
        "photos: skipped, as no photos can be read from them: 0.txt, 1.txt, 2.txt, 3.txt, 4.txt and 3 more"
    ]


@pytest.mark.parametrize("files", [[], ["words.txt"]])
def test_a_folder_without_photos_says_so_once(
    tmp_path: Path, files: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    for name in files:
        (tmp_path / name).write_text("words")

    with pytest.raises(CameraError, match="not one can be read; put JPEG or PNG files there"):
        source(tmp_path, ManualClock())
    assert caplog.messages == []


def test_a_folder_that_went_away_is_a_lost_camera(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match="cannot be listed"):
        source(tmp_path / "gone", ManualClock())


def test_closing_ends_reading(tmp_path: Path) -> None:
    photo(tmp_path, "a.png", 10)
    made = source(tmp_path, ManualClock())
    made.close()
    made.close()

    with pytest.raises(CameraError, match="not open"):
        made.read()


def test_the_demo_goes_round_whatever_the_settings_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    names = demo.SEQUENCE
    for number, name in enumerate(names):
        photo(tmp_path / "data", name, number)
    package = ModuleSpec("skimage", None, is_package=True)
    package.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr("importlib.util.find_spec", lambda name: package if name == "skimage" else None)
    clock = ManualClock()
    made = demo.demo_source(CameraSettings(photo_s=1, fps=1, loop=False), clock, clock.sleep)
    made.open()

    assert shown(made, 2 * len(names)) == 2 * list(range(len(names)))
    assert (made.name, made.live) == ("demo camera", False)


def test_without_its_package_the_demo_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with pytest.raises(CameraError, match=r"install the player again with its extra demo"):
        demo.demo_source(CameraSettings()).open()
