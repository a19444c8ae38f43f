import json
import socket
import stat
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from player.errors import (
    AlreadyRunningError,
    ArgumentError,
    BusyError,
    ControlError,
    LibraryError,
    MissingError,
    UnknownCommandError,
)
from player.interfaces.command_table import BY_REQUEST, COMMANDS, MAX_BYTES
from player.interfaces.lines import NO_COMMAND, TOO_LONG
from player.interfaces.messages.base import Answer, Done, Request
from player.interfaces.messages.playing import NextRequest, PinRequest
from player.interfaces.socket import LocalSocket, listen, send
from player.types import Json
from tests.fakes.status import Said


def execute(request: Request) -> Answer:
    """Says back what is to be pinned; `next` has a bug, and `like` is refused."""
    match request:
        case PinRequest(mood=mood):
            return Done(mood)
        case NextRequest():
            raise KeyError("a bug")
        case _:
            raise ControlError("nothing plays.")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    socket_path = tmp_path_factory.mktemp("socket") / "control.sock"
    listening = LocalSocket(socket_path, execute)
    listening.start()
    yield socket_path
    listening.stop()
    assert not socket_path.exists()


def raw(path: Path, line: bytes) -> Json:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(60)
        connection.connect(str(path))
        connection.sendall(line)
        answer = json.loads(connection.makefile("rb").readline())
        assert isinstance(answer, dict)
        return answer


def test_a_command_is_answered(path: Path) -> None:
    assert send(path, "pin", "조용한") == {"ok": True, "message": "조용한"}


@pytest.mark.parametrize(
    "line",
    [
        rb'{"command": "pin", "value": "\udce9"}',
        rb'{"command": "pin", "value": {"a": ["\ud800"]}}',
        rb'{"command": "\udce9"}',
        rb'{"command": "pin", "\udce9": 1}',
        b'{"command": "pin", "value": "caf\xe9"}',
    ],
)
def test_what_is_no_text_is_answered_with_a_sentence(path: Path, line: bytes) -> None:
    answer = raw(path, line + b"\n")
    assert answer["ok"] is False
    assert str(answer["error"]).isprintable()
    assert "UTF-8" in answer["error"]


def test_an_answer_may_hold_any_file_name(tmp_path: Path) -> None:
    listening = LocalSocket(tmp_path / "s", lambda _: Said({"path": "/음악/Caf\udce9", "at": Path("/a")}))
    listening.start()
    try:
        assert send(tmp_path / "s", "status") == {"ok": True, "path": "/음악/Caf\udce9", "at": "/a"}
    finally:
        listening.stop()


