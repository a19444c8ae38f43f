"""`ambient-player config ...` on a file of the owner's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from player.config import loader
from player.errors import ArgumentError, NeedsRestartError
from player.interfaces.messages.base import Answer, Request
from player.interfaces.messages.playing import ReloadAnswer
from player.interfaces.socket import LocalSocket
from tests.unit.cli.conftest import Command

TEXT = "playback:\n  volume: 70  # mine\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_a_setting_is_changed_shown_and_reset(command: Command, path: Path) -> None:
    config = ("--config", str(path))
    code, out, _ = command("config", "set", "playback.volume", "40", *config)
    assert (code, path.read_text(encoding="utf-8")) == (0, TEXT.replace("70", "40"))
    assert "It holds from the next start" in out
    assert command("config", "get", "playback.volume", *config) == (0, "40\n", "")
    command("config", "set", "playback.volume", "20", *config)
    code, out, _ = command("config", "versions", "--json", *config)
    assert [json.loads(line)["number"] for line in out.splitlines()] == [2, 1]
    assert command("config", "revert", "1", *config)[0] == 0
    assert path.read_text(encoding="utf-8") == TEXT
    command("config", "set", "playback.volume", "20", *config)
    command("config", "unset", "playback.volume", *config)
    assert path.read_text(encoding="utf-8") == TEXT


def test_behind_a_password_that_is_set_all_else_is_said(command: Command, path: Path) -> None:
    code, out, _ = command("config", "set", "mqtt.password", "Tr0ub4dor", "--config", str(path))
    assert code == 0
    assert out.startswith(f"mqtt.password = ***; written to {path}. It holds from the next start")


@pytest.mark.parametrize("more", [("--config", "{}/none.yaml"), ("--name", "terrace")])
def test_a_file_that_is_not_there_has_no_settings_to_show(
    command: Command, tmp_path: Path, more: tuple[str, str]
) -> None:
    code, out, err = command("config", "get", more[0], more[1].format(tmp_path))
    assert (code, out) == (2, "")
    assert ": there is no such file; " in err


@pytest.mark.parametrize(
    ("words", "after"),
    [
        (("playback.night.bass_db", "-5"), -5),
        (("library.folders", "[/a, /b c]"), ["/a", "/b c"]),
        (("timezone", "Asia/Seoul"), "Asia/Seoul"),
        (("camera.source", "0"), "0"),
        (("camera.loop", "off"), False),
        (("dayparts.evening.start", "19:30"), "19:30"),
        (("hours.open", "{sat: '10:00-02:00'}"), {"sat": "10:00-02:00"}),
        (("vision.blip.prompt", "on"), "on"),
    ],
)
def test_words_are_taken_as_the_setting_takes_them(
    command: Command, path: Path, words: tuple[str, str], after: object
) -> None:
    assert command("config", "set", *words, "--config", str(path))[0] == 0
    code, out, _ = command("config", "get", words[0], "--json", "--config", str(path))
    assert (code, json.loads(out)) == (0, after)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("set", "playback.volume", "400"), 2, "found 400; allowed is a whole number from 0 to 100"),
        (("set", "playback.vol", "4"), 2, "did you mean 'volume'?"),
        (("set", "library.folders", "[a"), 2, "is no list"),
        (("get", "playback.vol"), 2, "did you mean 'volume'?"),
        (("unset", "nothing"), 2, "unknown key"),
        (("revert", "9"), 1, "there is no version 9; none is kept"),
    ],
)
def test_what_cannot_be_is_a_sentence_and_changes_nothing(
    command: Command, path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    ended, _, error = command("config", *words, "--config", str(path))
    assert (ended, path.read_text(encoding="utf-8")) == (code, TEXT)
    assert said in error


def test_no_password_is_printed(command: Command, path: Path) -> None:
    path.write_text("camera: {source: 'rtsp://u:geheim@host/x'}\n", encoding="utf-8")
    for words in (("get",), ("get", "camera.source"), ("set", "playback.volume", "3"), ("versions",)):
        _, out, error = command("config", *words, "--config", str(path))
        assert "geheim" not in out + error
    assert "geheim" in path.read_text(encoding="utf-8")


class Player:
    """Listens where the real one does."""

    def __init__(self, path: Path) -> None:
        self.path, self.refusal = path, ""
        self.volumes: list[int] = []

    def __call__(self, request: Request) -> Answer:
        if self.refusal:
            raise ArgumentError(self.refusal)
        self.volumes.append(loader.load(self.path).playback.volume)
        return ReloadAnswer("config.yaml was read again; changed: playback", ("playback",))


def test_a_player_that_runs_takes_it_over_or_it_is_taken_back(
    command: Command, path: Path, tmp_path: Path
) -> None:
    path.write_text(f"control: {{socket: {tmp_path}/c.sock}}\n{TEXT}", encoding="utf-8")
    player = Player(path)
    listening = LocalSocket(tmp_path / "c.sock", player)
    listening.start()
    try:
        code, out, _ = command("config", "set", "playback.volume", "40", "--config", str(path))
        assert (code, player.volumes) == (0, [40])
        assert "Config.yaml was read again" in out
        command("config", "set", "playback.volume", "41", "--no-reload", "--config", str(path))
        assert player.volumes == [40]
        player.refusal = "rules: cannot be.\nhours: nor can they."
        code, _, error = command("config", "set", "playback.volume", "42", "--config", str(path))
        assert code == 1
        assert "the player refuses it, and config.yaml is as it was: rules: cannot be.\nhours: nor" in error
        assert loader.load(path).playback.volume == 41
        player.refusal = f"state_dir: {NeedsRestartError.SAID}: stop the player and start it."
        assert command("config", "set", "playback.volume", "43", "--config", str(path))[0] == 0
        assert loader.load(path).playback.volume == 43
    finally:
        listening.stop()
