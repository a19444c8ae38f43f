"""The real player as a service: what it tells systemd, how it restarts, what a crash costs."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from player.types import Json
from tests.support import music
from tests.support.daemon import ROOT, Daemon
from tests.support.processes import children
from tests.support.pulse import PrivatePulse, Recording, longest_silence_s, private_pulse, recording
from tests.support.quiet import back_soon_enough, gaps_judged_in_quiet, limits
from tests.support.waiting import wait_for

WATCHDOG_S = 3.0
SWITCH = """
import threading, time
from pathlib import Path
from player.cli import main
from player.app import App

run = App.run

def with_a_switch(self, stop):
    def wait():
        Path(__file__).with_name("switch").read_bytes()
        self.restart("the test says so")

    threading.Thread(target=wait, daemon=True).start()
    return run(self, stop)

App.run = with_a_switch
"""
"""The player, with a named pipe in place of its watchdog's last step: a signal might be handed to any thread,
and the main one would sleep on."""
HANGS = """
from player.playback.service import PlaybackService

PlaybackService.close = lambda self: time.sleep(60)
"""
MAIN = """
main.main()
"""


@pytest.fixture(scope="module")
def changes(tmp_path_factory: pytest.TempPathFactory) -> Json:
    """A daemon that only plays, two long tracks."""
    folder = tmp_path_factory.mktemp("songs")
    for number, root_hz in enumerate((220.0, 247.0), 1):
        music.calm(folder / f"calm {number}.wav", 90, root_hz)
    return {"camera": {"enabled": False}, "library": {"folders": [str(folder)], "analyze": False}}


class Manager:
    """What systemd would hear on its socket."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(0.02)
        self.env = {"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": str(round(WATCHDOG_S * 1e6))}

    def hears(self, line: str, seconds: float) -> list[str]:
        """The lines of the first message in time with this one among them; [] if none comes."""
        for limit_s in limits(seconds):
            if lines := self._hears(line, limit_s):
                return lines
        return []

    def pings(self, seconds: float) -> bool:
        """Whether a ping comes in time, to the second: systemd gives no more to a busy machine either."""
        return bool(self._hears("WATCHDOG=1", seconds))

    def _hears(self, line: str, seconds: float) -> list[str]:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                lines = self._socket.recv(4096).decode().splitlines()
            except TimeoutError:
                continue
            if line in lines:
                return lines
        return []

    def empty(self) -> None:
        """Forget what was said until now."""
        self._socket.setblocking(False)
        try:
            while True:
                self._socket.recv(4096)
        except BlockingIOError:
            self._socket.settimeout(0.02)

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    listening = Manager(tmp_path / "notify")
    yield listening
    listening.close()


def position_s(status: Json) -> float:
    return float(status["playback"]["position_s"] or 0)


def decks(daemon: Daemon) -> list[int]:
    """The process ids of both decks."""
    return children(daemon.process.pid, "player.playback.deck_child")


def test_systemd_hears_that_the_music_plays_and_when_it_no_longer_turns(
    pulse: PrivatePulse, changes: Json, manager: Manager, tmp_path: Path
) -> None:
    with Daemon(tmp_path / "player", changes, pulse.env | manager.env) as daemon:
        ready = manager.hears("READY=1", 20)
        assert ready[1].startswith("STATUS=playing: calm")
        assert daemon.tell("status")["playback"]["state"] == "playing"
        assert manager.pings(WATCHDOG_S)
        daemon.tell("pause")
        assert manager.hears("STATUS=paused", 5)
        assert manager.pings(WATCHDOG_S), "a pause is no fault"
        os.kill(daemon.process.pid, signal.SIGSTOP)
        try:
            manager.empty()
            assert not manager.pings(WATCHDOG_S)
        finally:
            os.kill(daemon.process.pid, signal.SIGCONT)
        assert manager.pings(WATCHDOG_S)
        daemon.process.terminate()
        assert manager.hears("STOPPING=1", 5)


def test_a_start_without_a_loudspeaker_is_a_start(changes: Json, manager: Manager, tmp_path: Path) -> None:
    with private_pulse(start=False) as nobody, Daemon(tmp_path / "player", changes, nobody.env | manager.env):
        assert manager.hears("READY=1", 20)
        assert manager.pings(WATCHDOG_S)


class Restarting(Daemon):
    """A daemon that restarts if it is told to, by no way of its own."""

    def __init__(
        self, folder: Path, changes: Json, env: dict[str, str], prefix: tuple[str, ...] = ()
    ) -> None:
        super().__init__(folder, changes, env)
        self.main, self._switch = folder / "again.py", folder / "switch"
        os.mkfifo(self._switch)
        self.main.write_text(SWITCH + MAIN, encoding="utf-8")
        self._arguments[: self._arguments.index("run")] = [*prefix, sys.executable, str(self.main)]

    def switch(self) -> None:
        """Have it restart."""
        self._switch.write_bytes(b"now")


def plays_on(daemon: Daemon, before: Json, recorded: Recording) -> Json:
    """The track that comes after a restart, once it is heard."""
    again = daemon.wait_for("restart")
    following = daemon.wait_for("track", 10, after=again)
    wait_for(recorded.sounds, 5, "sound after the restart")
    assert following["path"] == before["path"]
    return following


