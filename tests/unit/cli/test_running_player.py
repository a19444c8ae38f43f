"""Where the running player is found: real processes that look like it, with real sockets."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from player.cli.running_player import control_socket
from player.config import loader
from player.errors import ConfigError
from player.system.player_name import VARIABLE
from player.system.proc import Proc

PLAYER = """
import socket, sys
listening = socket.socket(socket.AF_UNIX)
listening.bind(sys.argv[-1])
listening.listen()
print("ready", flush=True)
sys.stdin.read()
"""
Start = Callable[..., None]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts what looks like a player, with these words on its command line, listening at the last."""
    program, running = tmp_path / "ambient-player", []
    program.write_text(PLAYER)

    def started(*words: str, cwd: Path = tmp_path) -> None:
        process = subprocess.Popen(
            [sys.executable, str(program), *words], cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        running.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"

    yield started
    for process in running:
        process.communicate()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that holds the state if no config says another."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "ambient-player"


@pytest.fixture(autouse=True)
def no_player_of_its_owners(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have a player that plays."""

    everybody = Proc.pids

    def started_here(proc: Proc) -> list[int]:
        found = []
        for pid in everybody(proc):
            with suppress(OSError):  # it has ended meanwhile
                found += [pid] if proc.stat(pid).parent == os.getpid() else []
        return found

    monkeypatch.setattr(Proc, "pids", started_here)


BROKEN = ["camera: [", "a: \t\0", "state_dir: ~no-such-user/x", "- 1", "control: {socket: [1]}"]


@pytest.mark.parametrize("text", BROKEN)
@pytest.mark.parametrize("words", [("--config", "shop.yaml"), ("-c", "./shop.yaml"), ("--config=shop.yaml",)])
def test_a_file_that_has_since_been_broken_leads_to_the_player_that_was_started_with_it(
    tmp_path: Path, start: Start, text: str, words: tuple[str, ...]
) -> None:
    shop = tmp_path / "shop.yaml"
    shop.write_text(text)
    start("run", "--config", "other.yaml", "other.sock")
    start("run", *words, str(tmp_path / "here.sock"))
    assert control_socket(shop) == tmp_path / "here.sock"


def test_a_player_stays_where_it_was_when_the_file_names_another_place(tmp_path: Path, start: Start) -> None:
    shop = tmp_path / "shop.yaml"
    shop.write_text("state_dir: new")
    assert control_socket(shop) == tmp_path / "new" / "control.sock"
    start("run", "-c", str(shop), str(tmp_path / "old.sock"))
    assert control_socket(shop) == tmp_path / "old.sock"
    assert not (tmp_path / "new").exists(), "to look for it changes nothing"


def test_the_checkout_s_config_is_the_one_that_nobody_named(tmp_path: Path, start: Start) -> None:
    start("run", str(tmp_path / "here.sock"))
    assert control_socket(loader.default_path()) == tmp_path / "here.sock"


@pytest.mark.parametrize("ours", ["", "terrace", "bar"])
def test_of_several_players_each_is_found_by_its_name(
    tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch, ours: str
) -> None:
    """They share a config that has since been edited, so that only their processes say where they are."""
    shop = tmp_path / "shop.yaml"
    shop.write_text("state_dir: new")
    start("run", "-c", str(shop), "--name", "terrace", str(tmp_path / "terrace.sock"))
    start("run", "-c", str(shop), str(tmp_path / ".sock"))
    monkeypatch.setenv(VARIABLE, "bar")
    start("run", "-c", str(shop), str(tmp_path / "bar.sock"))
    monkeypatch.setenv(VARIABLE, ours)
    assert control_socket(shop) == tmp_path / f"{ours}.sock"


def test_a_player_with_a_name_is_not_taken_for_the_one_without(tmp_path: Path, start: Start) -> None:
    start("run", "--name=terrace", str(tmp_path / "terrace.sock"))
    assert control_socket(loader.default_path()) != tmp_path / "terrace.sock"


def test_where_no_player_runs_the_broken_file_is_what_is_said(
    tmp_path: Path, start: Start, home: Path
) -> None:
    shop = tmp_path / "shop.yaml"
    shop.write_text(BROKEN[0])
    start("check", "-c", str(shop), str(tmp_path / "no.sock"))
    with pytest.raises(ConfigError, match="this is not YAML"):
        control_socket(shop)
    home.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as usual:
        usual.bind(str(home / "control.sock"))
        usual.listen()
        assert control_socket(shop) == home / "control.sock"


def test_what_the_file_says_comes_first(tmp_path: Path, start: Start) -> None:
    shop = tmp_path / "shop.yaml"
    shop.write_text("control: {socket: here.sock}\nvolumne: 5")
    start("run", "-c", str(shop), str(tmp_path / "old.sock"))
    with socket.socket(socket.AF_UNIX) as named:
        named.bind(str(tmp_path / "here.sock"))
        assert control_socket(shop) == tmp_path / "old.sock", "nobody listens at the other one"
        named.listen()
        assert control_socket(shop) == tmp_path / "here.sock"
