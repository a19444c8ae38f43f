"""The music in rooms that Debian's own snapserver carries it to, and the server's view of what plays."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from player.types import Json
from tests.integration.test_daemon import simple
from tests.support.daemon import ROOT, Daemon
from tests.support.music import calm
from tests.support.ports import free_ports
from tests.support.pulse import PrivatePulse
from tests.support.waiting import wait_for

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        not (shutil.which("snapserver") and shutil.which("snapclient")), reason="there is no Snapcast here"
    ),
]
STREAM = "ambient-player"


@contextmanager
def program(*words: str, env: dict[str, str]) -> Iterator[None]:
    """Runs until the end of the block."""
    running = subprocess.Popen(
        words, env={**os.environ, **env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        running.terminate()
        running.wait(60)


def asked(port: int, method: str, **given: object) -> Json:
    """What the snapserver answers."""
    with socket.create_connection(("127.0.0.1", port), 10) as server:
        request = {"id": 1, "jsonrpc": "2.0", "method": method, "params": given}
        server.sendall(json.dumps(request).encode() + b"\r\n")
        for line in server.makefile("rb"):
            if (said := json.loads(line)).get("id") == 1:
                return dict(said)
    raise AssertionError("the snapserver has gone")


def test_a_room_hears_the_music_and_the_server_shows_it(pulse: PrivatePulse, tmp_path: Path) -> None:
    stream, control, http, mpd = free_ports(4)
    pipe, heard = tmp_path / "fifo", tmp_path / "heard.raw"
    script = ROOT / "deploy" / "snapcast" / "ambient_player_control.py"
    pulse.pactl(
        "load-module", "module-pipe-sink", f"file={pipe}", "sink_name=snapcast",
        "format=s16le", "rate=48000", "channels=2",
    )  # fmt: skip
    (tmp_path / "snapserver.conf").write_text(
        f"[server]\ndatadir = {tmp_path}\n[http]\nport = {http}\n[tcp]\nport = {control}\n"
        f"[stream]\nport = {stream}\n"
        f"source = pipe://{pipe}?name={STREAM}&sampleformat=48000:16:2&mode=read"
        f"&controlscript={script}\n",
        encoding="utf-8",
    )
    home = {"HOME": str(tmp_path), "MPD_PORT": str(mpd)}
    (tmp_path / "music").mkdir()
    for number, name in enumerate(("one", "two")):
        calm(tmp_path / "music" / f"{name}.wav", 60, 220.0 + 40 * number)
    settings: Json = {
        "playback": {"output": "pulse:snapcast"},
        "mpd": {"enabled": True, "port": mpd},
        "snapcast": {"enabled": True, "host": "127.0.0.1", "port": control, "stream": STREAM},
    }
    with ExitStack() as running:
        running.enter_context(program("snapserver", "-c", str(tmp_path / "snapserver.conf"), env=home))
        daemon = running.enter_context(
            Daemon(tmp_path / "p", simple(tmp_path / "music", **settings), pulse.env)
        )
        daemon.wait_until(lambda now: "no client is connected" in (now["front"]["snapcast"]["problem"] or ""))
        client = ("snapclient", "-h", "127.0.0.1", "-p", str(stream), "--hostID", "room")
        running.enter_context(program(*client, "--player", f"file:filename={heard}", env=home))
        daemon.wait_until(lambda now: now["front"]["snapcast"] == {"players": 1, "problem": None})
        wait_for(lambda: any(heard.read_bytes()[-100_000:]), 20, "sound in the room")

        def shown() -> Json:
            (found,) = asked(control, "Server.GetStatus")["result"]["server"]["streams"]
            return dict(found.get("properties") or {})

        wait_for(lambda: shown().get("playbackStatus") == "playing", 20, "the server to show that it plays")
        wait_for(lambda: shown().get("metadata", {}).get("title") in ("one", "two"), 20, "the title")
        before = shown()["metadata"]["title"]
        assert "error" not in asked(control, "Stream.Control", id=STREAM, command="next", params={})
        wait_for(lambda: shown()["metadata"]["title"] != before, 20, "the next one")
        asked(control, "Stream.Control", id=STREAM, command="pause", params={})
        daemon.wait_until(lambda now: now["playback"]["state"] == "paused")
        asked(control, "Stream.Control", id=STREAM, command="play", params={})
        daemon.wait_until(lambda now: now["playback"]["state"] == "playing")
        volume = {"muted": True, "percent": 100}
        asked(control, "Client.SetVolume", id="room", volume=volume)
        daemon.wait_until(lambda now: "is muted" in (now["front"]["snapcast"]["problem"] or ""))
