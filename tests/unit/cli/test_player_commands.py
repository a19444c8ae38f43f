"""The command line has every command of the table, as the table has it, and sends what was meant."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from typer.main import get_command

from player.cli import main
from player.errors import ConfigError, ControlError, PlayerError
from player.interfaces.command_table import COMMANDS, CommandSpec, flag
from player.interfaces.messages.base import Answer, Done, Request, Stream
from player.interfaces.messages.library import LibraryProblemsAnswer, TrackAnswer
from player.interfaces.messages.support import ReportAnswer
from player.interfaces.messages.teaching import TeachAnswer
from player.interfaces.socket import LocalSocket
from player.library.queries.records import ProblemFile, TrackPlay
from player.status import as_json
from tests.fakes.answers_of_player import CARD
from tests.fakes.status import Said, playback, whole
from tests.fakes.streams import Lines
from tests.unit.cli.conftest import Command

AT_TERMINAL = [spec for spec in COMMANDS.values() if spec.at_terminal]
Tell = Callable[..., tuple[int, str, str]]


class Listener:
    """A player that notes what it is told.

    answer  what it says, or raises
    """

    def __init__(self, folder: Path, answer: Answer) -> None:
        self.config = folder / "config.yaml"
        self.config.write_text(yaml.safe_dump({"state_dir": str(folder)}))
        self.asked: list[Request] = []
        self.answer: Answer | Stream | PlayerError = answer
        self.socket = LocalSocket(folder / "control.sock", self.execute)

    def execute(self, request: Request) -> Answer | Stream:
        self.asked.append(request)
        if isinstance(self.answer, PlayerError):
            raise self.answer
        return self.answer


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    with TemporaryDirectory() as folder:
        listening = Listener(Path(folder), Done("done"))
        listening.socket.start()
        yield listening
        listening.socket.stop()


@pytest.fixture
def tell(command: Command, listener: Listener, monkeypatch: pytest.MonkeyPatch) -> Tell:
    """Runs `ambient-player` with the listener's config on a wide terminal."""
    monkeypatch.setenv("COLUMNS", "200")
    listener.asked.clear()
    return lambda *words: command(*words, "--config", str(listener.config))


@pytest.mark.parametrize("spec", AT_TERMINAL)
def test_every_command_of_the_table_is_there_with_its_help_and_argument(spec: CommandSpec) -> None:
    command = get_command(main.app).commands[spec.name]  # type: ignore[attr-defined]
    assert command.help == spec.help
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    assert [one.metavar for one in arguments] == ([spec.metavar] if spec.argument else [])
    assert [one.required for one in arguments] == ([spec.argument[1].is_required()] if spec.argument else [])
    options = {option for one in command.params for option in one.opts}
    assert {flag(name, info) for name, info in spec.options.items()} <= options


@pytest.mark.parametrize("spec", [spec for spec in AT_TERMINAL if issubclass(spec.answer, Done)])
def test_a_command_arrives_as_it_was_meant(tell: Tell, listener: Listener, spec: CommandSpec) -> None:
    assert tell(*shlex.split(spec.usage)) == (0, "done\n", "")
    assert listener.asked == [spec.read(more=spec.example)]


def test_the_status_is_printed_as_json_without_ok(
    tell: Tell, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "answer", Said({"room": "quiet"}))
    assert tell("status", "--json") == (0, '{"room": "quiet"}\n', "")


def test_each_change_of_the_status_is_a_line(
    tell: Tell, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = as_json(whole())
    louder = as_json(replace(whole(), playback=playback(volume_wanted=80, position_s=9.0)))
    same = as_json(replace(whole(), playback=playback(volume_wanted=80, position_s=11.0)))
    lines = [
        {"id": "a-1", "status": first},
        {"id": "a-2", "status": louder},
        {"id": "a-2", "heartbeat": True, "status": same},
    ]
    monkeypatch.setattr(listener, "answer", Lines(lines))
    code, out, said = tell("status", "--watch")
    assert (code, "has stopped" in said) == (1, True)
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d playing · Song by Band · volume 70 % · it is quiet\n"
        r"\d\d:\d\d:\d\d playing · Song by Band · volume 80 % · it is quiet\n",
        out,
    )
    monkeypatch.setattr(listener, "answer", Lines(lines))
    assert [json.loads(line) for line in tell("status", "--watch", "--json")[1].splitlines()] == [
        json.loads(json.dumps(said)) for said in (first, louder)
    ]


def test_a_sentence_needs_no_quotes(tell: Tell, listener: Listener) -> None:
    tell("pin", "rainy", "sunday", "morning")
    assert [request.argument for request in listener.asked] == ["rainy sunday morning"]


def test_a_number_below_nothing_is_no_option(tell: Tell, listener: Listener) -> None:
    assert tell("sensor", "temperature", "-3.5")[0] == 0
    assert [request.argument for request in listener.asked] == ["temperature -3.5"]