@gaps_judged_in_quiet
def test_the_player_turns_into_a_fresh_one_and_goes_on(
    pulse: PrivatePulse, changes: Json, tmp_path: Path
) -> None:
    with Restarting(tmp_path / "player", changes, pulse.env) as daemon, recording(pulse) as recorded:
        first = daemon.wait_for("track")
        daemon.wait_until(lambda status: position_s(status) > 4)
        before = decks(daemon)
        daemon.switch()
        following = plays_on(daemon, first, recorded)
        assert following["position_s"] > 3
        assert daemon.process.poll() is None, "it is the same process"
        daemon.wait_until(lambda status: position_s(status) > following["position_s"] + 1)
        assert len(decks(daemon)) == 2
        assert not set(before) & set(decks(daemon))
        heard = recorded.since(recorded.started_at)
        back_soon_enough(longest_silence_s(heard[len(heard) // 4 :]), 5)


def test_under_systemd_it_exits_with_75(pulse: PrivatePulse, changes: Json, tmp_path: Path) -> None:
    started = ("sh", "-c", 'SYSTEMD_EXEC_PID=$$ exec "$@"', "sh")
    with Restarting(tmp_path / "player", changes, pulse.env, started) as daemon:
        daemon.wait_for("track")
        daemon.wait_until(lambda status: position_s(status) > 2)
        daemon.switch()
        assert daemon.ends(5) == 75
        assert not daemon.socket.exists(), "it has ended cleanly"


def test_a_player_that_cannot_even_stop_restarts(pulse: PrivatePulse, changes: Json, tmp_path: Path) -> None:
    """Closing hangs, as it may in the trouble that calls for a restart."""
    daemon = Restarting(tmp_path / "player", changes, pulse.env)
    daemon.main.write_text(SWITCH + HANGS + MAIN, encoding="utf-8")
    with daemon, recording(pulse) as recorded:
        first = daemon.wait_for("track")
        daemon.wait_until(lambda status: position_s(status) > 2)
        daemon.main.write_text(SWITCH + MAIN, encoding="utf-8")  # the next process is healthy
        daemon.switch()
        plays_on(daemon, first, recorded)


def test_who_is_told_to_end_in_the_middle_of_a_restart_ends(
    pulse: PrivatePulse, changes: Json, tmp_path: Path
) -> None:
    daemon = Restarting(tmp_path / "player", changes, pulse.env)
    daemon.main.write_text(SWITCH + HANGS + MAIN, encoding="utf-8")
    with daemon:
        daemon.wait_for("track")
        daemon.switch()
        daemon.wait_for("restart")
        os.kill(daemon.process.pid, signal.SIGTERM)
        assert daemon.ends(20) == 0


@gaps_judged_in_quiet
def test_a_deck_that_crashes_costs_less_than_five_seconds(
    pulse: PrivatePulse, changes: Json, tmp_path: Path
) -> None:
    """A segmentation fault in libVLC, in the deck that plays and in both at once."""
    with Daemon(tmp_path / "player", changes, pulse.env) as daemon, recording(pulse) as recorded:
        daemon.wait_until(lambda status: position_s(status) > 2 and recorded.sounds())
        for _ in range(2):
            crashed = decks(daemon)
            for pid in crashed:
                os.kill(pid, signal.SIGSEGV)
            began = time.monotonic()
            daemon.wait_until(lambda _, crashed=crashed: not set(crashed) & set(decks(daemon)), 30)
            wait_for(lambda began=began: recorded.since(began).size and recorded.sounds(), 30, "sound")
            daemon.wait_until(lambda status: position_s(status) > 1 and recorded.sounds(1.0))
        back_soon_enough(longest_silence_s(recorded.since(recorded.started_at)), 5)


def test_a_wrong_config_is_not_tried_again_every_second(tmp_path: Path) -> None:
    """systemd starts the player for ever; what only an edit can mend is tried every ten seconds."""
    config = tmp_path / "config.yaml"
    config.write_text("camera: {widht: 1}\n", encoding="utf-8")
    command = [sys.executable, "-m", "player", "run", "-c", str(config)]
    supervised = ["sh", "-c", 'SYSTEMD_EXEC_PID=$$ NOTIFY_SOCKET=/none exec "$@"', "sh", *command]
    began = time.monotonic()
    assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 2
    without_s = time.monotonic() - began
    began = time.monotonic()
    assert subprocess.run(supervised, cwd=ROOT, capture_output=True, check=False).returncode == 2
    assert time.monotonic() - began > without_s + 5


def test_the_log_of_the_last_day_goes_on(pulse: PrivatePulse, tmp_path: Path) -> None:
    made = Daemon(tmp_path / "player", {"camera": {"enabled": False}}, pulse.env)
    with made as running:
        running.wait_until(lambda now: now["playback"]["track"])
        running.tell("volume", 33)
    with made as again:
        again.wait_until(lambda now: now["playback"]["track"])
        said = [line["message"] for line in again.tell("log")["lines"]]
    assert {"volume 33", "stopping"} <= set(said)