def test_only_its_user_can_open_it(path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "line",
    [
        *[b"", b"nonsense", b"[]", b'{"value": 1}', b'"status"', b"null"],
        b"[" * 60_000,
        b'{"command": "volume", "value": ' + b"9" * 60_000 + b"}",
    ],
    ids=lambda line: line.decode()[:20],
)
def test_a_line_that_is_no_command_is_answered_with_how_one_is_written(
    path: Path, line: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    assert raw(path, line + b"\n") == {"ok": False, "error": NO_COMMAND, "code": "argument"}
    assert not caplog.records, "what somebody typed is no bug of ours"


@pytest.mark.parametrize(
    "line",
    [
        *[b"\xff\xfe", b'{"command": null}', b'{"command": ["status"]}', b'{"command": {}}'],
        b'{"command": "volume", "value": NaN}',
        b'{"command": "volume", "value": 1e999}',
        b'{"command": "seek", "value": -Infinity}',
        b'{"command": "next", "value": {"now": true}}',
        b'{"command": "' + b"x" * 60_000 + b'"}',
    ],
    ids=lambda line: line.decode(errors="replace")[:40],
)
def test_nonsense_gets_a_sentence_and_harms_nobody(
    path: Path, line: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    answer = raw(path, line + b"\n")
    assert answer["ok"] is False
    assert answer["error"].endswith(".")
    assert len(answer["error"]) - len(", ".join(COMMANDS)) < 100, "beside the commands that there are"
    assert not caplog.records
    assert send(path, "pin", "1")["message"] == "1"


def test_a_refusal_is_raised_with_its_words(path: Path) -> None:
    with pytest.raises(ControlError, match="there is no command 'dance'"):
        send(path, "dance")
    with pytest.raises(ControlError, match="nothing plays"):
        send(path, "like")


def test_a_bug_in_one_command_does_not_end_the_others(path: Path) -> None:
    with pytest.raises(ControlError, match="see its log"):
        send(path, "next")
    assert send(path, "pin", "2")["message"] == "2"


def test_a_line_that_is_too_long_is_answered_once(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(60)
        connection.connect(str(path))
        answers = connection.makefile("rb")
        long = b'{"command": "pin", "value": "' + b"x" * 3 * MAX_BYTES + b'"}\n'
        connection.sendall(long + b'{"command": "pin", "value": "calm"}\n')
        assert json.loads(answers.readline()) == {
            "ok": False,
            "error": TOO_LONG.format(what="a command", most=MAX_BYTES),
            "code": "argument",
        }
        assert json.loads(answers.readline()) == {"ok": True, "message": "calm"}


def test_a_second_player_is_refused(path: Path) -> None:
    with pytest.raises(ControlError, match="already running"):
        LocalSocket(path, execute).start()


def test_a_socket_left_by_a_killed_player_is_taken_over(tmp_path: Path) -> None:
    left = tmp_path / "control.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(left))
    again = LocalSocket(left, execute)
    again.start()
    assert send(left, "pin", "3")["message"] == "3"
    again.stop()


def test_a_player_that_hangs_is_not_taken_for_dead_when_its_queue_is_full(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    with ExitStack() as stack:
        hanging = stack.enter_context(socket.socket(socket.AF_UNIX))
        hanging.bind(str(path))
        hanging.listen(0)
        refused = 0
        while not refused:
            waiting = stack.enter_context(socket.socket(socket.AF_UNIX))
            waiting.setblocking(False)
            refused = waiting.connect_ex(str(path))
        with pytest.raises(AlreadyRunningError):
            LocalSocket(path, execute).start()
        with pytest.raises(AlreadyRunningError):
            listen([path], execute)
        with pytest.raises(ControlError, match="the player did not answer 'status'"):
            send(path, "status")
        assert path.is_socket()


def test_a_file_in_its_place_is_not_removed(tmp_path: Path) -> None:
    precious = tmp_path / "control.sock"
    precious.write_text("precious")
    with pytest.raises(ControlError, match="no socket but a file"):
        LocalSocket(precious, execute).start()
    assert precious.read_text() == "precious"


def test_nobody_listening_is_said(tmp_path: Path) -> None:
    with pytest.raises(ControlError, match="no player is running"):
        send(tmp_path / "control.sock", "status")


def test_what_no_socket_can_be_is_said_without_numbers(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ControlError, match=r"cannot be reached \(Not a directory\)\.$"):
        send(tmp_path / "file" / "control.sock", "status")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ControlError("nothing plays."), "refused"),
        (LibraryError("the library is locked."), "refused"),
        (ArgumentError("no."), "argument"),
        (UnknownCommandError("no."), "unknown"),
        (MissingError("there is no such track."), "missing"),
        (BusyError("later."), "busy"),
        (KeyError("a bug"), "failed"),
        (OSError("a bug"), "failed"),
    ],
)
def test_what_went_wrong_is_said_for_programs_and_raised_as_its_kind(
    tmp_path: Path, error: Exception, code: str
) -> None:
    def fail(_: Request) -> Answer:
        raise error

    listening = LocalSocket(tmp_path / "s", fail)
    listening.start()
    try:
        assert raw(tmp_path / "s", b'{"command": "next"}\n')["code"] == code
        with pytest.raises(ControlError) as refusal:
            send(tmp_path / "s", "next")
        assert refusal.value.code == code
    finally:
        listening.stop()


class Large:
    """A command of a megabyte, two at once, that waits until it may go on."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        spec = replace(COMMANDS["announce"], max_bytes=10**6, at_once=2)
        monkeypatch.setitem(COMMANDS, "announce", spec)
        monkeypatch.setitem(BY_REQUEST, spec.request, spec)
        self.path, self.go_on = path, threading.Event()
        self.under_way = threading.Semaphore(0)
        self.listening = LocalSocket(path, self.execute)
        self.listening.start()

    def execute(self, request: Request) -> Answer:
        self.under_way.release()
        assert self.go_on.wait(60)
        return Done(str(request.argument))

    @staticmethod
    def line(length: int) -> bytes:
        return b'{"command": "announce", "file": "/a"' + b" " * (length - 38) + b"}\n"


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Large]:
    command = Large(tmp_path / "s", monkeypatch)
    yield command
    command.go_on.set()
    command.listening.stop()


def test_a_command_may_be_longer_where_its_spec_says_so(large: Large) -> None:
    large.go_on.set()
    assert raw(large.path, large.line(10**6)) == {"ok": True, "message": "/a"}
    assert raw(large.path, large.line(MAX_BYTES)) == {"ok": True, "message": "/a"}
    assert "announce is one line of less than 1000000" in raw(large.path, large.line(10**6 + 1))["error"]
    sly = large.line(MAX_BYTES + 1).replace(b'"/a"', b'"/a", "command": "like", "file": null')
    assert raw(large.path, sly)["code"] == "argument"


def test_of_a_limited_command_only_so_many_run_and_the_next_is_told_to_try_again(large: Large) -> None:
    with ThreadPoolExecutor(2) as pool:
        try:
            first = [pool.submit(raw, large.path, large.line(length)) for length in (100, 10**6)]
            assert all(large.under_way.acquire(timeout=60) for _ in first)
            for length in (100, 10**6):
                refused = raw(large.path, large.line(length))
                assert (refused["ok"], refused["code"]) == (False, "busy")
        finally:
            large.go_on.set()
        assert all(answer.result()["ok"] for answer in first)
    assert raw(large.path, large.line(100))["ok"], "what has ended makes room"
