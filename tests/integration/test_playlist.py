"""A photo or a mood becomes a list: real models, a real library, from the command line and the daemon."""

from __future__ import annotations

import json
import os
import shutil
import struct
import threading
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml

from player.errors import ArgumentError, BusyError, ControlError
from player.interfaces import socket
from player.library.scan.playlists import read_playlist
from player.types import Json
from tests.integration.test_daemon import ambient_player
from tests.support import music
from tests.support.daemon import Daemon
from tests.support.photos import photo
from tests.support.pulse import PrivatePulse


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with six songs of 20 s that have been listened to, three of each kind, and a photo."""
    folder = tmp_path_factory.mktemp("venue")
    songs = folder / "노래"
    songs.mkdir()
    for number, root_hz in enumerate((196.0, 220.0, 247.0)):
        music.calm(songs / f"calm {number}.wav", 20, root_hz)
        music.lively(songs / f"#lively, {number}.wav", 20, root_hz / 2)
    config = folder / "config.yaml"
    settings = {
        "state_dir": str(folder / "state"),
        "library": {"folders": [str(songs)]},
        "choice": {"seed": 1},
    }
    config.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    assert ambient_player("library", "scan", "--config", str(config)).returncode == 0
    assert ambient_player("library", "analyze", "--config", str(config)).returncode == 0
    shown = os.fsencode(folder / "photo-") + b"caf\xe9.jpg"
    Path(os.fsdecode(shown)).write_bytes(cv2.imencode(".jpg", photo("coffee.png"))[1].tobytes())
    return folder


def listed(venue: Path, *words: str) -> Json:
    done = ambient_player(
        "playlist", "--minutes", "1", "--format", "json", "--config", str(venue / "config.yaml"), *words
    )
    assert done.returncode == 0, done.stderr
    made: Json = json.loads(done.stdout)
    return made


def kinds(made: Json) -> list[str]:
    return [Path(step["path"]).stem.strip("#").split()[0].strip(",") for step in made["steps"]]


def test_a_photo_of_any_name_becomes_a_list_and_shows_how(venue: Path) -> None:
    (shown,) = venue.glob("photo-*")
    made = listed(venue, "--photo", str(shown))
    assert made["seen"]["caption"]
    assert made["mood"]["why"].startswith("the minilm reader read what is seen")
    assert (made["length_s"], len(made["steps"])) == (60, 3)
    assert len({step["path"] for step in made["steps"]}) == 3
    assert all(step["score"]["mood"] > 0 and step["runners_up"] for step in made["steps"])


def test_each_mood_gets_its_own_music(venue: Path) -> None:
    assert kinds(listed(venue, "--mood", "calm")) == ["calm"] * 3
    assert kinds(listed(venue, "--mood", "활기찬")) == ["lively"] * 3
    assert kinds(listed(venue, "--mood", "a quiet library where people read")) == ["calm"] * 3


def test_the_playlist_that_is_written_is_one_that_can_be_read(venue: Path) -> None:
    file = venue / "노래" / "wild.m3u8"
    words = ("--mood", "energizing", "--minutes", "1", "--format", "m3u", "--output", str(file))
    done = ambient_player("playlist", "--config", str(venue / "config.yaml"), *words)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "length: 1:00 of 1:00, 3 tracks"
    entries = read_playlist(file)
    file.unlink()
    assert [Path(entry.source).is_file() and not entry.missing for entry in entries] == [True] * 3
    assert all(entry.title.startswith("#lively, ") for entry in entries)


@pytest.fixture(scope="module")
def daemon(pulse: PrivatePulse, venue: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    folder = tmp_path_factory.mktemp("player")
    shutil.copytree(venue / "state", folder / "state")
    changes = {"library": {"folders": [str(venue / "노래")], "analyze": False}, "camera": {"source": "demo"}}
    with Daemon(folder, changes, pulse.env) as running:
        running.wait_until(lambda status: status["perception"]["scene"] is not None)
        yield running


def tell(daemon: Daemon, command: str, **fields: object) -> Json:
    return socket.send(daemon.socket, command, fields=fields, timeout_s=60)


def picture(ending: str = ".jpg") -> str:
    return b64encode(cv2.imencode(ending, photo("coffee.png"))[1].tobytes()).decode()


def test_the_daemon_makes_one_from_words_and_from_a_picture(daemon: Daemon) -> None:
    made = tell(daemon, "playlist", mood="calm", minutes=1)
    assert kinds(made["playlist"])[0] == "calm"
    assert made["message"].startswith("calm, 1 min: 3 tracks.")
    for ending in (".jpg", ".png", ".webp"):
        seen = tell(daemon, "playlist", picture=picture(ending), minutes=1)["playlist"]["seen"]
        assert seen["caption"]


def test_hostile_pictures_get_a_sentence_and_the_player_plays_on(daemon: Daemon) -> None:
    whole = b64decode(picture(".png"))
    big = bytearray(whole)
    big[16:24] = struct.pack(">II", 10_000, 10_000)
    track = daemon.wait_for("track")
    for data in (
        whole[: len(whole) // 2],
        bytes(big),
        b"<svg/>",
        b"\xff\xd8\xff" + os.urandom(5000),
    ):
        with pytest.raises(ArgumentError, match="the picture cannot be used"):
            tell(daemon, "playlist", picture=b64encode(data).decode())
    assert tell(daemon, "status")["playback"]["state"] == "playing"
    assert daemon.wait_for("track") == track
    assert "Traceback" not in daemon.transcript()


def test_who_comes_second_is_told_to_come_again(daemon: Daemon) -> None:
    answers: list[str] = []

    def ask() -> None:
        try:
            tell(daemon, "playlist", picture=picture(), minutes=1)
            answers.append("done")
        except BusyError:
            answers.append("busy")

    askers = [threading.Thread(target=ask) for _ in range(6)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join(60)
    assert len(answers) == 6
    assert answers.count("done") >= 1
    assert "busy" in answers


def test_the_owner_sees_what_the_camera_sees_until_it_is_off(daemon: Daemon) -> None:
    seen = tell(daemon, "preview")
    image = cv2.imdecode(np.frombuffer(b64decode(seen["jpeg"]), np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    assert (image.shape[1], image.shape[0]) == (seen["width"], seen["height"])
    assert max(image.shape) <= 640
    assert (seen["lens"], seen["source"]) == ("ok", "demo camera")
    assert 0 <= seen["age_s"] < 5
    tell(daemon, "camera", state="off")
    with pytest.raises(ControlError, match="the camera is off"):
        tell(daemon, "preview")
    assert tell(daemon, "playlist", picture=picture(), minutes=1)["playlist"]["seen"]["caption"]
    tell(daemon, "camera", state="on")
    pictures = {".jpg", ".jpeg", ".png"}
    assert not [path for path in daemon.config.parent.rglob("*") if path.suffix in pictures]
