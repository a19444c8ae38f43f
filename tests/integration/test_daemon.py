"""The whole player: a camera that sees a room change, real models, real libVLC, a recorded loudspeaker."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import cv2
import numpy as np
import pytest

from player.errors import ControlError
from player.types import Image, Json
from tests.support import music
from tests.support.daemon import ROOT, Daemon
from tests.support.photos import photo
from tests.support.pulse import (
    PrivatePulse,
    Recording,
    level_db,
    levels_db,
    longest_silence_s,
    recording,
)
from tests.support.quiet import gaps_judged_in_quiet, unbroken
from tests.support.waiting import wait_for

SCENE_S = 30.0
FPS = 5


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of two calm and two lively tracks."""
    folder = tmp_path_factory.mktemp("songs")
    for number, root_hz in enumerate((220.0, 247.0), 1):
        music.calm(folder / f"calm {number}.wav", 90, root_hz)
        music.lively(folder / f"lively {number}.wav", 90, root_hz / 2)
    return folder


def calm_room() -> Image:
    """A cup of coffee on a table."""
    return np.asarray(cv2.resize(photo("coffee.png"), (640, 480), interpolation=cv2.INTER_AREA), np.uint8)


def lively_room() -> Image:
    """A crowd, made of one person twelve times."""
    person = cv2.resize(photo("astronaut.png")[:420, 60:400], (160, 160), interpolation=cv2.INTER_AREA)
    row = np.hstack([person, person[:, ::-1], person, person[:, ::-1]])
    return np.asarray(np.vstack([row, row[:, ::-1], row]), np.uint8)


