"""A real player is watched: by readers that read, that never do, and that are killed."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from player.errors import ControlError
from player.interfaces.socket import send, watch
from player.types import Json
from tests.support import music
from tests.support.daemon import ROOT, Daemon
from tests.support.pulse import pulse_here
from tests.support.waiting import wait_for

WATCHERS = 50
QUICK_S = 2.0
"""On a machine that is busy with everything else."""


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A player with a few songs, which plays."""
    folder = tmp_path_factory.mktemp("watch")
    (folder / "songs").mkdir()
    for name, hz in (("one", 220.0), ("two", 247.0), ("three", 262.0), ("four", 294.0)):
        music.calm(folder / "songs" / f"{name}.wav", 60, hz)
    settings = {
        "camera": {"enabled": False},
        "library": {"folders": [str(folder / "songs")], "analyze": False},
    }
    with pulse_here() as pulse, Daemon(folder / "shop", settings, pulse.env) as running:
        running.wait_until(
            lambda now: now["playback"]["state"] == "playing" and now["library"]["tracks"] == 4
        )
        yield running


class Reader:
    """Reads all lines on a thread of its own."""

    def __init__(self, daemon: Daemon) -> None:
        self.lines: list[Json] = []
        self.ended = threading.Event()
        self._thread = threading.Thread(target=self._read, args=(daemon.socket,), daemon=True)
        self._thread.start()

    def _read(self, path: Path) -> None:
        with suppress(ControlError):
            for line in watch(path):
                self.lines.append(line)
        self.ended.set()

    def titles(self) -> list[str]:
        """Of the tracks that played, each once for as long as it did."""
        found: list[str] = []
        for line in self.lines:
            track = line["status"]["playback"]["track"]
            if track and (not found or found[-1] != track["title"]):
                found.append(track["title"])
        return found


def watchers(daemon: Daemon) -> int:
    """How many the player has: each has a bell, and nothing else there has one."""
    bells = 0
    for handle in Path(f"/proc/{daemon.process.pid}/fd").iterdir():
        with suppress(OSError):  # it was closed meanwhile
            bells += "eventfd" in os.readlink(handle)
    return bells


def resident_mb(daemon: Daemon) -> float:
    """Memory of the player's process."""
    text = Path(f"/proc/{daemon.process.pid}/status").read_text("utf-8")
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("VmRSS")) / 1024


def silent_watchers(daemon: Daemon, stack: ExitStack) -> list[socket.socket]:
    """Connections that watch and never read."""
    made = []
    for _ in range(WATCHERS):
        connection = stack.enter_context(socket.socket(socket.AF_UNIX))
        connection.connect(str(daemon.socket))
        connection.sendall(b'{"command": "watch"}\n')
        made.append(connection)
    return made


def test_a_watcher_sees_each_track_as_it_comes(daemon: Daemon) -> None:
    reader = Reader(daemon)
    wait_for(reader.titles, 10, "the first line")

    def four(now: Json) -> bool:
        """Each of the four songs, in the order in which they would come, as soon as all have been scanned."""
        shown = [now["playback"]["track"] or {}, *now["playback"]["coming"]]
        return len({track.get("title") for track in shown}) == 4

    daemon.wait_until(four)
    for count in (2, 3):
        daemon.tell("next")
        wait_for(lambda count=count: len(reader.titles()) >= count, 30, f"{count} tracks")  # type: ignore[misc]
    assert len({line["id"] for line in reader.lines}) == len(reader.lines) - sum(
        line.get("heartbeat", False) for line in reader.lines
    )
    played = daemon.tell("status")["playback"]["track"]["title"]
    assert reader.titles()[-1] == played


def test_a_pin_for_a_time_ends_by_itself(daemon: Daemon) -> None:
    reader = Reader(daemon)
    answer = send(daemon.socket, "pin", "calm", fields={"lasting": "2s"})
    pinned = daemon.wait_for("pin", text="calm")
    wait_for(lambda: any(line["status"]["room"]["pinned"] for line in reader.lines), 10, "the pin")
    ended = daemon.wait_for("pin", after=pinned)
    assert "the music follows the room again: the 2 seconds are over" in ended["message"]
    wait_for(lambda: reader.lines[-1]["status"]["room"]["pinned"] is None, 10, "the end of the pin")
    assert answer["until"] in {line["status"]["room"]["pinned_until"] for line in reader.lines}
    with pytest.raises(ControlError, match="has no closing time"):
        send(daemon.socket, "pin", "calm", fields={"lasting": "until closing"})


def test_nobody_reads_and_nobody_is_held_up(daemon: Daemon) -> None:
    before, before_mb = watchers(daemon), resident_mb(daemon)
    with ExitStack() as stack:
        silent_watchers(daemon, stack)
        wait_for(lambda: watchers(daemon) == before + WATCHERS, 20, "all watchers")
        reader = Reader(daemon)
        wait_for(lambda: reader.lines, 10, "the line of who reads")
        for percent in range(20, 50):  # each is a change, and a line for everyone
            seen, asked_at = len(reader.lines), time.monotonic()
            daemon.tell("volume", percent)
            assert time.monotonic() - asked_at < QUICK_S
            wait_for(lambda seen=seen: len(reader.lines) > seen, 10, "its line")  # type: ignore[misc]
        wait_for(lambda: reader.lines[-1]["status"]["playback"]["volume_wanted"] == 49, 10, "the last volume")
        assert resident_mb(daemon) - before_mb < 40, "nothing piles up for who does not read"
    wait_for(lambda: watchers(daemon) == before + 1, 10, "who has gone to be forgotten")
    assert daemon.tell("status")["playback"]["state"] == "playing"


def test_a_watcher_that_is_killed_is_forgotten(daemon: Daemon) -> None:
    before = watchers(daemon)
    command = [sys.executable, "-m", "player", "status", "--watch", "--json", "--config", str(daemon.config)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        status = json.loads(process.stdout.readline())
        assert status["playback"]["state"] == "playing"
        assert watchers(daemon) == before + 1
        process.kill()
    wait_for(lambda: watchers(daemon) == before, 10, "it to be forgotten")


def test_the_end_of_the_player_ends_its_watchers(daemon: Daemon) -> None:
    """The last of this module: it stops the player."""
    reader = Reader(daemon)
    wait_for(lambda: reader.lines, 10, "the first line")
    with ExitStack() as stack:
        silent_watchers(daemon, stack)
        daemon.process.terminate()
        assert daemon.ends(20) == 0
    assert reader.ended.wait(60)
