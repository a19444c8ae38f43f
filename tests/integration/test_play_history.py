"""What the real player writes down of what it plays, against what is heard, and what it answers of it."""

import json
import subprocess
import sys
import time
from base64 import b64decode
from datetime import datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mutagen.flac import FLAC, Picture

from player.interfaces import socket
from player.types import Json
from tests.support.daemon import ROOT, Daemon
from tests.support.library_audio import encode
from tests.support.pulse import PrivatePulse
from tests.support.waiting import wait_for

LONG_S = 120


def tagged(folder: Path) -> None:
    """Three songs of two minutes, with all that licensing asks for, and a picture."""
    folder.mkdir()
    t = np.arange(LONG_S * 48_000, dtype=np.float32) / 48_000
    for number in range(3):
        path = encode(
            folder / f"{number}.flac", (0.2 * np.sin(6.28 * (220 + 55 * number) * t)).astype(np.float32)
        )
        file, picture = FLAC(path), Picture()
        file["title"], file["artist"], file["composer"] = f"노래 {number}", "Artist", ["A", "B"]
        file["label"], file["isrc"], file["album"] = "Label", f"USRC1760783{number}", "Album"
        done, data = cv2.imencode(".png", np.full((900, 900, 3), (0, 0, 255), np.uint8))
        assert done
        picture.type, picture.mime, picture.data = 3, "image/png", data.tobytes()
        file.add_picture(picture)
        file.save()


def place(status: Json) -> float:
    """Where in its track the music is."""
    return float(status["playback"]["position_s"] or 0)


def seconds(earlier: Json, later: Json) -> float:
    """Between two events of the log."""
    return (datetime.fromisoformat(later["at"]) - datetime.fromisoformat(earlier["at"])).total_seconds()


def ask(daemon: Daemon, command: str, **fields: Any) -> Json:
    return socket.send(daemon.socket, command, fields=fields)


def command_line(*arguments: str) -> str:
    """What a command prints."""
    command = [sys.executable, "-m", "player", *arguments]
    return subprocess.run(command, capture_output=True, check=True, cwd=ROOT, encoding="utf-8").stdout


def test_what_is_written_down_is_what_was_heard(pulse: PrivatePulse, tmp_path: Path) -> None:
    """With a pause, a seek and a crossfade; whatever becomes of the file; beside the player, too."""
    music = tmp_path / "music"
    tagged(music)
    changes = {
        "camera": {"enabled": False},
        "library": {"folders": [str(music)], "analyze": False},
        "venue": {"name": "Café"},
        "timezone": "Asia/Seoul",
    }
    player = Daemon(tmp_path / "player", changes, pulse.env)
    command_line("library", "scan", "--config", str(player.config))
    with player as daemon:
        first = daemon.wait_until(lambda status: place(status) > 4)
        daemon.tell("pause")
        paused_at = time.monotonic()
        wait_for(lambda: time.monotonic() - paused_at > 4, 10, "a pause of four seconds")
        daemon.tell("resume")
        daemon.wait_until(lambda status: place(status) > 6)
        daemon.tell("seek", 60)
        daemon.wait_until(lambda status: place(status) > 62)
        daemon.tell("next")
        daemon.wait_until(
            lambda status: status["playback"]["track"]["path"] != first["playback"]["track"]["path"]
        )

        def line(number: int) -> Json:
            return dict(ask(daemon, "history")["plays"][number])

        def settled() -> bool:
            return len(ask(daemon, "history")["plays"]) == 2 and line(1)["audible"] is not None

        wait_for(settled, 20, "both lines")
        daemon.wait_until(
            lambda status: "leaving" not in {deck["role"] for deck in status["playback"]["decks"]}
        )
        tracks = [event for event in daemon.events if event["event"] == "track"]
        paused, resumed = (daemon.wait_for("command", message=said) for said in ("paused", "playing on"))
        sounded_s = seconds(tracks[0], tracks[-1]) - seconds(paused, resumed)
        played = line(1)
        assert abs(played["audible_s"] - sounded_s) < 2, "fades and what the monitor hears late"
        kept = ("artist", "album", "composer", "label", "venue", "audible")
        assert [played[name] for name in kept] == ["Artist", "Album", "A; B", "Label", "Café", True]
        assert played["isrc"].startswith("USRC1760783")
        assert played["started_at"].endswith("+09:00")
        assert abs(played["duration_s"] - LONG_S) < 1

        card = ask(daemon, "track", id=played["track_id"])["track"]
        assert (card["plays"], card["title"], card["excluded"]) == (1, played["title"], [])
        cover = ask(daemon, "cover", id=played["track_id"])
        assert (cover["width"], cover["height"]) == (600, 600)
        assert b64decode(cover["jpeg"])[:3] == b"\xff\xd8\xff"
        assert ask(daemon, "library", text="노래 1")["tracks"][0]["title"] == "노래 1"
        corrected = ask(daemon, "set_mood", id=played["track_id"], valence=-0.9, energy=0.8)
        assert corrected["mood"]["by"] == "owner"

        Path(first["playback"]["track"]["path"]).unlink()
        wait_for(lambda: len(ask(daemon, "library")["tracks"]) == 2, 30, "the scan to miss the file")
        assert line(1) == played, "history is history"
        beside = command_line("history", "--json", "--config", str(daemon.config))
        assert json.loads(beside.splitlines()[-1]) == played
