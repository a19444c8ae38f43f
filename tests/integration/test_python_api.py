"""The examples of docs/python.md, run as they stand there, and what the docstrings promise."""

import re
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from player.errors import AudioFileError
from player.library import analyze, analyze_files
from player.library.demo_music import demo_folder
from player.mood import read_mood
from player.vision import read_scene

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "python.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def materials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the song and the photo that the guide speaks of."""
    music = demo_folder()
    assert music is not None
    shutil.copy(sorted(music.rglob("*.opus"))[0], tmp_path / "song.flac")
    picture = np.full((240, 320, 3), 90, np.uint8)
    cv2.rectangle(picture, (60, 60), (200, 200), (40, 120, 220), -1)
    (tmp_path / "café.jpg").write_bytes(cv2.imencode(".jpg", picture)[1].tobytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_the_guides_examples_run(number: int, materials: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(EXAMPLES[number], f"docs/python.md, example {number + 1}", "exec"), {})
    if "missing.mp3" in EXAMPLES[number]:
        said = capsys.readouterr().out
        assert "song.flac: Q" in said
        assert "left out: " in said


def test_many_files_come_in_order_with_all_that_one_gives(materials: Path) -> None:
    song, broken = materials / "song.flac", materials / "broken.mp3"
    broken.write_bytes(b"no music")
    found = list(analyze_files([broken, str(song), song], workers=2))
    assert [path for path, _ in found] == [broken, song, song]
    assert isinstance(found[0][1], AudioFileError)
    alone = analyze(song)
    for _, result in found[1:]:
        assert not isinstance(result, AudioFileError)
        # Another process adds numbers up in another order; what is read is the same to the fourth digit.
        assert result.moods == pytest.approx(alone.moods, abs=1e-4)
        assert (result.point.valence, result.point.energy) == pytest.approx(
            (alone.point.valence, alone.point.energy), abs=1e-4
        )


def test_nonsense_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="workers is 1 or more"):
        analyze_files([], workers=0)
    for wrong in (np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32), np.zeros((0, 4, 3), np.uint8)):
        with pytest.raises(ValueError, match="a picture is"):
            read_scene(wrong)
    assert read_mood("").name == read_mood("").mood7 == "neutral"


def test_red_first_and_a_view_of_a_picture_are_read_alike(materials: Path) -> None:
    picture = cv2.imdecode(np.fromfile(materials / "café.jpg", np.uint8), cv2.IMREAD_COLOR)
    red_first = np.ascontiguousarray(picture[..., ::-1])
    assert read_scene(red_first[..., ::-1]).caption == read_scene(picture).caption
