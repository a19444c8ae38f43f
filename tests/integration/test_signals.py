"""Signals on a machine with too much to do: none is lost, whatever the player is at."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from player.types import Json
from tests.integration.test_daemon import simple
from tests.support.daemon import ROOT, Daemon
from tests.support.processes import PROC, children
from tests.support.pulse import PrivatePulse
from tests.support.waiting import wait_for

ROUNDS = 200
LOOPS = 4
RECEIVES = """
import threading
from player.system import signals

signals.hold()
signals.END_S = 1e6
receiver = signals.Receiver()
receiver.reload_with(lambda: print("reload", flush=True))

def come_and_go():
    while True:
        thread = threading.Thread(target=threading.Event().wait, args=(0.001,))
        thread.start()
        thread.join()

threading.Thread(target=come_and_go, daemon=True).start()
print("ready", flush=True)
while True:
    receiver.stop.wait()
    receiver.stop.clear()
    print("stop", flush=True)
"""
"""Receives as the daemon does, and goes on."""
BUSY_MAIN = """
import signal, threading
from player.system import signals

signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may have it ignored
signals.interrupt_main()
threading.Thread(target=threading.Event().wait, daemon=True).start()
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # so the kernel gives it to the other thread
try:
    print("ready", flush=True)  # from here on it may come
    threading.Event().wait()
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@contextmanager
def busy() -> Iterator[None]:
    """Loops on every core."""
    with ExitStack() as stack:
        for _ in range(LOOPS):
            stack.enter_context(script("print('ready', flush=True)\nwhile True: pass"))
        yield


@contextmanager
def script(text: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", text]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, bufsize=0) as process:
        try:
            assert says(process) == "ready"
            yield process
        finally:
            process.kill()


def says(process: subprocess.Popen[bytes]) -> str:
    """Its next line; a test that waits 30 s for one fails."""
    assert process.stdout is not None
    assert select.select([process.stdout], [], [], 30)[0], "it says nothing"
    return process.stdout.readline().decode().strip()


def blocks(pid: int, number: int) -> bool:
    return bool(int(PROC.status(pid, "SigBlk"), 16) >> (number - 1) & 1)


@pytest.fixture
def only_plays(tmp_path: Path) -> Json:
    (tmp_path / "songs").mkdir()
    return simple(tmp_path / "songs") | {"camera": {"enabled": False}}


@pytest.mark.alone
def test_none_is_lost_beside_busy_loops_while_threads_come_and_go() -> None:
    with busy(), script(RECEIVES) as process:
        for _ in range(ROUNDS):
            for number, does in (
                (signal.SIGHUP, "reload"),
                (signal.SIGTERM, "stop"),
                (signal.SIGINT, "stop"),
            ):
                process.send_signal(number)
                assert says(process) == does


def test_ctrl_c_ends_a_command_that_waits_for_its_threads() -> None:
    with script(BUSY_MAIN) as process:
        process.send_signal(signal.SIGINT)
        assert says(process) == "interrupted"


@pytest.mark.alone
def test_the_player_obeys_every_one_beside_busy_loops(
    pulse: PrivatePulse, only_plays: Json, tmp_path: Path
) -> None:
    with Daemon(tmp_path / "player", only_plays, pulse.env) as daemon, busy():
        last = daemon.wait_for("track")
        for _ in range(20):
            daemon.process.send_signal(signal.SIGHUP)
            last = daemon.wait_for("reload", 30, after=last)
        started = children(daemon.process.pid)
        assert not any(blocks(pid, number) for pid in started for number in range(1, 32))
        daemon.process.send_signal(signal.SIGTERM)
        assert daemon.ends(30) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_first_moment_of_a_start_is_early_enough(
    only_plays: Json, tmp_path: Path, number: signal.Signals
) -> None:
    """A reload before there is a player ends none, and an end is an end."""
    with Daemon(tmp_path / "player", only_plays, {}) as daemon:
        wait_for(lambda: blocks(daemon.process.pid, number), 30, "the player's first line")
        os.kill(daemon.process.pid, signal.SIGHUP)
        os.kill(daemon.process.pid, number)
        assert daemon.ends(30) == 0
        assert not daemon.socket.exists()