def test_a_file_is_named_from_here(
    tell: Tell, listener: Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tell("announce", "gong.wav")
    assert [request.argument for request in listener.asked] == [str(tmp_path / "gong.wav")]


def test_words_in_an_old_encoding_arrive_as_text(tell: Tell, listener: Listener) -> None:
    tell("pin", os.fsdecode("gemütlich".encode("latin-1")))
    assert [request.argument for request in listener.asked] == ["gemütlich"]


@pytest.mark.parametrize(
    "words",
    [
        *[("volume", "300"), ("volume", "loud"), ("volume", "1e999"), ("volume", "nan"), ("volume", "")],
        *[("seek", "nan"), ("seek", "1:-30"), ("seek", "soon"), ("night", "dark"), ("camera", "perhaps")],
        *[("volume", "-3"), ("seek", "-5")],
        *[("pin", " "), ("pin", "x" * 501), ("announce", "x" * 5000), ("volume", os.fsdecode(b"caf\xe9"))],
    ],
    ids=lambda words: ascii(words)[:30],
)
def test_nonsense_is_refused_in_words_before_anything_is_sent(
    tell: Tell, listener: Listener, words: tuple[str, ...]
) -> None:
    code, _, said = tell(*words)
    assert code == 2
    assert f"{words[0]} takes " in said
    assert not listener.asked


def test_a_refusal_at_the_terminal_holds_no_password(tell: Tell, listener: Listener) -> None:
    _, out, said = tell("volume", "rtsp://me:hunter2@10.0.0.5/s")
    assert "volume takes" in said
    assert "hunter2" not in out + said


@pytest.mark.parametrize(
    ("words", "answer", "said"),
    [
        ("report", ReportAnswer("a\n\nb\x1b"), (0, "a\n\nb \n", "")),
        ("teach list", TeachAnswer("a\nb", ()), (0, "a\nb\n", "")),
        ("next", Done("a\nb"), (0, "a b\n", "")),
        ("reload", ConfigError(["a", "b"]), (1, "", "ambient-player: a\nb\n")),
        ("next", ControlError("a\nb"), (1, "", "ambient-player: a b\n")),
    ],
)
def test_what_is_made_of_lines_is_printed_in_lines_and_all_else_in_one(
    tell: Tell,
    listener: Listener,
    monkeypatch: pytest.MonkeyPatch,
    words: str,
    answer: Answer | PlayerError,
    said: tuple[int, str, str],
) -> None:
    monkeypatch.setattr(listener, "answer", answer)
    assert tell(*words.split()) == said


GONE = ProblemFile(7, "/music/a\n.mp3", "", "", "missing", "It is not there any more.", "Put it back.")


@pytest.mark.parametrize(
    ("words", "answer", "said"),
    [
        ("problems", LibraryProblemsAnswer((), None), ["no file has a problem."]),
        (
            "problems 1",
            LibraryProblemsAnswer((GONE,), "[7]"),
            [
                "/music/a .mp3: It is not there any more. Put it back.",
                "more: `ambient-player problems 1 --after '[7]'`",
            ],
        ),
        (
            "track 12",
            TrackAnswer(CARD),
            [
                "Halo by Beyoncé (4:21)",
                "file     /music/halo.mp3",
                "mood     calm by analysis (valence +0.40, energy -0.20)",
                "plays    0",
            ],
        ),
        (
            "track 12",
            TrackAnswer(
                replace(
                    CARD,
                    artist="",
                    album="I Am",
                    track_no=3,
                    mood=None,
                    loudness_lufs=-9.1,
                    excluded=("It is explicit.",),
                    feedback={"liked": 1},
                    plays=2,
                    last_plays=(TrackPlay("2026-05-01T12:00:00+02:00", None),),
                )
            ),
            [
                "Halo (4:21)",
                "file     /music/halo.mp3",
                "album    I Am, disc 1, track 3",
                "mood     not analysed",
                "analysis calm by analysis (valence +0.40, energy -0.20)",
                "loudness -9.1 LUFS",
                "plays    2, last on 2026-05-01 12:00",
                "feedback liked 1 time",
                "excluded It is explicit.",
            ],
        ),
    ],
)
def test_files_and_tracks_are_told_in_lines_for_a_person(
    tell: Tell,
    listener: Listener,
    monkeypatch: pytest.MonkeyPatch,
    words: str,
    answer: Answer,
    said: list[str],
) -> None:
    monkeypatch.setattr(listener, "answer", answer)
    code, out, _ = tell(*words.split())
    assert (code, out.splitlines()) == (0, said)
    assert json.loads(tell(*words.split(), "--json")[1]) == json.loads(json.dumps(answer.as_json()))
