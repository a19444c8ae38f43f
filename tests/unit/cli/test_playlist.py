"""`ambient-player playlist` without models: what it refuses, what it prints, and what it leaves alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from player.library.database.store import Library
from player.library.models import Analysis
from player.library.scan.playlists import read_playlist
from tests.unit.cli.conftest import Command
from tests.unit.library import files


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Four calm tracks of three minutes."""
    music, state = tmp_path / "music", tmp_path / "state"
    music.mkdir()
    state.mkdir()
    for n in range(4):
        files.wav(music / f"t{n}.wav")
    library = Library(state / "library.db")
    library.scan([music])
    for n in range(4):
        analysis = Analysis(0.4 + 0.01 * n, -0.7, "Q4", {"calm": 1.0}, -18.0, -3.0, None, 180.0, 5.0)
        library.save(music / f"t{n}.wav", analysis)
    library.close()
    path = tmp_path / "config.yaml"
    path.write_text(f"state_dir: {state}\nchoice: {{seed: 1, variety: 0, artist_gap: 0}}\n")
    return path


def test_the_list_is_alone_on_standard_output_and_its_reasons_beside_it(
    command: Command, config: Path
) -> None:
    code, out, err = command("playlist", "--mood", "calm", "--minutes", "6", "-c", str(config))
    assert code == 0
    assert out.splitlines() == ["  1.     0:00  t0  3:00", "  2.     3:00  t1  3:00"]
    assert err.splitlines()[0].startswith("mood: calm (")
    assert err.splitlines()[-1] == "length: 6:00 of 6:00, 2 tracks"


def test_json_has_every_step(command: Command, config: Path) -> None:
    words = ("playlist", "--mood", "차분한", "--minutes", "6", "--format", "json", "-c", str(config))
    _, out, _ = command(*words)
    made = json.loads(out)
    assert (made["wish"], made["seen"], len(made["steps"])) == ("차분한", None, 2)
    assert made["steps"][0]["path"] == str(config.parent / "music" / "t0.wav")


def test_a_file_of_ones_own_beside_the_music(command: Command, config: Path) -> None:
    file = config.parent / "music" / "calm.m3u8"
    words = ("playlist", "--mood", "calm", "--minutes", "12", "--format", "m3u", "-o", str(file))
    code, out, _ = command(*words, "-c", str(config))
    assert (code, out) == (0, "")
    assert "\nt0.wav\n" in file.read_text("utf-8")
    assert [entry.missing for entry in read_playlist(file)] == [""] * 4
    assert sorted(path.name for path in file.parent.glob("*playlist*")) == []


def test_through_a_link_the_file_is_written_and_every_path_is_whole(command: Command, config: Path) -> None:
    music = config.parent / "music"
    (config.parent / "real.m3u8").write_text("before")
    (music / "link.m3u8").symlink_to(config.parent / "real.m3u8")
    words = ("playlist", "--mood", "calm", "--minutes", "3", "--format", "m3u", "-c", str(config))
    assert command(*words, "-o", str(music / "link.m3u8"))[0] == 0
    assert (music / "link.m3u8").is_symlink()
    assert (config.parent / "real.m3u8").read_text("utf-8").endswith(f"\n{music / 't0.wav'}\n")


@pytest.mark.parametrize("place", ["", "nowhere/x.m3u8", "state"])
def test_a_place_that_cannot_be_written_to_is_one_sentence(
    command: Command, config: Path, place: str
) -> None:
    words = ("playlist", "--mood", "calm", "--output", str(config.parent / place), "-c", str(config))
    code, out, err = command(*words)
    assert (code, out) == (1, "")
    assert "cannot be written" in err.splitlines()[-1]


def test_a_song_and_a_photo_are_not_written_over(command: Command, config: Path) -> None:
    song, picture = config.parent / "music" / "t0.wav", config.parent / "a.JPG"
    picture.write_bytes(b"a picture")
    for file in (song, picture):
        before = file.read_bytes()
        code, out, err = command("playlist", "--mood", "calm", "-o", str(file), "-c", str(config))
        assert (code, out) == (1, "")
        assert "stays as it is" in err.splitlines()[-1]
        assert file.read_bytes() == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_is_one_sentence(config: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        words = [sys.executable, "-m", "player", "playlist", "--mood", "calm", "-c", str(config)]
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("ambient-player: the list cannot be written")


def test_nothing_in_the_library_is_touched(command: Command, config: Path) -> None:
    database = config.parent / "state" / "library.db"
    before = database.read_bytes()
    command("playlist", "--mood", "calm", "-c", str(config))
    assert database.read_bytes() == before


def test_without_a_library_nothing_is_begun(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"state_dir: {tmp_path}/none\n")
    code, out, err = command("playlist", "--mood", "calm", "-c", str(path))
    assert (code, out) == (1, "")
    assert err.startswith(f"ambient-player: There is no library at {tmp_path}/none/library.db yet")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no photo that can be read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is no photo that can be read"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "is no photo that can be read"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xff\xff\0\0\xff\xff\x08\2\0\0\0", "too much memory"),
        (None, "there is no such file"),
    ],
)
def test_what_is_no_photo_is_one_sentence(
    command: Command, config: Path, content: bytes | None, said: str
) -> None:
    photo = config.parent / "그림.jpg"
    if content is not None:
        photo.write_bytes(content)
    code, out, err = command("playlist", "--photo", str(photo), "-c", str(config))
    (line,) = err.splitlines()
    assert (code, out) == (1, "")
    assert said in line


def test_pipes_folders_and_names_without_end_are_one_sentence(command: Command, config: Path) -> None:
    os.mkfifo(config.parent / "pipe")
    for photo in (config.parent, config.parent / "pipe", "a" * 300):
        code, _, err = command("playlist", "--photo", str(photo), "-c", str(config))
        assert (code, len(err.splitlines())) == (1, 1), err


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--mood", "calm", "--photo", "x"),
        ("--mood", "calm", "--minutes", "0"),
        ("--mood", "calm", "--minutes", "601"),
    ],
)
def test_what_does_not_go_together_is_refused(command: Command, config: Path, words: tuple[str, ...]) -> None:
    code, out, _ = command("playlist", *words, "-c", str(config))
    assert (code, out) == (2, "")


def test_it_leads_on_from_a_track_of_the_library_only(command: Command, config: Path) -> None:
    music = config.parent / "music"
    words = ("playlist", "--mood", "calm", "--minutes", "9", "-c", str(config), "--after")
    code, out, _ = command(*words, str(music / "t0.wav"))
    assert code == 0
    assert "t0" not in out
    (config.parent / "link").symlink_to(music / "t0.wav")
    code, out, _ = command(*words, str(config.parent / "link"))
    assert (code, "t0" in out) == (0, False)
    for other in ("other.wav", "a" * 5000, ""):
        code, _, err = command(*words, str(music / other))
        assert (code, "is not in the library" in err) == (1, True)
