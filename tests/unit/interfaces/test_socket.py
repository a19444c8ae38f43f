import json
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from player.errors import ControlError
from player.interfaces.messages import Answer, Done, NextRequest, PinRequest, Request
from player.interfaces.socket import MAX_LINE, NO_COMMAND, TOO_LONG, LocalSocket, send
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
        connection.settimeout(5)
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
    assert raw(path, line + b"\n") == {"ok": False, "error": NO_COMMAND}
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
    assert len(answer["error"]) < 300
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
        connection.settimeout(5)
        connection.connect(str(path))
        answers = connection.makefile("rb")
        long = b'{"command": "pin", "value": "' + b"x" * 3 * MAX_LINE + b'"}\n'
        connection.sendall(long + b'{"command": "pin", "value": "calm"}\n')
        assert json.loads(answers.readline()) == {"ok": False, "error": TOO_LONG}
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


def test_a_file_in_its_place_is_not_removed(tmp_path: Path) -> None:
    precious = tmp_path / "control.sock"
    precious.write_text("precious")
    with pytest.raises(ControlError, match="no socket but a file"):
        LocalSocket(precious, execute).start()
    assert precious.read_text() == "precious"


def test_nobody_listening_is_said(tmp_path: Path) -> None:
    with pytest.raises(ControlError, match="no player is running"):
        send(tmp_path / "control.sock", "status")
