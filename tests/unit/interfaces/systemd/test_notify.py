"""The datagrams that systemd would get, on a socket of the test's own."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from player.interfaces.systemd import notify


@pytest.fixture(params=["file", "abstract"])
def listener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    """A bound socket, and what NOTIFY_SOCKET says of it."""
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bound:
        bound.bind(path if request.param == "file" else f"\0{path}")
        bound.settimeout(60)
        yield bound, path if request.param == "file" else f"@{path}"


def test_lines_arrive_as_one_datagram(listener: tuple[socket.socket, str]) -> None:
    bound, address = listener
    assert notify.notify("READY=1", notify.status("playing: ün\ntitre"), env={"NOTIFY_SOCKET": address})
    assert bound.recv(4096).decode() == "READY=1\nSTATUS=playing: ün titre"


@pytest.mark.parametrize("address", ["", "vsock:2:1234", "/nowhere/at/all", "@nobody-listens-here"])
def test_nobody_listens_and_nothing_happens(address: str) -> None:
    assert not notify.notify("READY=1", env={"NOTIFY_SOCKET": address})
    assert not notify.notify("READY=1", env={})


def test_a_full_socket_is_not_waited_for_long(listener: tuple[socket.socket, str]) -> None:
    bound, address = listener
    sent = 0
    while notify.notify("WATCHDOG=1", env={"NOTIFY_SOCKET": address}):
        sent += 1
        assert sent < 100_000
    assert sent > 0
    bound.recv(4096)
    assert notify.notify("WATCHDOG=1", env={"NOTIFY_SOCKET": address})


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_the_watchdog_is_for_this_process_or_not(env: dict[str, str], expected: float | None) -> None:
    assert notify.watchdog_s(env, pid=7) == expected


def test_only_the_process_that_systemd_has_started_is_supervised() -> None:
    """A shell in a terminal that systemd has started inherits all of these variables."""
    env = {"INVOCATION_ID": "0123", "SYSTEMD_EXEC_PID": "7"}
    assert notify.supervised(env, pid=7)
    assert not notify.supervised(env, pid=8)
    assert not notify.supervised({"INVOCATION_ID": "0123"}, pid=7)


def test_a_reload_ends_ready_even_if_it_fails(
    listener: tuple[socket.socket, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bound, address = listener
    monkeypatch.setitem(os.environ, "NOTIFY_SOCKET", address)
    with pytest.raises(ValueError, match="nonsense"), notify.reloading():
        raise ValueError("nonsense in config.yaml")
    first, second = bound.recv(4096).decode().splitlines(), bound.recv(4096).decode()
    assert first[0] == "RELOADING=1"
    assert first[1].startswith("MONOTONIC_USEC=")
    assert second == "READY=1"
