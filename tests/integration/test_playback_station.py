"""Stations over HTTP on real decks: one gives way after its time, one that is away is passed over."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from player.events import TrackFailed
from player.types import Choice, Track
from tests.integration.test_playback import Room, playing, pulse, until
from tests.support.pulse import PrivatePulse, recording
from tests.support.transitions import LOW, lasting, noise_track

__all__ = ["pulse"]


class Radio(SimpleHTTPRequestHandler):
    """Serves a folder as stations do, without a length and without seeking, and says nothing."""

    def send_header(self, keyword: str, value: str) -> None:
        """All but the length."""
        if keyword != "Content-Length":
            super().send_header(keyword, value)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


class StationRoom(Room):
    """Its stations last three seconds."""

    def choose(self, why: str) -> Choice:
        choice = super().choose(why)
        return replace(choice, until_s=3.0) if choice.track.url else choice


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Radio, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(60)


def station(url: str, title: str) -> Track:
    return Track(Path(f"station:{title}"), title, url=url)


def test_a_station_sounds_and_gives_way_and_one_that_is_away_is_passed_over(
    pulse: PrivatePulse,
    address: str,
    tmp_path: Path,
) -> None:
    song = noise_track(tmp_path / "song.wav", LOW, 60)
    away, there = station(f"{address}/away.wav", "away"), station(f"{address}/song.wav", "there")
    room = StationRoom([away, there, song])
    with recording(pulse) as heard, playing(room) as (playback, _):
        until(lambda: "there" in room.started(), "the station")
        until(heard.sounds, "sound")
        lasting(playback, 1)
        until(lambda: room.started() == ["there", "song"], "the song after it")
    failed = [event.choice.track.title for event in room.events if isinstance(event, TrackFailed)]
    assert failed == ["away"]
