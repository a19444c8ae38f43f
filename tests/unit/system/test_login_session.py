"""Where the sound server of the login is, for who was started outside of it."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from player.system import login_session


@pytest.fixture
def logins() -> Iterator[Path]:
    """With a sound server of this user's that listens; its name is short enough for a socket."""
    with TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as server:
        native = Path(folder) / str(os.geteuid()) / "pulse" / "native"
        native.parent.mkdir(parents=True)
        server.bind(str(native))
        yield Path(folder)


@pytest.mark.parametrize("said", [None, "", "/nowhere", "/proc/1/fd/no"])
def test_the_folder_of_the_login_is_found(logins: Path, said: str | None) -> None:
    env = {} if said is None else {"XDG_RUNTIME_DIR": said}
    login_session.adopt(env, logins)
    assert env["XDG_RUNTIME_DIR"] == str(logins / str(os.geteuid()))
    assert login_session.missing(env, logins / "none") == ""


def test_what_is_right_stays(logins: Path, tmp_path: Path) -> None:
    env = {"XDG_RUNTIME_DIR": str(tmp_path)}
    login_session.adopt(env, logins)
    assert env == {"XDG_RUNTIME_DIR": str(tmp_path)}
    assert login_session.missing(env, tmp_path / "none") == ""


def test_where_there_is_none_it_is_named(tmp_path: Path) -> None:
    env: dict[str, str] = {}
    login_session.adopt(env, tmp_path)
    assert env == {}
    assert "XDG_RUNTIME_DIR is not set" in login_session.missing(env, tmp_path / "none")
    assert "not this user's" in login_session.missing({"XDG_RUNTIME_DIR": "/nowhere"}, tmp_path / "none")
    assert login_session.missing({"PULSE_SERVER": "unix:/x"}, tmp_path / "none") == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_the_folder_of_another_user_is_not_taken(logins: Path, tmp_path: Path) -> None:
    """`su` hands on the one of who typed it."""
    other = tmp_path / "other"
    other.mkdir()
    os.chown(other, 12345, 12345)
    env = {"XDG_RUNTIME_DIR": str(other)}
    login_session.adopt(env, logins)
    assert env["XDG_RUNTIME_DIR"] == str(logins / "0")
