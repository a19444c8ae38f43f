"""What can go wrong around a playing player (docs/faults.md): each test ends with music that is heard."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from player.types import Json
from tests.fakes.camera import MjpegCamera
from tests.integration.test_daemon import simple
from tests.support import music, processes
from tests.support.daemon import Daemon
from tests.support.hanging_mount import POSSIBLE, hanging_mount
from tests.support.pulse import PrivatePulse, Recording, longest_silence_s, recording
from tests.support.quiet import gaps_judged_in_quiet, unbroken
from tests.support.small_disk import POSSIBLE as SMALL_DISKS
from tests.support.small_disk import fill, make_read_only, make_room, small_disk
from tests.support.waiting import wait_for

BACK_S = 5.0
"""Music is heard again within this time, whatever happened."""


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("songs")
    for number in range(4):
        music.calm(folder / f"{number}.wav", 100, 200 + 20 * number)
    return folder


@contextmanager
def playing(
    pulse: PrivatePulse, folder: Path, changes: Json, scanned: int = 4
) -> Iterator[tuple[Daemon, Recording]]:
    """A daemon that is heard and knows its library, and the record of it."""
    with recording(pulse) as heard, Daemon(folder, changes, pulse.env) as daemon:
        wait_for(heard.sounds, 15, "sound")
        daemon.wait_until(lambda status: status["library"]["tracks"] == scanned)
        yield daemon, heard


def heard_from(daemon: Daemon, heard: Recording) -> None:
    """Music: it is heard, and the player says so and moves on."""
    wait_for(heard.sounds, BACK_S, f"sound:\n{daemon.transcript()}")
    before = daemon.tell("status")["playback"]["position_s"] or 0.0
    daemon.wait_until(
        lambda status: (
            status["playback"]["state"] == "playing" and abs(status["playback"]["position_s"] - before) > 0.5
        )
    )
    assert heard.sounds()


def skip(daemon: Daemon) -> str:
    """On to another track, which must begin at once; returns it."""
    last = daemon.events[-1]
    daemon.tell("next")
    return str(daemon.wait_for("track", BACK_S, after=last, level="info")["path"])


def plays(folder: Path) -> list[str]:
    """The play history, in order."""
    with closing(sqlite3.connect(folder / "state" / "library.db")) as database:
        return [row[0] for row in database.execute("SELECT path FROM plays ORDER BY id")]


def current_deck(daemon: Daemon) -> int:
    """The process whose track is heard."""
    deck = daemon.wait_until(
        lambda status: (
            [one["role"] for one in status["playback"]["decks"]].count("current") == 1
            and all(one["ready"] for one in status["playback"]["decks"])
            and "preparing" not in [one["role"] for one in status["playback"]["decks"]]
        )
    )
    (pid,) = [one["pid"] for one in deck["playback"]["decks"] if one["role"] == "current"]
    return int(pid)


def test_the_music_folder_goes_away_and_comes_back(pulse: PrivatePulse, songs: Path, tmp_path: Path) -> None:
    """Unplugged while a file in it plays: the demo music until it is back, then all of it plays again."""
    folder, away = tmp_path / "songs", tmp_path / "away"
    shutil.copytree(songs, folder)
    with playing(pulse, tmp_path / "player", simple(folder)) as (daemon, heard):
        folder.rename(away)
        last = daemon.events[-1]
        daemon.tell("next")
        demo = daemon.wait_for("track", 20, after=last, level="info")
        assert "demo music" in demo["reason"] or not demo["path"].startswith(str(folder))
        heard_from(daemon, heard)
        away.rename(folder)
        daemon.wait_until(
            lambda status: status["library"]["tracks"] == 4 and status["library"]["problem"] is None, 40
        )
        assert daemon.tell("status")["library"]["unreadable"] == 0
        assert skip(daemon).startswith(str(folder))
        heard_from(daemon, heard)


@pytest.mark.skipif(not POSSIBLE, reason="mounting a file system needs root and /dev/fuse")
@gaps_judged_in_quiet
def test_a_mount_that_never_answers(pulse: PrivatePulse, songs: Path, tmp_path: Path) -> None:
    """A share whose server is gone, while a file on it plays and at the next start."""
    folder = tmp_path / "songs"
    shutil.copytree(songs, folder)
    with playing(pulse, tmp_path / "player", simple(folder)) as (daemon, heard):
        began = time.monotonic()
        with hanging_mount(folder) as answer:
            last = daemon.events[-1]
            daemon.tell("next")
            demo = daemon.wait_for("track", 40, after=last, level="info")
            assert "demo music" in demo["reason"]
            daemon.tell("status")
            heard_from(daemon, heard)
            unbroken(longest_silence_s(heard.since(began)), 0.5)
            daemon.kill()
            with recording(pulse) as again, Daemon(tmp_path / "player", simple(folder), pulse.env) as second:
                wait_for(again.sounds, 2 * BACK_S, f"sound beside a dead mount:\n{second.transcript()}")
                second.wait_until(lambda status: "does not answer" in (status["library"]["problem"] or ""))
                answer()
                second.wait_until(
                    lambda status: status["library"]["tracks"] == 4 and not status["library"]["problem"], 40
                )
                assert second.tell("status")["library"]["unreadable"] == 0
                assert skip(second).startswith(str(folder))
                heard_from(second, again)


@gaps_judged_in_quiet
def test_a_database_that_is_locked_full_or_damaged(pulse: PrivatePulse, songs: Path, tmp_path: Path) -> None:
    folder, database = tmp_path / "player", tmp_path / "player" / "state" / "library.db"
    with playing(pulse, folder, simple(songs)) as (daemon, heard):
        began = time.monotonic()
        tracks = [event["path"] for event in daemon.events if event["event"] == "track"]

        with closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            tracks += [skip(daemon) for _ in range(3)]
            assert plays(folder) == tracks[:-3], "it is locked"
            other.execute("ROLLBACK")
        wait_for(lambda: plays(folder) == tracks, 20, "the lines that had to wait")

        before = daemon.events[-1]
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        tracks += [skip(daemon) for _ in range(3)]
        daemon.wait_for("state", 10, after=before, level="warning")
        last = daemon.events[-1]
        daemon.wait_until(lambda status: status["playback"]["position_s"] > 4)
        troubles = [event for event in daemon.events if event["level"] in ("warning", "error")]
        assert len([one for one in troubles if "play history cannot be written" in one["message"]]) <= 2
        assert len([one for one in troubles if "state cannot be saved" in one["message"]]) == 1
        infinite = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, infinite)
        daemon.wait_for("state", 15, after=last, message="the state can be saved again")
        wait_for(lambda: plays(folder) == tracks, 20, "the lines that had to wait for room")
        saved = json.loads((folder / "state" / "state.json").read_text())
        assert saved["path"] == tracks[-1]

        # What is in memory serves while it can; the next start finds the damage.
        garble(database, database.with_name("library.db-wal"))
        for _ in range(3):
            skip(daemon)
        heard_from(daemon, heard)
        unbroken(longest_silence_s(heard.since(began)), 0.5)
    with recording(pulse) as heard, Daemon(folder, simple(songs), pulse.env) as daemon:
        wait_for(heard.sounds, BACK_S, f"sound:\n{daemon.transcript()}")
        daemon.wait_until(lambda status: status["library"]["tracks"] == 4)
        late = skip(daemon)
        wait_for(lambda: plays(folder)[-1:] == [late], 20, "the play history to go on")
        heard_from(daemon, heard)


def garble(*paths: Path) -> None:
    """Overwrite files with noise, as a dying card does."""
    for path in paths:
        if path.exists():
            with path.open("r+b") as file:
                file.write(random.Random(0).randbytes(path.stat().st_size))


def test_nothing_in_the_state_folder_prevents_a_start(
    pulse: PrivatePulse, songs: Path, tmp_path: Path
) -> None:
    folder, state = tmp_path / "player", tmp_path / "player" / "state"
    with playing(pulse, folder, simple(songs)) as (daemon, _):
        wait_for((state / "state.json").is_file, 5, "the state")
        daemon.kill()

    with closing(sqlite3.connect(state / "library.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with recording(pulse) as heard, Daemon(folder, simple(songs), pulse.env) as daemon:
            wait_for(heard.sounds, BACK_S, f"sound beside a locked database:\n{daemon.transcript()}")
            other.execute("ROLLBACK")
            track = daemon.wait_for("track")["path"]
            wait_for(lambda: plays(folder)[-1:] == [track], 20, "its entry in the play history")
            daemon.kill()

    (state / "state.json").unlink()
    (state / "state.json").mkdir()
    garble(state / "library.db")
    with recording(pulse) as heard, Daemon(folder, simple(songs), pulse.env) as daemon:
        wait_for(heard.sounds, BACK_S, f"sound:\n{daemon.transcript()}")
        daemon.wait_until(lambda status: status["library"]["tracks"] == 4)
        wait_for((state / "state.json").is_file, 15, "a new state")
        heard_from(daemon, heard)
        assert (state / "state.damaged").is_dir()
        assert list(state.glob("library.db.corrupt-*"))
        daemon.kill()

    for file in state.glob("library.db*"):
        file.unlink()
    (state / "library.db").mkdir()
    with recording(pulse) as heard, Daemon(folder, simple(songs), pulse.env) as daemon:
        wait_for(heard.sounds, BACK_S, f"sound without any library:\n{daemon.transcript()}")
        assert "cannot be opened" in daemon.tell("status")["library"]["problem"]
        skip(daemon)
        (state / "library.db").rmdir()
        daemon.wait_until(lambda status: status["library"]["tracks"] == 4)
        wait_for(lambda: len(plays(folder)) == 2, 10, "what was played without it")
        heard_from(daemon, heard)


def test_a_deck_that_gets_stuck_on_a_file(pulse: PrivatePulse, songs: Path, tmp_path: Path) -> None:
    """As on a mount that lost its server: once more, then another one, and no proof against the file."""
    with playing(pulse, tmp_path / "player", simple(songs)) as (daemon, heard):
        before = daemon.wait_for("track")
        for begun_s in (0, before["position_s"]):
            daemon.wait_until(lambda status, s=begun_s: status["playback"]["position_s"] > s + 1)
            last = daemon.events[-1]
            os.kill(current_deck(daemon), signal.SIGSTOP)
            other = daemon.wait_for("track", 2 * BACK_S, after=last, level="info")
            heard_from(daemon, heard)
        assert other["path"] != before["path"]
        assert daemon.tell("status")["library"]["unreadable"] == 0


@contextmanager
def unusable(tmp_path: Path, how: str) -> Iterator[Path]:
    """A state folder that cannot be used, for one reason or another."""
    with ExitStack() as stack:
        match how:
            case "a file":
                (tmp_path / "file").touch()
                yield tmp_path / "file"
            case "no right above it":
                above = tmp_path / "another's"
                above.mkdir(mode=0o700)
                os.chown(above, 65534, 65534)
                yield above / "state"
            case "read-only disk":
                disk = stack.enter_context(small_disk(tmp_path / "disk", 4000))
                make_read_only(disk)
                yield disk / "state"
            case _:
                disk = stack.enter_context(small_disk(tmp_path / "disk", 1000))
                fill(disk)
                yield disk


needs_mounts = pytest.mark.skipif(not SMALL_DISKS, reason="mounting a file system needs root")


@pytest.mark.parametrize(
    "how",
    [
        "a file",
        pytest.param("no right above it", marks=needs_mounts),
        pytest.param("read-only disk", marks=needs_mounts),
        pytest.param("full disk", marks=needs_mounts),
    ],
)
def test_without_a_state_folder_the_music_plays_and_takes_commands(
    pulse: PrivatePulse, tmp_path: Path, how: str
) -> None:
    # Root without its capabilities has the rights that an owner would have.
    weak = ("setpriv", "--inh-caps=-all", "--bounding-set=-all") if how == "no right above it" else ()
    with TemporaryDirectory() as runtime, unusable(tmp_path, how) as state:
        env = pulse.env | {"XDG_RUNTIME_DIR": runtime}
        changes = simple(None, state_dir=str(state))
        with (
            Daemon(tmp_path / "player", changes, env, behind=weak) as daemon,
            recording(pulse) as heard,
        ):
            daemon.wait_for("problem")
            daemon.wait_for("track")
            wait_for(heard.sounds, 20, "sound")
            # On a full disk there may be room for a socket.
            sockets = [*Path(runtime).glob("ambient-player-*/control-*.sock"), state / "control.sock"]
            daemon.socket = sockets[0]
            (problem,) = daemon.tell("status")["problems"]
            assert problem.startswith(f"{state} cannot be ")
            assert sum(event["event"] == "problem" for event in daemon.events) == 1
            asked = [*weak, sys.executable, "-m", "player", "status", "--config", str(daemon.config)]
            status = subprocess.run(asked, env=os.environ | env, capture_output=True, text=True, check=False)
            assert status.returncode == 0, status.stderr
            daemon.process.terminate()
            assert daemon.ends(10) == 0


@needs_mounts
def test_a_disk_that_is_full_for_a_while(pulse: PrivatePulse, songs: Path, tmp_path: Path) -> None:
    """A real one: what was played and commanded is written when there is room again."""
    folder = tmp_path / "player"
    with small_disk(folder / "state", 3000) as disk, playing(pulse, folder, simple(songs)) as (daemon, heard):
        tracks = [daemon.wait_for("track")["path"]]
        wait_for((disk / "state.json").is_file, 10, "the state")
        fill(disk)
        before = daemon.events[-1]
        tracks += [skip(daemon) for _ in range(2)]
        daemon.tell("volume", 33)
        daemon.wait_for("state", 10, after=before, level="warning")
        heard_from(daemon, heard)
        last = daemon.events[-1]
        make_room(disk)
        daemon.wait_for("state", 15, after=last, message="the state can be saved again")
        wait_for(lambda: plays(folder) == tracks, 20, "the lines that had to wait for room")
        assert json.loads((disk / "state.json").read_text())["volume"] == 33
        heard_from(daemon, heard)


def test_all_processes_stopped_for_a_while(pulse: PrivatePulse, songs: Path, tmp_path: Path) -> None:
    """Longer than any limit for a deck or a track: the same track goes on, on the same deck."""
    changes = simple(songs, playback={"silence_s": 4, "watchdog": {"silent_s": 4}})
    with Daemon(tmp_path / "player", changes, pulse.env) as daemon, recording(pulse) as heard:
        daemon.wait_until(lambda status: (status["playback"]["position_s"] or 0) > 1 and heard.sounds())
        before = daemon.tell("status")["playback"]
        pids = [daemon.process.pid, *processes.children(daemon.process.pid)]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        stopped_at = time.monotonic()
        wait_for(lambda: time.monotonic() - stopped_at > 6, 10, "more than all limits")
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
        after = daemon.wait_until(
            lambda status: (status["playback"]["position_s"] or 0) > before["position_s"] + 4
        )["playback"]
        assert after["track"]["path"] == before["track"]["path"], daemon.transcript()
        assert [deck["pid"] for deck in after["decks"]] == [deck["pid"] for deck in before["decks"]]
        assert not any(after["audible"]["steps"].values())
        kinds = [event["event"] for event in daemon.events]
        assert kinds.count("track") == 1, "neither another one nor a complaint"
        assert not {"silent", "watchdog", "playback"} & set(kinds)


@pytest.mark.long
def test_ten_thousand_commands(pulse: PrivatePulse, songs: Path, tmp_path: Path) -> None:
    commands = [
        *[("status", None), ("next", None), ("pause", None), ("resume", None)],
        *[("volume", 30), ("volume", 60), ("pin", "calm"), ("unpin", None)],
    ]
    with playing(pulse, tmp_path / "player", simple(songs)) as (daemon, heard):
        daemon.wait_until(lambda status: status["perception"]["problem"] is None)
        flood(daemon, commands, rounds=25)  # what grows once, has grown
        before = footprint(daemon)
        refused = [0] * 8
        senders = [
            threading.Thread(target=lambda n=n: refused.__setitem__(n, flood(daemon, commands, rounds=157)))
            for n in range(8)
        ]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join(100)
            assert not sender.is_alive()
        assert sum(refused) == 0
        for command, value in (("resume", None), ("volume", 70), ("unpin", None)):
            daemon.tell(command, value)
        heard_from(daemon, heard)
        skip(daemon)
        heard_from(daemon, heard)
        wait_for(lambda: footprint(daemon)["threads"] <= before["threads"] + 2, 70, "the threads to end")
        after = footprint(daemon)
        assert after["files"] <= before["files"] + 4
        assert after["kib"] < before["kib"] + 30_000, f"{before} -> {after}"


def flood(daemon: Daemon, commands: list[tuple[str, object]], rounds: int) -> int:
    """Send all commands so often over one connection, one after the other; how many were refused."""
    refused = 0
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(60)
        connection.connect(str(daemon.socket))
        answers = connection.makefile("rb")
        for _ in range(rounds):
            for command, value in commands:
                connection.sendall(json.dumps({"command": command, "value": value}).encode() + b"\n")
                refused += not json.loads(answers.readline())["ok"]
    return refused


def footprint(daemon: Daemon) -> dict[str, int]:
    """Resident memory, threads and open files of the daemon itself."""
    pid = daemon.process.pid
    return {
        "kib": int(processes.PROC.status(pid, "VmRSS").split()[0]),
        "threads": len(processes.PROC.threads(pid)),
        "files": len(processes.PROC.handles(pid)),
    }


@gaps_judged_in_quiet
@pytest.mark.long
def test_a_camera_that_goes_and_an_analysis_that_is_killed(
    pulse: PrivatePulse, songs: Path, tmp_path: Path
) -> None:
    """By the kernel, say, when memory is short: the file is listened to again."""
    camera = MjpegCamera(fps=5)
    camera.start()
    try:
        changes = simple(songs) | {"camera": {"source": camera.url, "retry_first_s": 0.5, "retry_max_s": 1}}
        changes["library"]["busy_percent"] = 100
        with playing(pulse, tmp_path / "player", changes) as (daemon, heard):
            began = time.monotonic()
            daemon.wait_until(lambda status: status["perception"]["camera"]["state"] == "live")
            camera.stop()
            daemon.wait_until(lambda status: status["perception"]["camera"]["state"] == "lost")
            for file in range(4):
                shutil.copy(songs / f"{file}.wav", songs / f"new {file}.wav")
            try:
                wait_for(lambda: children(daemon, "library.analysis.child"), 30, "an analysis")
                for pid in children(daemon, "library.analysis.child"):
                    os.kill(pid, signal.SIGKILL)
                camera.start()
                daemon.wait_until(lambda status: status["perception"]["camera"]["state"] == "live")
                daemon.wait_until(
                    lambda status: status["library"]["tracks"] == status["library"]["analysed"] == 8, 60
                )
            finally:
                for file in range(4):
                    (songs / f"new {file}.wav").unlink()
            assert daemon.tell("status")["library"]["unreadable"] == 0
            heard_from(daemon, heard)
            unbroken(longest_silence_s(heard.since(began)), 0.5)
    finally:
        camera.stop()


def children(daemon: Daemon, name: str) -> list[int]:
    """Child processes of the daemon whose command line holds `name`."""
    return processes.children(daemon.process.pid, name)