def video(path: Path, rooms: list[Image], seconds: float) -> Path:
    """A video that shows each room for `seconds`, with a sensor's noise."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FPS, (640, 480))
    random = np.random.default_rng(0)
    for room in rooms:
        for _ in range(round(seconds * FPS)):
            noise = random.integers(-4, 5, room.shape, np.int16)
            writer.write(np.clip(room + noise, 0, 255).astype(np.uint8))
    writer.release()
    return path


def ambient_player(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line, to its end."""
    command = [sys.executable, "-m", "player", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def heard_library(songs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that has listened to the songs, as on every day but the first."""
    folder = tmp_path_factory.mktemp("heard")
    Daemon(folder, simple(songs), {})
    done = ambient_player("library", "analyze", "--json", "--config", str(folder / "config.yaml"))
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == len(list(songs.iterdir()))
    return folder / "state" / "library.db"


def has_heard(folder: Path, library: Path) -> None:
    """Give a player that has not started a library."""
    (folder / "state").mkdir(mode=0o700, parents=True)
    shutil.copy(library, folder / "state")


def moment(event: Json, recorded: Recording) -> float:
    """Where in the recording an event of the log happened, in seconds."""
    wall_at = datetime.fromisoformat(event["at"]).timestamp()
    return wall_at - time.time() + time.monotonic() - recorded.started_at


def lively_share(recorded: Recording, start_s: float, seconds: float) -> float:
    """Power above HIGH_HZ against all power, in dB: about -120 in calm music, above -30 in lively music."""
    part = recorded.samples[round(start_s * music.RATE) : round((start_s + seconds) * music.RATE)]
    return float(np.median(levels_db(part, 0.5, low_hz=music.HIGH_HZ) - levels_db(part, 0.5)))


LIVELY_DB = -40.0


@gaps_judged_in_quiet
def test_the_music_follows_the_room(
    pulse: PrivatePulse, songs: Path, heard_library: Path, tmp_path: Path
) -> None:
    """calm room -> lively room -> calm room: heard at the loudspeaker, from the first second on."""
    clip = video(tmp_path / "room.avi", [calm_room(), lively_room(), calm_room()], SCENE_S)
    changes = {
        "camera": {"source": str(clip), "loop": False, "fps": 4},
        "library": {"folders": [str(songs)]},
        "dayparts": [{"name": "always", "start": "00:00", "mood": "calm"}],
    }
    has_heard(tmp_path / "player", heard_library)
    with recording(pulse) as recorded, Daemon(tmp_path / "player", changes, pulse.env) as daemon:
        first = daemon.wait_for("track")
        perception = daemon.wait_for("perception")
        crowd = daemon.wait_for_scene(lambda scene: scene["people"] > 4)
        to_lively = daemon.wait_for("shift", 60, after=crowd)
        second = daemon.wait_for("track", 20, after=to_lively)
        table = daemon.wait_for_scene(lambda scene: scene["people"] == 0, after=second)
        to_calm = daemon.wait_for("shift", 60, after=table)
        third = daemon.wait_for("track", 20, after=to_calm)
        # The status may still be that of the track before.
        daemon.wait_until(
            lambda status: (
                status["playback"]["track"]["path"] == third["path"]
                and status["playback"]["position_s"] > third["position_s"] + 9
            )
        )
    say(f"first sound {first['at']}, eyes {perception['at']}")

    assert daemon.events.index(first) < daemon.events.index(perception), "music waited for the models"
    assert "calm" in Path(first["path"]).name
    assert "lively" in Path(second["path"]).name
    assert "calm" in Path(third["path"]).name

    starts = [moment(event, recorded) for event in (first, second, third)]
    assert lively_share(recorded, starts[0] + 3, 5) < LIVELY_DB
    assert lively_share(recorded, starts[1] + 6, 5) > LIVELY_DB
    assert lively_share(recorded, starts[2] + 6, 2) < LIVELY_DB

    heard = recorded.samples[round((starts[0] + 2) * music.RATE) : round((starts[2] + 8) * music.RATE)]
    unbroken(longest_silence_s(heard), 0.5)
    for start_s in starts[1:]:
        around = recorded.samples[round((start_s - 4) * music.RATE) : round((start_s + 8) * music.RATE)]
        levels = music.k_weighted_db(around, music.BAR_S)
        say(f"levels through the crossfade, dB: {np.round(levels, 1)}")
        assert levels.max() - levels.min() < 3


def say(text: str) -> None:
    """The true figures, for whoever reads the output of a run."""
    print(text)  # noqa: T201


def simple(songs: Path | None, **changes: Json) -> Json:
    """A daemon that only plays: no camera."""
    library = {"folders": [str(songs)] if songs else []}
    return {"camera": {"enabled": False}, "library": library, **changes}


def test_sigterm_stops_within_three_seconds_and_saves(
    pulse: PrivatePulse, songs: Path, tmp_path: Path
) -> None:
    with Daemon(tmp_path / "player", simple(songs), pulse.env) as daemon:
        daemon.wait_until(lambda status: (status["playback"]["position_s"] or 0) > 2)
        daemon.tell("volume", 41)
        daemon.wait_until(lambda status: status["playback"]["volume"] == 41)
        daemon.process.send_signal(signal.SIGTERM)
        assert daemon.ends(3) == 0
    state = json.loads((tmp_path / "player" / "state" / "state.json").read_text())
    assert state["volume"] == 41
    assert state["position_s"] > 2
    assert not daemon.socket.exists()


def test_an_edited_config_wins_over_what_was_remembered(
    pulse: PrivatePulse, songs: Path, tmp_path: Path
) -> None:
    """Another music folder, another volume, the camera forbidden: none of it may wait for a command."""
    with Daemon(tmp_path / "player", {"library": {"folders": [str(songs)]}}, pulse.env) as daemon:
        daemon.wait_until(lambda status: status["perception"]["camera"]["state"] == "live")
        daemon.tell("volume", 41)
        daemon.tell("camera", "on")
        daemon.wait_until(lambda status: status["playback"]["volume"] == 41)
    other = tmp_path / "other"
    other.mkdir()
    music.calm(other / "new.wav", 30)
    with Daemon(tmp_path / "player", simple(songs), pulse.env) as daemon:
        status = daemon.wait_until(lambda status: status["playback"]["state"] == "playing")
        assert status["playback"]["volume"] == 41
        assert not status["perception"]["camera"]["enabled"]
    edited = simple(other, playback={"volume": 55})
    with Daemon(tmp_path / "player", edited, pulse.env) as daemon:
        assert daemon.wait_for("track")["path"] == str(other / "new.wav")
        assert daemon.tell("status")["playback"]["volume"] == 55


def test_a_killed_player_leaves_no_deck_behind(pulse: PrivatePulse, songs: Path, tmp_path: Path) -> None:
    with Daemon(tmp_path / "player", simple(songs), pulse.env) as daemon, recording(pulse) as recorded:
        daemon.wait_until(lambda _: recorded.sounds())
        daemon.kill()
        wait_for(lambda: not recorded.sounds(), 10, "silence")


def test_commands(pulse: PrivatePulse, songs: Path, heard_library: Path, tmp_path: Path) -> None:
    has_heard(tmp_path / "player", heard_library)
    changes = simple(songs, choice={"track_window_s": 0})  # two songs of a kind are soon heard
    with Daemon(tmp_path / "player", changes, pulse.env) as daemon, recording(pulse) as recorded:
        before = daemon.wait_for("track")
        daemon.wait_until(lambda status: status["perception"]["problem"] is None)
        daemon.tell("next")
        after = daemon.wait_for("track", after=before)
        assert after["path"] != before["path"]
        daemon.tell("pause")
        daemon.wait_until(lambda status: status["playback"]["state"] == "paused" and not recorded.sounds())
        daemon.tell("resume")
        daemon.wait_until(lambda status: status["playback"]["state"] == "playing" and recorded.sounds())
        daemon.tell("volume", 0)
        daemon.wait_until(lambda _: not recorded.sounds())
        daemon.tell("volume", 70)
        daemon.wait_until(lambda _: recorded.sounds())
        daemon.tell("pin", "a wild party with a dancing crowd")
        daemon.wait_until(lambda status: "lively" in status["playback"]["track"]["title"])
        daemon.tell("pin", "calm")
        daemon.wait_until(lambda status: "calm" in status["playback"]["track"]["title"])
        daemon.tell("unpin")
        assert daemon.tell("status")["room"]["pinned"] is None
        for nonsense in (("pin", ""), ("volume", 300), ("volume", "loud"), ("camera", "maybe"), ("dance", 1)):
            with pytest.raises(ControlError):
                daemon.tell(*nonsense)
        assert daemon.tell("status")["playback"]["state"] == "playing"


def test_the_camera_can_be_switched_off_and_on(pulse: PrivatePulse, songs: Path, tmp_path: Path) -> None:
    with Daemon(tmp_path / "player", {"library": {"folders": [str(songs)]}}, pulse.env) as daemon:
        daemon.wait_until(lambda status: status["perception"]["camera"]["state"] == "live")
        daemon.tell("camera", "off")
        daemon.wait_until(lambda status: status["perception"]["camera"]["state"] == "off")
        daemon.tell("camera", "on")
        daemon.wait_until(lambda status: status["perception"]["camera"]["state"] == "live")
        assert daemon.tell("status")["playback"]["state"] == "playing"


def test_a_folder_without_music_is_said_and_new_files_are_found(pulse: PrivatePulse, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    changes = {"camera": {"enabled": False}, "library": {"folders": [str(folder)], "rescan_s": 5}}
    with Daemon(tmp_path / "player", changes, pulse.env) as daemon:
        said = daemon.wait_for("library")
        assert "there is no music in" in said["message"]
        music.calm(folder / "at last.wav", 40)
        daemon.wait_until(lambda status: status["library"]["problem"] is None)
        daemon.tell("next")
        daemon.wait_until(lambda status: (status["playback"]["track"] or {}).get("title") == "at last")


@gaps_judged_in_quiet
def test_a_corrupt_file_among_the_music_costs_nothing(pulse: PrivatePulse, tmp_path: Path) -> None:
    folder = tmp_path / "songs"
    folder.mkdir()
    for number in range(3):
        music.calm(folder / f"{number}.wav", 9, 200 + 20 * number)
    (folder / "broken.mp3").write_bytes(b"ID3\x04" + bytes(5000))
    (folder / "cut.wav").write_bytes((folder / "0.wav").read_bytes()[:60])
    with Daemon(tmp_path / "player", simple(folder), pulse.env) as daemon, recording(pulse) as recorded:
        first = daemon.wait_for("track")
        tracks = 1
        for _ in range(5):
            following = daemon.wait_for("track", 30, after=first)
            first, tracks = following, tracks + 1
        heard = recorded.samples[round((moment(daemon.wait_for("track"), recorded) + 2) * music.RATE) :]
        unbroken(longest_silence_s(heard), 0.5)
        assert daemon.tell("status")["library"]["unreadable"] == 2


def test_a_missing_model_leaves_the_music_on_schedule(
    pulse: PrivatePulse, songs: Path, tmp_path: Path
) -> None:
    """A copy of the program in which one model file is gone: no sentence is read, the music plays."""
    root = tmp_path / "copy"
    shutil.copytree(ROOT / "player", root / "player", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "models_onnx").mkdir()
    for file in (ROOT / "models_onnx").iterdir():
        (root / "models_onnx" / file.name).symlink_to(file)
    model = next((root / "models_onnx").glob("detector*.onnx"))
    model.unlink()
    with (
        recording(pulse) as recorded,
        Daemon(tmp_path / "player", simple(songs, camera={"source": "demo"}), pulse.env, root=root) as daemon,
    ):
        track = daemon.wait_for("track")
        status = daemon.wait_until(lambda status: model.name in (status["perception"]["problem"] or ""))
        assert "restore it" in status["perception"]["problem"]
        daemon.tell("next")
        daemon.wait_for("track", 5, after=track)
        wait_for(lambda: recorded.sounds(1.0), 5, "music")


def test_a_broken_config_is_explained_and_exits_with_2(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("camera: {widht: 1}\ndayparts: [{name: a, start: '09:00', mood: calmish}]\n")
    for command in ("run", "check", "demo"):
        done = ambient_player(command, "-c", str(path))
        assert done.returncode == 2
        assert done.stderr.splitlines() == [
            f"{path}:1: camera.widht: unknown key; did you mean 'width'?",
            f"{path}:2: dayparts[0].mood: found 'calmish', which is no mood; did you mean 'calm'?",
        ]


def test_a_second_player_is_refused(pulse: PrivatePulse, songs: Path, tmp_path: Path) -> None:
    with Daemon(tmp_path / "player", simple(songs), pulse.env) as daemon:
        daemon.wait_for("track")
        done = ambient_player("run", "-c", str(daemon.config))
        assert done.returncode == 1
        assert "another player is already running" in done.stderr
        assert daemon.tell("status")["playback"]["state"] == "playing"


def test_the_demo_plays_for_as_long_as_it_is_told(pulse: PrivatePulse, tmp_path: Path) -> None:
    with (
        recording(pulse) as recorded,
        Daemon(tmp_path / "player", {}, pulse.env, command=("demo", "--seconds", "8")) as daemon,
    ):
        daemon.wait_for("track")
        assert daemon.ends(60) == 0
    assert level_db(recorded.samples) > -50


@pytest.mark.long
def test_the_demo_shifts_twice(pulse: PrivatePulse, tmp_path: Path) -> None:
    with (
        recording(pulse) as recorded,
        Daemon(tmp_path / "player", {}, pulse.env, command=("demo", "--seconds", "90")) as daemon,
    ):
        daemon.wait_for("track")
        assert daemon.ends(120) == 0
    shifts = [event for event in daemon.events if event["event"] == "shift"]
    assert len(shifts) >= 2, daemon.transcript()
    assert level_db(recorded.samples) > -50
