"""Commands to a player on another machine: what is sent, and what is said of what comes back."""

from __future__ import annotations

import json
import threading
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from player.cli.remote_player import RemotePlayer, remote_player
from player.errors import ControlError
from player.interfaces.handlers.config import ConfigCommands
from player.interfaces.messages.config import ConfigRequest
from player.selection import playlist_formats as formats
from player.types import Json, json_text
from tests.fakes.status import whole
from tests.unit.camera.test_pictures import written
from tests.unit.cli.conftest import Command
from tests.unit.selection.test_playlist_formats import LIST

TOKEN = "t0ken-that-nobody-guesses"


class Answers(ThreadingHTTPServer):
    """Answers every request alike, and notes it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status, self.body, self.headers = (
            200,
            b'{"message": "done"}',
            {"Content-Type": "application/json"},
        )
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Answers)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append((self.command, self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.body)

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    monkeypatch.delenv("AMBIENT_PLAYER_TOKEN", raising=False)
    server = Answers()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_command_is_sent_with_its_token(answers: Answers, command: Command, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    named = ("--url", f"{answers.url}/music/", "--token-file", str(file))
    said = command("pin", "rainy", "sunday", *named)
    assert said == (0, "done\n", "")
    ((method, path, headers, body),) = answers.asked
    assert (method, path) == ("POST", "/music/api/commands/pin")
    assert json.loads(body) == {"mood": "rainy sunday"}
    assert headers["Authorization"] == f"Bearer {TOKEN}"


def test_the_token_may_come_from_the_environment(
    answers: Answers, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMBIENT_PLAYER_TOKEN", TOKEN)
    assert command("next", "--url", answers.url)[0] == 0
    assert answers.asked[0][2]["Authorization"] == f"Bearer {TOKEN}"
    assert command("next", "--url", answers.url, "--token", "another")[0] == 0
    assert answers.asked[1][2]["Authorization"] == "Bearer another"


def test_without_a_token_none_is_sent(answers: Answers, command: Command) -> None:
    assert command("next", "--url", answers.url)[0] == 0
    assert "Authorization" not in answers.asked[0][2]


def test_the_status_is_the_same_as_at_home(answers: Answers, command: Command) -> None:
    from player.status import as_json  # noqa: PLC0415

    answers.body = json.dumps(as_json(whole()), default=str).encode()
    code, said, _ = command("status", "--url", answers.url)
    assert code == 0
    assert "volume" in said
    assert json.loads(command("status", "--json", "--url", answers.url)[1])["playback"]


def test_changes_of_the_status_are_followed(answers: Answers) -> None:
    answers.body = (
        b': hello\n\nevent: away\ndata: {}\n\nid: 1\nevent: status\ndata: {"a": 1}\n\n: heartbeat\n\n'
    )
    assert list(remote_player(answers.url).watch()) == [{"status": {"a": 1}}]
    assert answers.asked[0][:2] == ("GET", "/api/events")


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (403, b'{"detail": "camera is for the owner."}', "camera is for the owner."),
        (401, b'{"detail": "log in first."}', "log in first."),
        (409, b'{"detail": "two\\nlines \\u001b[2J"}', "two lines [2J"),
        (
            502,
            b"<html>Bad Gateway</html>",
            "is no ambient-player, or something stands between (it answered 502).",
        ),
        (200, b"<html>router</html>", "is no ambient-player"),
        (200, b"[1]", "is no ambient-player"),
        (200, b"[" * 100_000, "is no ambient-player"),
        (500, b'{"detail": 5}', "it answered 500"),
        (302, b"", "it answered 302"),
        (200, b"\xff\xfe\x00", "is no ambient-player"),
    ],
)
def test_a_problem_becomes_one_sentence(
    answers: Answers, command: Command, status: int, body: bytes, said: str
) -> None:
    answers.status, answers.body = status, body
    answers.headers["Location"] = "http://127.0.0.1:1/elsewhere"
    code, printed, warned = command("next", "--url", answers.url, "--token", TOKEN)
    assert (code, printed) == (1, "")
    assert said in warned
    assert len(warned.splitlines()) == 1
    assert TOKEN not in warned
    assert len(answers.asked) == 1, "the token goes nowhere else"


def test_nobody_there_is_said(command: Command) -> None:
    code, _, warned = command("next", "--url", "http://127.0.0.1:9")
    assert code == 1
    assert "cannot be reached" in warned


@pytest.mark.parametrize("body", [b"no http at all", b"HTTP/1.1 xyz\r\n\r\n"])
def test_what_is_no_http_is_said(body: bytes, command: Command) -> None:
    import socket  # noqa: PLC0415

    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(body)

        threading.Thread(target=answer, daemon=True).start()
        code, _, warned = command("next", "--url", f"http://127.0.0.1:{server.getsockname()[1]}")
    assert code == 1
    assert "cannot be reached" in warned


@pytest.mark.parametrize(
    "words",
    [
        ("--url", "cafe.example:8787"),
        ("--url", "ftp://cafe.example"),
        ("--url", "http://"),
        ("--url", "http://user:hunter22@cafe.example"),
        ("--url", "http://cafe.example:99999"),
        ("--url", "http://cafe.example/?token=hunter22"),
        ("--url", "http://cafe.example/a b"),
        ("--url", "http://[::1"),
        ("--url", "http://127.0.0.1:9", "--token", "hunter22 x"),
        ("--url", "http://127.0.0.1:9", "--token", "hunter22\r\nX: y"),
        ("--url", "http://127.0.0.1:9", "--token", "hunter22é"),
        ("--url", "http://127.0.0.1:9", "--token", ""),
        ("--url", "http://127.0.0.1:9", "--token", "hunter22", "--token-file", "/dev/null"),
        ("--url", "http://127.0.0.1:9", "--token-file", "/nonexistent"),
        ("--url", "http://127.0.0.1:9", "--token-file", "/dev/null"),
        ("--token", "hunter22"),
        ("--url", "http://127.0.0.1:9", "--config", "hunter22.yaml"),
    ],
)
def test_what_does_not_fit_is_refused_without_repeating_a_secret(
    command: Command, words: tuple[str, ...]
) -> None:
    code, said, warned = command("next", *words)
    assert (code, said) == (2, "")
    assert "hunter22" not in warned


@pytest.mark.parametrize(
    ("url", "warns"),
    [
        ("http://127.0.0.1:8787", False),
        ("http://localhost:8787", False),
        ("http://[::1]:8787", False),
        ("https://cafe.example", False),
        ("http://cafe.example:8787", True),
        ("http://192.168.1.5:8787", True),
        ("http://127.0.0.1.nip.io", True),
    ],
)
def test_a_token_over_a_network_in_the_clear_is_warned_of(url: str, warns: bool) -> None:
    warning = remote_player(url, TOKEN).warning
    assert (warning is not None) == warns
    assert remote_player(url).warning is None or warns is None
    assert warning is None or ("unencrypted" in warning and TOKEN not in warning)


def test_https_asks_for_a_certificate_that_is_valid(answers: Answers) -> None:
    player = RemotePlayer("https", "127.0.0.1", answers.server_address[1], "", TOKEN)
    with pytest.raises(ControlError, match="cannot be reached"):
        player.command("next", {})
    assert answers.asked == [], "the token did not go out in the clear"


def told(answers: Answers, **answer: Any) -> None:
    answers.body = json.dumps(answer).encode()


def sent(answers: Answers) -> tuple[str, Any]:
    """The path and the body of the newest request."""
    _, path, _, body = answers.asked[-1]
    return path, json.loads(body)


def test_a_list_is_asked_of_another_player_and_written_as_at_home(
    answers: Answers, command: Command, tmp_path: Path
) -> None:
    told(answers, message="done", playlist=formats.as_json(LIST))
    code, out, explained = command("playlist", "--mood", "rainy morning", "--url", answers.url)
    assert (code, sent(answers)) == (0, ("/api/commands/playlist", {"mood": "rainy morning", "minutes": 30}))
    assert out.splitlines() == list(formats.as_list(LIST))
    assert explained.splitlines() == list(formats.explained(LIST))
    photo = tmp_path / "bar.png"
    photo.write_bytes(written(".png"))
    asked = ("playlist", "--photo", str(photo), "--minutes", "45", "--url", answers.url)
    assert command(*asked, "--format", "m3u")[1].encode() == formats.as_m3u(LIST)
    assert sent(answers)[1] == {"picture": b64encode(written(".png")).decode(), "minutes": 45}
    assert json.loads(command(*asked, "--format", "json")[1]) == json.loads(json.dumps(formats.as_json(LIST)))


def test_what_is_no_photo_is_not_sent(answers: Answers, command: Command, tmp_path: Path) -> None:
    photo = tmp_path / "words.jpg"
    photo.write_text("no picture")
    for name in (photo, tmp_path, tmp_path / "nowhere.jpg"):
        code, _, warned = command("playlist", "--photo", str(name), "--url", answers.url)
        assert (code, len(warned.splitlines())) == (1, 1)
    assert command("playlist", "--mood", "calm", "--after", str(photo), "--url", answers.url)[0] == 2
    assert command("playlist", "--mood", "calm", "--token", "abc")[0] == 2
    assert answers.asked == []


@pytest.mark.parametrize("answer", [{}, {"playlist": None}, {"playlist": {"wish": 5}}])
def test_a_list_of_another_version_is_one_sentence(answers: Answers, command: Command, answer: Json) -> None:
    told(answers, **answer)
    code, out, warned = command("playlist", "--mood", "calm", "--url", answers.url)
    assert (code, out) == (1, "")
    assert "another version" in warned


@pytest.mark.parametrize("words", ["status", "status --watch", "history", "history --csv -"])
@pytest.mark.parametrize("answer", [{}, {"plays": [{}], "next": None}, {"playback": 1, "room": {}}])
def test_what_another_version_answers_is_one_sentence(
    answers: Answers, command: Command, words: str, answer: Json
) -> None:
    told(answers, **answer)
    if "--watch" in words:
        answers.body = b"data: " + answers.body.rjust(10) + b"\n"
    code, _, warned = command(*words.split(), "--url", answers.url)
    assert (code, warned.count("\n")) == (1, 1)
    assert "another version" in warned


def test_settings_of_another_player_are_read_as_at_home(
    answers: Answers, command: Command, tmp_path: Path
) -> None:
    config, path = tmp_path / "home", tmp_path / "config.yaml"
    path.write_text("playback:\n  volume: 70\n", encoding="utf-8")
    held = ConfigCommands(path, config, lambda: datetime.now(UTC), lambda: ()).handlers()[ConfigRequest]
    answers.body = json_text(held(ConfigRequest()).as_json()).encode()  # type: ignore[union-attr]
    for words in (
        ("get", "playback.volume"),
        ("get", "playback"),
        ("get",),
        ("get", "dayparts.evening.volume"),
        ("get", "hours", "--json"),
        ("schema",),
        ("versions",),
        ("versions", "--json"),
    ):
        at_home = () if words[0] == "schema" else ("--config", str(path))
        assert command("config", *words, "--url", answers.url) == command("config", *words, *at_home), words
        assert sent(answers) == ("/api/commands/config", {})


def test_settings_of_another_player_are_changed(answers: Answers, command: Command) -> None:
    told(answers, message="config.yaml: volume 40.", doubts=["it is loud"], values={}, problems=[])
    there = ("--url", answers.url)
    said = (0, "but it is loud\nconfig.yaml: volume 40.\n", "")
    assert command("config", "set", "playback.volume", "40", *there) == said
    assert sent(answers) == ("/api/commands/config_write", {"changes": {"playback.volume": "40"}})
    command("config", "set", "library.folders", "[/a, /b c]", *there)
    assert sent(answers)[1] == {"changes": {"library.folders": ["/a", "/b c"]}}
    command("config", "unset", "playback.volume", *there)
    assert sent(answers)[1] == {"changes": {"playback.volume": None}}
    assert command("config", "revert", "3", *there) == said
    assert sent(answers) == ("/api/commands/config_revert", {"version": 3})


def test_what_does_not_go_with_another_player_is_said(
    answers: Answers, command: Command, tmp_path: Path
) -> None:
    there = ("--url", answers.url)
    assert command("config", "get", "--config", str(tmp_path), *there)[0] == 2
    assert command("config", "unset", "playback.volume", "--no-reload", *there)[0] == 2
    assert command("config", "get", "--token", "abc")[0] == 2
    assert answers.asked == []
    told(answers, values={}, problems=["playback.volume: 200 is too much"])
    code, _, warned = command("config", "get", *there)
    assert code != 0
    assert "200 is too much" in warned
    told(answers, message="done")
    assert "another version" in command("config", "versions", *there)[2]


def test_files_of_another_machine_are_named_in_full(
    answers: Answers, command: Command, tmp_path: Path
) -> None:
    """Where a file of its lies by its path says nothing about the folder that the list is written to."""
    here = replace(LIST, steps=(replace(LIST.steps[0], path=str(tmp_path / "a.mp3")),))
    told(answers, message="done", playlist=formats.as_json(here))
    file = tmp_path / "list.m3u"
    asked = ("playlist", "--mood", "calm", "--format", "m3u", "--output", str(file), "--url", answers.url)
    assert command(*asked)[0] == 0
    assert str(tmp_path / "a.mp3") in file.read_text()
