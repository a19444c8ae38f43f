"""config.yaml over the commands: written, taken over, and taken back if the player refuses it."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from subprocess import run
from typing import Any

import pytest

from player.config import loader
from player.config.settings.config import Config
from player.errors import (
    ArgumentError,
    BusyError,
    ConfigChangedError,
    ConfigError,
    ConfigFileError,
    ControlError,
    ErrorCode,
    MissingError,
    NeedsRestartError,
    PlayerError,
)
from player.interfaces.command_table import read_request
from player.interfaces.handlers.config import ConfigCommands
from tests.support import small_disk

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
TEXT = "playback:\n  volume: 70  # mine\ncamera: {source: 'rtsp://u:geheim@host/x'}\n"


class Player:
    """Takes config.yaml over as the real one does: all of it or nothing."""

    def __init__(self, path: Path) -> None:
        self.path, self.refusal = path, ""
        self.error: type[ConfigError] = ConfigError
        self.volumes: list[int] = []

    def reload(self) -> list[str]:
        if self.refusal:
            raise self.error([self.refusal])
        self.volumes.append(loader.load(self.path).playback.volume)
        return ["playback"]


class House:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "config.yaml"
        self.path.write_text(TEXT, encoding="utf-8")
        self.player = Player(self.path)
        self.commands = ConfigCommands(self.path, folder / "versions", lambda: NOW, self.player.reload)

    def ask(self, command: str, **fields: Any) -> dict[str, Any]:
        request = read_request(command, None, fields)
        answer: Any = self.commands.handlers()[type(request)](request)
        said: dict[str, Any] = answer.as_json()
        return said


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_what_is_read_makes_a_form(house: House) -> None:
    said = house.ask("config")
    assert said["values"]["playback"]["volume"] == 70
    assert said["given"] == ("playback.volume", "camera.source")
    assert "geheim" not in str(said)
    (volume,) = (field for field in said["settings"] if field["key"] == "playback.volume")
    assert (volume["type"], volume["unit"], volume["minimum"], volume["maximum"]) == (
        "whole number",
        "%",
        0,
        100,
    )
    assert volume["help"].startswith("percent, 0 to 100")


def test_what_is_written_holds_at_once(house: House) -> None:
    etag = house.ask("config")["etag"]
    said = house.ask("config_write", changes={"playback.volume": 40}, base=etag)
    assert said["changed"] == ("playback.volume",)
    assert house.player.volumes == [40]
    assert house.path.read_text(encoding="utf-8") == TEXT.replace("70", "40")
    assert said["etag"] == house.ask("config")["etag"] != etag


def test_what_the_player_refuses_is_taken_back(house: House) -> None:
    house.player.refusal = "rules: cannot be."
    with pytest.raises(
        ControlError, match=r"the player refuses it, and config.yaml is as it was: rules: cannot"
    ):
        house.ask("config_write", changes={"playback.volume": 40})
    assert house.path.read_text(encoding="utf-8") == TEXT
    house.player.refusal = ""
    assert house.ask("config")["versions"] == []


def test_a_player_that_stops_is_no_refusal_for_good(tmp_path: Path) -> None:
    def reload() -> list[str]:
        raise BusyError("the player is stopping: it reads config.yaml at its next start.")

    house = House(tmp_path)
    house.commands = ConfigCommands(house.path, tmp_path / "versions", lambda: NOW, reload)
    with pytest.raises(BusyError, match="is as it was"):
        house.ask("config_write", changes={"playback.volume": 40})
    assert house.path.read_text(encoding="utf-8") == TEXT


@pytest.mark.skipif(not small_disk.POSSIBLE, reason="needs the right to mount")
def test_a_full_disk_is_no_fault_of_the_settings(tmp_path: Path) -> None:
    with small_disk.small_disk(tmp_path / "disk", 256) as disk:
        house = House(disk)
        small_disk.fill(disk)
        with pytest.raises(ConfigFileError, match="make room on its disk") as refusal:
            house.ask("config_write", changes={"playback.volume": 40})
        assert refusal.value.code is ErrorCode.DISK
        small_disk.make_room(disk)
        house.ask("config_write", changes={"playback.volume": 40})
    assert house.player.volumes == [40]


def test_a_file_that_cannot_be_read_is_no_fault_of_the_settings(house: House) -> None:
    house.path.unlink()
    house.path.symlink_to(house.path.parent / "nowhere" / "config.yaml")
    with pytest.raises(ConfigFileError) as refusal:
        house.ask("config_write", changes={"playback.volume": 40})
    assert refusal.value.code is ErrorCode.DISK


def test_what_needs_a_restart_is_written_and_said(house: House) -> None:
    said = house.ask("config_write", changes={"state_dir": "/srv/x", "playback.volume": 40})
    assert said["needs_restart"] == ("state_dir",)
    assert "needs a restart" in said["message"]
    assert house.player.volumes == []
    house.player.refusal, house.player.error = "state_dir: has changed.", NeedsRestartError
    assert "from then on" in house.ask("config_write", changes={"playback.volume": 30})["message"]
    assert loader.load(house.path).playback.volume == 30


def test_a_change_of_what_somebody_else_changed_is_refused(house: House) -> None:
    etag = house.ask("config")["etag"]
    house.ask("config_write", changes={"playback.volume": 40}, base=etag)
    with pytest.raises(ConfigChangedError):
        house.ask("config_write", changes={"playback.volume": 30}, base=etag)
    with pytest.raises(ConfigChangedError):
        house.ask("config_revert", version=1, base=etag)


def test_a_check_says_all_that_is_wrong_and_writes_nothing(house: House) -> None:
    said = house.ask("config_check", changes={"playback.volume": 400, "mood.lift": 7})
    assert (said["valid"], len(said["problems"])) == (False, 2)
    assert house.ask("config_check", changes={"camera.source": "http://"})["doubts"]
    assert house.path.read_text(encoding="utf-8") == TEXT
    with pytest.raises(ArgumentError, match="found 400"):
        house.ask("config_write", changes={"playback.volume": 400})


def test_a_check_asks_the_player_too(tmp_path: Path) -> None:
    house = House(tmp_path)

    def refuse(config: Config) -> None:
        if config.web.listen == "0.0.0.0":
            raise ControlError("not without a password.")

    house.commands = ConfigCommands(house.path, tmp_path, datetime.now, house.player.reload, refuse)
    said = house.ask("config_check", changes={"web.listen": "0.0.0.0"})
    assert (said["valid"], said["problems"]) == (False, ("not without a password.",))
    assert house.ask("config_check", changes={"web.listen": "::1"})["valid"]


def test_an_earlier_version_comes_back_at_once(house: House) -> None:
    house.ask("config_write", changes={"playback.volume": 40})
    (version,) = house.ask("config")["versions"]
    house.ask("config_revert", version=version["number"])
    assert house.player.volumes == [40, 70]
    with pytest.raises(MissingError, match="no version 99"):
        house.ask("config_revert", version=99)


def test_a_broken_file_is_shown_with_the_way_out(house: House) -> None:
    house.ask("config_write", changes={"playback.volume": 40})
    house.path.write_text("playback: [", encoding="utf-8")
    said = house.ask("config")
    assert said["problems"]
    assert said["values"] == {}
    house.ask("config_revert", version=said["versions"][0]["number"])
    assert house.player.volumes[-1] == loader.load(house.path).playback.volume


@pytest.mark.parametrize(
    "fields", [{}, {"changes": 5}, {"changes": {}}, {"changes": {"playback.volume": 5}, "x": 1}]
)
def test_what_is_no_change_is_refused(house: House, fields: dict[str, Any]) -> None:
    with pytest.raises(PlayerError):
        house.ask("config_write", **fields)
    assert house.path.read_text(encoding="utf-8") == TEXT


def test_nobody_carries_the_editor_who_does_not_edit() -> None:
    names = "[name for name in sys.modules if name.startswith('player.config.editing')]"
    code = f"import sys, player.components; print({names})"
    said = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
