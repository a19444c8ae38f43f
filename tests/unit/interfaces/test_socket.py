import json
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from player.errors import ControlError
from player.interfaces.socket import LocalSocket, send
from player.types import Json


def execute(command: str, value: Any) -> Json:
    if command == "echo":
        return {"value": value}
    if command == "bug":
        raise RuntimeError("a bug")
    raise ControlError(f"there is no command {command!r}.")


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
    assert send(path, "echo", "조용한") == {"ok": True, "value": "조용한"}


@pytest.mark.parametrize(
    "line",
    [
        rb'{"command": "echo", "value": "\udce9"}',
        rb'{"command": "echo", "value": {"a": ["\ud800"]}}',
        rb'{"command": "\udce9"}',
        rb'{"command": "echo", "\udce9": 1}',
        b'{"command": "echo", "value": "caf\xe9"}',
    ],
)
def test_what_is_no_text_is_answered_with_a_sentence(path: Path, line: bytes) -> None:
    answer = raw(path, line + b"\n")
    assert answer["ok"] is False
    assert str(answer["error"]).isprintable()
    assert "UTF-8" in answer["error"]


def test_an_answer_may_hold_any_file_name(tmp_path: Path) -> None:
    listening = LocalSocket(
        tmp_path / "s", lambda _command, _value: {"path": "/음악/Caf\udce9", "at": Path("/a")}
    )
    listening.start()
    try:
        assert send(tmp_path / "s", "status") == {"ok": True, "path": "/음악/Caf\udce9", "at": "/a"}
    finally:
        listening.stop()


def test_only_its_user_can_open_it(path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "line", [b"\n", b"nonsense\n", b"[]\n", b'{"value": 1}\n', b"\xff\xfe\n", b'"status"\n']
)
def test_nonsense_gets_an_error_and_harms_nobody(path: Path, line: bytes) -> None:
    assert raw(path, line)["ok"] is False
    assert send(path, "echo", 1)["value"] == 1


def test_a_refusal_is_raised_with_its_words(path: Path) -> None:
    with pytest.raises(ControlError, match="there is no command 'dance'"):
        send(path, "dance")


def test_a_bug_in_one_command_does_not_end_the_others(path: Path) -> None:
    with pytest.raises(ControlError, match="see its log"):
        send(path, "bug")
    assert send(path, "echo", 2)["value"] == 2


def test_a_second_player_is_refused(path: Path) -> None:
    with pytest.raises(ControlError, match="already running"):
        LocalSocket(path, execute).start()


def test_a_socket_left_by_a_killed_player_is_taken_over(tmp_path: Path) -> None:
    left = tmp_path / "control.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(left))
    again = LocalSocket(left, execute)
    again.start()
    assert send(left, "echo", 3)["value"] == 3
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
