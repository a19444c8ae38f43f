"""The command line has every command of the table, as the table has it, and sends what was meant."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from typer.main import get_command
from typer.testing import CliRunner

from player.cli import main
from player.interfaces.command_table import COMMANDS, Answer, CommandSpec, Done, Request, StatusAnswer
from player.interfaces.socket import LocalSocket

runner = CliRunner()


class Listener:
    """A player that notes what it is told."""

    def __init__(self, folder: Path) -> None:
        self.config = folder / "config.yaml"
        self.config.write_text(yaml.safe_dump({"state_dir": str(folder)}))
        self.asked: list[Request] = []
        self.socket = LocalSocket(folder / "control.sock", self.execute)

    def execute(self, request: Request) -> Answer:
        self.asked.append(request)
        return Done("done")

    def tell(self, *words: str) -> tuple[int, str]:
        """Run `ambient-player`; its exit code and all that it printed."""
        result = runner.invoke(main.app, [*words, "--config", str(self.config)], env={"COLUMNS": "200"})
        return result.exit_code, result.output


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    with TemporaryDirectory() as folder:
        listening = Listener(Path(folder))
        listening.socket.start()
        yield listening
        listening.socket.stop()


@pytest.fixture(autouse=True)
def nothing_asked(listener: Listener) -> None:
    listener.asked.clear()


@pytest.mark.parametrize("spec", COMMANDS.values(), ids=COMMANDS)
def test_every_command_of_the_table_is_there_with_its_help_and_argument(spec: CommandSpec) -> None:
    command = get_command(main.app).commands[spec.name]  # type: ignore[attr-defined]
    assert command.help == spec.help
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    assert [one.metavar for one in arguments] == ([spec.metavar] if spec.argument else [])
    assert all(one.required for one in arguments)


@pytest.mark.parametrize("spec", [spec for spec in COMMANDS.values() if spec.name != "status"])
def test_a_command_arrives_as_it_was_meant(listener: Listener, spec: CommandSpec) -> None:
    words = [spec.example] if spec.example else []
    assert listener.tell(spec.name, *words) == (0, "done\n")
    assert listener.asked == [spec.read(spec.example)]


def test_the_status_is_printed_as_json_without_ok(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    with TemporaryDirectory() as folder:
        other = Listener(Path(folder))
        other.socket = LocalSocket(Path(folder) / "control.sock", lambda _: StatusAnswer({"room": "quiet"}))
        other.socket.start()
        try:
            assert other.tell("status", "--json") == (0, '{"room": "quiet"}\n')
        finally:
            other.socket.stop()


def test_a_sentence_needs_no_quotes(listener: Listener) -> None:
    listener.tell("pin", "rainy", "sunday", "morning")
    assert [request.argument for request in listener.asked] == ["rainy sunday morning"]


def test_a_file_is_named_from_here(
    listener: Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    listener.tell("announce", "gong.wav")
    assert [request.argument for request in listener.asked] == [str(tmp_path / "gong.wav")]


def test_words_in_an_old_encoding_arrive_as_text(listener: Listener) -> None:
    listener.tell("pin", os.fsdecode("gemütlich".encode("latin-1")))
    assert [request.argument for request in listener.asked] == ["gemütlich"]


@pytest.mark.parametrize(
    "words",
    [
        *[("volume", "300"), ("volume", "loud"), ("volume", "1e999"), ("volume", "nan"), ("volume", "")],
        *[("seek", "nan"), ("seek", "1:-30"), ("seek", "soon"), ("night", "dark"), ("camera", "perhaps")],
        *[("pin", " "), ("pin", "x" * 501), ("announce", "x" * 5000), ("volume", os.fsdecode(b"caf\xe9"))],
    ],
    ids=lambda words: ascii(words)[:30],
)
def test_nonsense_is_refused_in_words_before_anything_is_sent(
    listener: Listener, words: tuple[str, ...]
) -> None:
    code, said = listener.tell(*words)
    assert code == 2
    assert f"{words[0]} takes " in said
    assert not listener.asked


def test_a_refusal_at_the_terminal_holds_no_password(listener: Listener) -> None:
    _, said = listener.tell("volume", "rtsp://me:hunter2@10.0.0.5/s")
    assert "volume takes" in said
    assert "hunter2" not in said
