"""The command line's own promises: a sentence and an exit code, whatever the config says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from player.config import loader
from player.interfaces import socket
from player.interfaces.messages.base import Done
from player.library.database.store import Library
from player.system import resources
from player.system.player_name import VARIABLE
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


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("web password owner --stdin <&-", "ambient-player: a password"),
        ("history --csv - >&-", ""),
        ("history --csv - <&- >&- 2>&-", ""),
    ],
)
def test_standard_streams_may_be_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, said: str
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    if words.startswith("history"):
        Library(tmp_path / "ambient-player" / "library.db").close()
    command = ["sh", "-c", f'"{sys.executable}" -m player {words}']
    done = subprocess.run(command, cwd=resources.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == bool(said), done.stderr
    assert done.stderr.startswith(said)


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


def test_a_config_from_a_pipe_is_read_once_and_whole(command: Command, tmp_path: Path) -> None:
    """As `check -c /dev/stdin` and `check -c <(...)`."""
    for words, said in (("check", "but /nowhere (library.folders)"), ("config get playback.volume", "33\n")):
        ends = os.pipe()
        os.write(ends[1], b"library: {folders: [/nowhere]}\nplayback: {volume: 33}\n")
        os.close(ends[1])
        try:
            code, out, _ = command(*words.split(), "--config", f"/dev/fd/{ends[0]}")
        finally:
            os.close(ends[0])
        assert (code, said in out) == (0, True), out


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


EVERY_NAMED = (
    "status", "run", "demo", "check", "doctor", "library list", "library taste show", "config path",
    "config get", "history", "web password", "service status", "volume", "announce", "playlist",
)  # fmt: skip


@pytest.mark.parametrize("words", EVERY_NAMED)
def test_every_command_takes_a_name_and_refuses_nonsense(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: str
) -> None:
    monkeypatch.setenv(VARIABLE, "")
    for said in ([*words.split(), "--name", "../x"], ["--name=../x", *words.split()]):
        code, out, err = command(*said)
        assert (code, out) == (2, ""), err
        assert err.startswith("--name: found '../x'; allowed is")
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("words", ["run --name terrace", "--name terrace check", "doctor --name=terrace"])
def test_a_player_with_a_name_has_a_config_of_its_own_or_none(
    command: Command, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    monkeypatch.setenv(VARIABLE, "")
    code, _, err = command(*words.split())
    assert code == 2
    path, _, said = err.partition(": ")
    assert path.endswith("/config-terrace.yaml")
    assert said == "there is no such file; `ambient-player config init --name terrace` writes one.\n"


def test_a_command_goes_to_the_player_of_its_name_also_before_that_has_a_config(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "")
    with TemporaryDirectory() as short:  # a socket's path may have 107 bytes
        monkeypatch.setenv("XDG_STATE_HOME", short)
        place = Path(short) / "ambient-player" / "players" / "terrace" / "control.sock"
        listening = socket.LocalSocket(place, lambda _: Done("paused on the terrace"))
        listening.start()
        try:
            assert command("pause", "--name", "terrace") == (0, "paused on the terrace\n", "")
        finally:
            listening.stop()


LONG = "x" * 300
"""A name that no disk takes: as good as a folder that is closed, also where the tests are root's."""


@pytest.mark.parametrize(
    ("words", "expected", "said"),
    [
        ("backup {long}/b.zip", 1, "cannot be written (File name too long)"),
        ("restore {long}", 1, "cannot be read (File name too long)"),
        ("config get --config {long}", 2, "cannot be read (File name too long)"),
        ("config set playback.volume 41 --config {long}", 2, "cannot be read (File name too long)"),
        ("config unset playback.volume --config {long}", 2, "cannot be read (File name too long)"),
        (
            "playlist --mood calm --config {config}",
            1,
            "cannot be read (File name too long): check its folder.",
        ),
        ("library export --csv {config}.csv --config {config}", 1, "(File name too long): check its folder."),
        ("library map {config}.svg --config {config}", 1, "(File name too long): check its folder."),
    ],
)
def test_a_place_that_cannot_be_used_is_one_sentence(
    command: Command, tmp_path: Path, words: str, expected: int, said: str
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(f"state_dir: {tmp_path / LONG}\n")
    code, _, err = command(*words.format(long=tmp_path / LONG, config=config).split())
    assert code == expected
    (line,) = err.splitlines()
    assert said in line


def test_a_check_of_updates_tells_that_the_library_cannot_be_looked_at(
    command: Command, tmp_path: Path
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(f"state_dir: {tmp_path / LONG}\n")
    code, out, err = command("update", "--check", "--config", str(config))
    assert (code, err) == (1, "")
    assert "library.db cannot be looked at (File name too long)" in " ".join(out.split())


def test_what_nobody_foresaw_of_a_file_is_a_sentence_too(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> list[str]:
        raise OSError(5, "Input/output error", "/mnt/usb/x")

    monkeypatch.setattr(loader, "doubts_about", failing)
    assert command("check") == (1, "", "ambient-player: /mnt/usb/x cannot be used (Input/output error).\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
@pytest.mark.parametrize("words", ["moods", "moods --json"])
def test_a_full_disk_behind_what_is_printed_is_one_sentence(words: str) -> None:
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "player", *words.split()]
        done = subprocess.run(
            command, cwd=resources.ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("ambient-player: what was printed cannot be written (No space left on device)")


def test_a_folder_that_is_gone_is_said(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    said = "ambient-player: the folder that you are in is gone: go to another.\n"
    assert command("announce", "gong.wav") == (1, "", said)


def test_settings_in_a_folder_that_is_closed_are_not_taken_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    own = Path("/closed/config.yaml")

    def closed(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(loader, "own_path", lambda: own)
    monkeypatch.setattr(Path, "is_file", closed)
    assert loader.default_path() == own


def test_what_is_no_file_is_said_and_nothing_is_to_be_removed(command: Command, tmp_path: Path) -> None:
    mistyped = tmp_path / "mistyped.mp3"
    code, out, _ = command("library", "analyze", str(tmp_path), str(mistyped))
    assert (code, [json.loads(line)["error"] for line in out.splitlines()]) == (
        1,
        [
            f"{tmp_path} is a folder: name the files in it.",
            f"There is no file {mistyped}: correct its name, or bring it back.",
        ],
    )
