"""The command line's own promises: a sentence and an exit code, whatever the config says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command
from tests.unit.library import files

READERS = (
    "run", "demo", "check", "doctor", "caption x.jpg", "mood x", "library scan", "library list",
    "library analyze", "library map", "library taste show", "playlist --mood x", "service install", "status",
    "reload", "next",
    "volume 5",
)  # fmt: skip


@pytest.mark.parametrize("words", READERS)
@pytest.mark.parametrize("text", ["camera: [", "state_dir: ~no-such-user/x", "a: &a [*a]"])
def test_a_broken_config_is_one_sentence_and_exit_code_2(
    command: Command, tmp_path: Path, words: str, text: str
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    code, out, err = command(*words.split(), "--config", str(path))
    assert (code, out) == (2, "")
    (line,) = err.splitlines()
    assert line.startswith(f"{path}:1: ")
    assert not (tmp_path / "home").exists(), "nothing was begun"


@pytest.mark.parametrize("words", ["status", "reload", "next"])
def test_a_mistake_elsewhere_does_not_hide_that_no_player_runs(
    command: Command, tmp_path: Path, words: str
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("camera: {fps: lots}")
    code, _, err = command(words, "--config", str(path))
    assert code == 1
    assert err.startswith("ambient-player: no player is running")


def test_check_says_what_cannot_be_meant_and_what_is_not_there_now(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        "camera: {source: 'rtsp:/me:hunter2@10.0.0.5/s'}\nlibrary: {folders: [$HOME/Music, nowhere]}\n"
    )
    code, out, err = command("check", "--config", str(path))
    assert (code, out) == (2, "")
    assert [line.split(": ")[1] for line in err.splitlines()] == ["camera.source", "library.folders[0]"]
    assert "hunter2" not in err
    path.write_text("library: {folders: [nowhere]}\n")
    code, out, err = command("check", "--config", str(path))
    assert (code, err) == (0, "")
    assert f"{tmp_path / 'nowhere'} (library.folders) is not there now" in out


def test_no_command_prints_a_password_in_its_error(command: Command) -> None:
    for words in (("check", "-c", "rtsp://me:hunter2@10.0.0.5/s"), ("announce", "http://me:hunter2@h/x")):
        _, out, err = command(*words)
        assert "hunter2" not in out + err


def test_check_and_scan_say_which_entries_of_a_playlist_lead_to_nothing(
    command: Command, tmp_path: Path
) -> None:
    (tmp_path / "music").mkdir()
    files.wav(tmp_path / "music" / "Café.wav")
    entries = "C:\\Music\\CAFÉ.WAV\ngone.mp3\nrtsp://me:hunter2@cam/x\n"
    (tmp_path / "party.m3u").write_bytes(entries.encode("cp1252"))
    path = tmp_path / "config.yaml"
    path.write_text(
        "library: {folders: [music], playlists: [{source: party.m3u}]}\n"
        "camera: {source: demo}\nstate_dir: state\n"
    )
    said = "playlist party.m3u: 2 of 3 entries lead to no music that is here: gone.mp3, rtsp://cam/x"

    code, out, err = command("check", "--config", str(path))
    assert (code, err) == (0, "")
    assert out.splitlines()[1:] == [f"but in the {said}"]
    code, out, err = command("library", "scan", "--config", str(path))
    assert (code, err) == (0, "")
    assert out.splitlines() == ["1 new, 0 changed, 0 removed, 1 in all", said]
