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
        bound(server, Path(folder) / str(os.geteuid())).listen()
        yield Path(folder)


def bound(server: socket.socket, folder: Path) -> socket.socket:
    """A sound server's socket in a folder; nobody listens until it does."""
    native = folder / "pulse" / "native"
    native.parent.mkdir(parents=True)
    server.bind(str(native))
    return server


@pytest.fixture
def other() -> Iterator[Path]:
    """A folder with a short name."""
    with TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.mark.parametrize("said", [None, "", "/nowhere", "/proc/1/fd/no"])
def test_the_folder_of_the_login_is_found(logins: Path, said: str | None) -> None:
    env = {} if said is None else {"XDG_RUNTIME_DIR": said}
    login_session.adopt(env, logins)
    assert env["XDG_RUNTIME_DIR"] == str(logins / str(os.geteuid()))
    assert login_session.missing(env, logins / "none") == ""


@pytest.mark.parametrize("with_server", [True, False])
def test_what_is_right_stays(logins: Path, other: Path, with_server: bool) -> None:
    env = {"XDG_RUNTIME_DIR": str(other)} | ({} if with_server else {"PULSE_SERVER": "tcp:radio"})
    before = dict(env)
    with socket.socket(socket.AF_UNIX) as server:
        if with_server:
            bound(server, other).listen()
        login_session.adopt(env, logins)
        assert env == before
        assert login_session.missing(env, other / "none") == ""


@pytest.mark.parametrize("left", [True, False])
def test_a_folder_that_is_left_over_gives_way_to_that_of_the_login(
    logins: Path, other: Path, left: bool
) -> None:
    """A socket at which nobody listens any more, or a folder that some program made up."""
    with socket.socket(socket.AF_UNIX) as server:
        if left:
            bound(server, other)
    env = {"XDG_RUNTIME_DIR": str(other)}
    login_session.adopt(env, logins)
    assert env == {"XDG_RUNTIME_DIR": str(logins / str(os.geteuid()))}


def test_a_login_without_a_server_is_not_taken_and_named(other: Path) -> None:
    ours = other / str(os.geteuid())
    with socket.socket(socket.AF_UNIX) as server:
        bound(server, ours)
    for env in ({}, {"XDG_RUNTIME_DIR": str(ours)}):
        before = dict(env)
        login_session.adopt(env, other)
        assert env == before
    assert "XDG_RUNTIME_DIR is not set" in login_session.missing({}, other / "none")
    stale = login_session.missing({"XDG_RUNTIME_DIR": str(ours)}, ours / "pulse" / "native")
    assert f"nobody listens at {ours / 'pulse' / 'native'} any more" in stale


def test_a_server_that_is_busy_listens(other: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as first:
        bound(server, other).listen(0)
        first.connect(str(other / "pulse" / "native"))
        assert login_session.listens(other / "pulse" / "native")
    assert not login_session.listens(other / ("x" * 200))


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
