"""Names of several players on one machine: which are taken, and what is told apart by them."""

from __future__ import annotations

from pathlib import Path

import pytest

from player.config import loader
from player.config.settings.config import Config
from player.config.settings.mqtt import MqttSettings
from player.errors import ConfigError
from player.interfaces.front.mdns import names
from player.interfaces.front.mpris.service import own_name
from player.interfaces.front.mqtt.run import topics_of
from player.privacy import environment
from player.state import places, state_file
from player.system import player_name

NONSENSE = (
    "..",
    "a/b",
    "Bar",
    "2nd",
    "-x",
    "x-",
    "a b",
    "bar\n",
    "바",
    "a" * 33,
    "x" * 100_000,
    "\x1b[2J",
    "%i",
    "a.b",
)


@pytest.mark.parametrize("name", NONSENSE, ids=range(len(NONSENSE)))
def test_a_name_that_is_none_is_refused_in_one_short_line(name: str) -> None:
    with pytest.raises(ConfigError, match="allowed is a name such as terrace") as refused:
        player_name.player_name({player_name.VARIABLE: name})
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("name", ["", "a", "terrace", "room-2", "a" * 32])
def test_a_name_is_taken_as_it_is(name: str) -> None:
    assert player_name.player_name({player_name.VARIABLE: name}) == name
    assert player_name.player_name({}) == ""


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["run", "--name", "bar"], "bar"),
        (["--name=bar", "run"], "bar"),
        (["run"], "of-environment"),
        (["run", "--name"], ""),
    ],
)
def test_whose_process_it_is_stands_on_its_command_line_or_in_its_environment(
    words: list[str], name: str
) -> None:
    assert player_name.named_in(words, {player_name.VARIABLE: "of-environment"}) == name


def test_whatever_two_players_would_fight_over_has_the_name_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/srv/x")
    shared = Config.model_validate({"state_dir": "/srv/s", "control": {"socket": "/run/p.sock"}})

    def all_of_it() -> list[object]:
        return [
            *(state_file.state_place(config) for config in (Config(), shared)),
            *(state_file.socket_path(config) for config in (Config(), shared)),
            *places.sockets(Config()),
            loader.own_path(),
            loader.default_path(),
            names.host(),
            names.label(""),
            own_name(),
            topics_of(MqttSettings()),
        ]

    found = []
    for name in ("", "terrace", "room-2"):
        monkeypatch.setenv(player_name.VARIABLE, name)
        found.append(all_of_it())
    for each in zip(*found, strict=True):
        assert len(set(each)) == 3, each
    assert found[1][0] == Path("/srv/x/ambient-player") / "players" / "terrace"
    assert found[1][1] == Path("/srv/s") / "players" / "terrace"
    assert found[1][3] == Path("/run/p-terrace.sock")


def test_without_a_home_the_stand_ins_of_two_players_are_two(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError

    monkeypatch.setattr(Path, "home", no_home)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setenv(player_name.VARIABLE, "")
    unnamed = places.sockets(Config())
    monkeypatch.setenv(player_name.VARIABLE, "terrace")
    assert not set(unnamed) & set(places.sockets(Config()))


def test_the_player_s_own_processes_know_its_name_and_nobody_else_does() -> None:
    given = {player_name.VARIABLE: "terrace"}
    assert environment.inner(given)[player_name.VARIABLE] == "terrace"
    assert player_name.VARIABLE not in environment.plain(given)
