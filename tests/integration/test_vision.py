"""The compact reader with its real models on real photos."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from player.config.settings.perception import VisionSettings
from player.errors import ModelFileDamagedError, ModelFileNotFoundError
from player.models import MODELS_DIR, open_session
from player.types import Frame, Image
from player.vision.compact import detector, image_mood, tagger
from player.vision.compact.reader import CompactReader
from player.vision.reader import SceneReader
from tests.support import photos

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture(scope="module")
def reader() -> SceneReader:
    return CompactReader(VisionSettings())


def photo(name: str) -> Frame:
    return frame(photos.photo(name))


def frame(image: object) -> Frame:
    assert image is not None
    return Frame(np.asarray(image, np.uint8), captured_at=12.5, seq=3, source="test")


def test_an_astronaut_is_one_person(reader: SceneReader) -> None:
    scene = reader.read(photo("astronaut.png"))
    assert scene.people == 1
    assert scene.objects["person"] == 1
    assert "a person" in scene.caption


def test_a_cup_of_coffee(reader: SceneReader) -> None:
    scene = reader.read(photo("coffee.png"))
    assert scene.people == 0
    assert scene.objects["cup"] >= 1
    assert scene.tags["cafe"] > 0.5
    assert scene.caption.startswith("a cup")
    assert "in a cafe" in scene.caption


def test_a_cat(reader: SceneReader) -> None:
    scene = reader.read(photo("chelsea.png"))
    assert scene.people == 0
    assert scene.tags["cat"] > 0.5
    assert scene.caption.startswith("a cat")


def test_a_motorcycle(reader: SceneReader) -> None:
    assert reader.read(photo("motorcycle_left.png")).caption.startswith("a motorcycle")


def test_every_field_is_filled(reader: SceneReader) -> None:
    scene = reader.read(photo("coffee.png"), motion=0.4)
    assert scene.motion == 0.4
    assert "a lot of movement" in scene.caption
    assert scene.captured_at == 12.5
    assert scene.reader == "compact"
    assert scene.elapsed_ms > 0
    assert scene.light.warmth > 0.2
    assert 0.2 < scene.light.brightness < 0.8


@pytest.mark.parametrize("name", ["astronaut.png", "coffee.png", "chelsea.png", "rocket.jpg"])
def test_every_photo_makes_an_impression(reader: SceneReader, name: str) -> None:
    found = reader.read(photo(name)).image_mood
    assert found is not None
    assert -1 <= found.valence <= 1
    assert -1 <= found.energy <= 1
    assert 0 < found.weight <= 1
    assert found.energy_weight is not None
    assert found.energy_weight < found.weight  # the sentence keeps more of the energy than of the valence


def test_a_cat_is_pleasanter_than_a_launch_pad(reader: SceneReader) -> None:
    cat, rocket = (reader.read(photo(name)).image_mood for name in ("chelsea.png", "rocket.jpg"))
    assert cat is not None
    assert rocket is not None
    assert cat.valence > rocket.valence + 0.1


@pytest.mark.parametrize("shape", [(480, 640, 3), (1080, 1920, 3), (640, 480, 3), (12, 16, 3), (1, 1, 3)])
def test_frames_of_any_size(reader: SceneReader, shape: tuple[int, int, int]) -> None:
    black: Image = np.zeros(shape, np.uint8)
    scene = reader.read(frame(black))
    assert scene.people == 0
    assert scene.caption.endswith("in the dark")


def test_people_before_a_fixed_camera(reader: SceneReader) -> None:
    clip = SHARED / "camera" / "classroom.mp4"
    if not clip.is_file():
        pytest.skip(f"{clip} is not here")
    _, image = cv2.VideoCapture(str(clip)).read()
    scene = reader.read(frame(image))
    assert scene.people >= 3
    assert "a group of people" in scene.caption


def test_the_back_rows_are_counted_on_parts_of_the_picture(reader: SceneReader) -> None:
    person = cv2.resize(photo("astronaut.png").image, (160, 160), interpolation=cv2.INTER_AREA)
    scene = reader.read(frame(np.tile(person, (6, 8, 1))))
    assert scene.people >= 1.5 * scene.objects["person"]
    assert "a crowd of people" in scene.caption


@pytest.mark.parametrize("name", [detector.MODEL, tagger.MODEL, image_mood.MODEL])
def test_a_damaged_or_missing_model_is_refused_by_name(tmp_path: Path, name: str) -> None:
    shutil.copy(MODELS_DIR / "manifest.json", tmp_path)
    with pytest.raises(ModelFileNotFoundError, match=name):
        open_session(name, threads=1, models_dir=tmp_path)
    content = bytearray((MODELS_DIR / name).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelFileDamagedError, match=name):
        open_session(name, threads=1, models_dir=tmp_path)
