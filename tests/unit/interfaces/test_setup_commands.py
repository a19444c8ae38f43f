"""What is set and what is there, for who sets the player up."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest

from player.errors import ControlError, MissingError
from player.interfaces import search_child, test_sound
from player.interfaces.handlers.config import ConfigCommands
from player.interfaces.handlers.setup import SetupCommands
from player.interfaces.machine_search import MachineSearch, cameras
from player.interfaces.messages.setup import SetupAnswer, SetupRequest, SoundTestAnswer, SoundTestRequest
from player.library.scan.music_count import Count, count


class Nothing(MachineSearch):
    """Finds nothing."""

    def _ask(self, *_: str) -> object:
        return None


def commands(folder: Path, config: str = "", heard: bool = True) -> SetupCommands:
    path = folder / "config.yaml"
    path.write_text(config, encoding="utf-8")
    held = ConfigCommands(path, folder / "versions", lambda: None, list).held  # type: ignore[arg-type, return-value]
    return SetupCommands(held, lambda: "auto", lambda _: heard, folder, lambda: True, Nothing())


def setup(folder: Path, config: str = "") -> SetupAnswer:
    answer = commands(folder, config).handlers()[SetupRequest](SetupRequest())
    assert isinstance(answer, SetupAnswer)
    return answer


def sound(commands: SetupCommands, output: str | None = None) -> SoundTestAnswer:
    answer = commands.handlers()[SoundTestRequest](SoundTestRequest(output=output))
    assert isinstance(answer, SoundTestAnswer)
    return answer


def test_what_is_set_is_told_from_what_is_a_default(tmp_path: Path) -> None:
    assert setup(tmp_path).given == ()
    said = setup(
        tmp_path,
        "playback: {output: alsa}\nlibrary: {folders: [/srv/music]}\nmood: {energy: [-1, 0.2]}\n"
        "camera: {source: 'rtsp://cook:sesame-9@10.0.0.7/live'}\n",
    )
    assert said.given == ("output", "camera", "folders", "range")
    assert (said.output, said.folders, said.energy) == ("alsa", ("/srv/music",), (-1.0, 0.2))
    assert "sesame" not in said.camera


@pytest.mark.parametrize(
    ("config", "offered"),
    [("", True), ("vision: {reader: compact}", False), ("vision: {reader: blip}", False)],
)
def test_blip_is_offered_where_nobody_chose_a_reader(tmp_path: Path, config: str, offered: bool) -> None:
    assert setup(tmp_path, config).blip is offered


def test_the_sound_comes_from_the_output_in_use_and_from_no_other(tmp_path: Path) -> None:
    assert "you hear" in sound(commands(tmp_path)).message
    assert "waits" in sound(commands(tmp_path, heard=False), "auto").message
    with pytest.raises(ControlError, match="choose the other one first"):
        sound(commands(tmp_path), "pulse:elsewhere")


def test_the_test_sound_is_short_soft_and_begins_and_ends_in_silence(tmp_path: Path) -> None:
    file = test_sound.written(tmp_path)
    with wave.open(str(file)) as made:
        assert (made.getnchannels(), made.getframerate()) == (1, 44_100)
        assert 1.5 < made.getnframes() / made.getframerate() < 3
    values = test_sound.samples()
    assert max(map(abs, values)) == round(32767 * test_sound.PEAK)
    assert max(map(abs, (*values[:20], *values[-20:]))) < 300


def test_who_hangs_is_left_and_the_owner_told(tmp_path: Path) -> None:
    search = MachineSearch(timeout_s=0.01)
    assert search.outputs() == ()
    assert search.music() == ()
    with pytest.raises(ControlError, match="disk does not answer"):
        search.folders(tmp_path)


def test_folders_are_listed_with_their_music_by_a_process_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "albums" / "one").mkdir(parents=True)
    (tmp_path / "albums" / "one" / "a.mp3").touch()
    (tmp_path / "albums" / "notes.txt").touch()
    (tmp_path / ".hidden").mkdir()
    said = search_child.found_folders(tmp_path.resolve(), tmp_path.resolve())
    assert said["folders"] == [{"name": "albums", "files": 1, "more": False}]
    with pytest.raises(MissingError):
        MachineSearch().folders(Path("/etc"))


def test_likely_music_is_found_where_people_keep_it(tmp_path: Path) -> None:
    home = tmp_path / "home" / "ann"
    for name in (
        "home/ann/Tunes/a.mp3",
        "home/ann/Music/b.flac",
        "media/ann/STICK/x/c.ogg",
        "mnt/disk/d.txt",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (home / ".config").mkdir()
    (home / ".config" / "user-dirs.dirs").write_text('XDG_MUSIC_DIR="$HOME/Tunes"\n', encoding="utf-8")
    found = list(search_child.found_music(home, tmp_path))
    assert {each["path"].removeprefix(f"{tmp_path}/") for each in found} == {
        "home/ann/Tunes",
        "home/ann/Music",
        "media/ann/STICK",
    }


def test_counting_ends_by_time_by_number_and_by_depth(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*"abcdefghij")
    deep.mkdir(parents=True)
    for number in range(5):
        (tmp_path / f"{number}.mp3").touch()
    (deep / "far.mp3").touch()
    (tmp_path / "loop").symlink_to(tmp_path)
    assert count(tmp_path, until=1, clock=lambda: 0) == Count(5, more=True)
    assert count(tmp_path, until=1, clock=lambda: 0, deep=20) == Count(6, more=False)
    assert count(tmp_path, until=1, clock=lambda: 0, most=3) == Count(3, more=True)
    assert count(tmp_path, until=1, clock=lambda: 2) == Count(0, more=True)


def test_a_camera_is_called_what_is_printed_on_it(tmp_path: Path) -> None:
    dev, sysfs = tmp_path / "dev", tmp_path / "sys"
    for number, name in (("0", "HD Webcam: HD"), ("1", "HD Webcam: HD"), ("2", "Other Cam")):
        (dev / f"video{number}").mkdir(parents=True)
        (sysfs / f"video{number}").mkdir(parents=True)
        (sysfs / f"video{number}" / "name").write_text(f"{name}\n", encoding="utf-8")
    found = [(Path(each.name).name, each.said) for each in cameras(dev, sysfs)]
    assert found == [("video0", "HD Webcam: HD"), ("video2", "Other Cam")]
