"""What the desktop is told, and where its bus is."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from player.interfaces.front.mpris import session_bus
from player.interfaces.front.mpris.controls import Controls
from player.interfaces.front.mpris.facts import NO_TRACK, Facts
from player.interfaces.front.mpris.objects import metadata
from player.interfaces.front.mpris.service import is_jump
from player.interfaces.front.status_board import StatusBoard
from player.status import PlaybackStatus, as_json
from tests.fakes import status
from tests.fakes.player import FakePlayer


def facts(age_s: float = 0.0, **playback: object) -> Facts:
    return Facts.of(as_json(status.whole(playback=status.playback(**playback))), age_s)


def test_a_status_in_mpris_words() -> None:
    now = facts(2.0, track=replace(status.SONG, id=12, album="LP"), position_s=3.0, volume=40)
    assert now == Facts(
        "Playing", "/ambient_player/track/12", "Song", "Band", "LP", 180_000_000, 5_000_000, 0.4, True, 12
    )
    assert facts(9999.0).position_us == 180_000_000, "never beyond the end"
    assert facts(2.0, state="paused").position_us == 3_000_000, "a held track does not run"


@pytest.mark.parametrize("state", ["starting", "silent", "stopped", "closed"])
def test_where_nothing_is_heard_it_is_stopped(state: str) -> None:
    assert facts(state=state).status == "Stopped"


def test_what_is_not_known_is_left_out() -> None:
    nothing = metadata(facts(track=None))
    assert {key: value.value for key, value in nothing.items()} == {"mpris:trackid": NO_TRACK}
    station = replace(status.SONG, id=None, title="Jazz\0 \udcff", artist="")
    found = metadata(facts(track=station, duration_s=0.0))
    assert set(found) == {"mpris:trackid", "xesam:title"}
    assert found["xesam:title"].value == "Jazz ?"
    assert str(found["mpris:trackid"].value).startswith("/ambient_player/station/")


def test_a_jump_is_what_time_does_not_explain() -> None:
    before = facts(0.0, position_s=10.0)
    assert not is_jump(before, facts(0.0, position_s=12.0), 2.0)
    assert not is_jump(before, facts(0.0, position_s=10.1), 2.0), "it hung for a moment"
    assert is_jump(before, facts(0.0, position_s=90.0), 2.0)
    assert is_jump(before, facts(0.0, position_s=1.0), 2.0)
    assert not is_jump(before, facts(track=replace(status.SONG, id=3), position_s=90.0), 2.0)
    assert not is_jump(before, Facts(), 2.0)


def test_where_the_bus_is(tmp_path: Path) -> None:
    assert session_bus.address({}) is None
    assert not session_bus.is_possible({})
    here = {"XDG_RUNTIME_DIR": str(tmp_path)}
    assert session_bus.is_possible(here)
    assert session_bus.address(here) is None
    with socket.socket(socket.AF_UNIX) as bus:
        bus.bind(str(tmp_path / "bus"))
        assert session_bus.address(here) == f"unix:path={tmp_path}/bus"
    named = {**here, "DBUS_SESSION_BUS_ADDRESS": "unix:abstract=/tmp/x,guid=1"}
    assert session_bus.address(named) == "unix:abstract=/tmp/x,guid=1"


@pytest.mark.parametrize(
    "elsewhere", ["tcp:host=10.0.0.1,port=1", "unixexec:path=/bin/sh", "nonce-tcp:host=a"]
)
def test_no_bus_of_another_machine_is_taken(elsewhere: str) -> None:
    assert session_bus.address({"DBUS_SESSION_BUS_ADDRESS": elsewhere}) is None
    both = f"{elsewhere};unix:path=/run/bus"
    assert session_bus.address({"DBUS_SESSION_BUS_ADDRESS": both}) == "unix:path=/run/bus"


@pytest.mark.parametrize(
    ("state", "toggled"),
    [("playing", "pause"), ("silent", "pause"), ("paused", "resume"), ("closed", "resume")],
)
def test_keys_do_what_they_say_whatever_was_heard_last(state: str, toggled: str) -> None:
    """Play, just after a pause of which the board has not heard, is a play: the player itself is asked."""

    async def tried() -> list[str]:
        player = FakePlayer(status.whole(playback=status.playback(state=state)))
        keys = Controls(player, StatusBoard(player), (10, 80))
        for key in (keys.play, keys.pause, keys.toggle, keys.skip):
            await key()
        return [name for name, _ in player.told]

    assert asyncio.run(tried()) == ["resume", "pause", "status", toggled, "next"]


@pytest.mark.parametrize(("asked", "percent"), [(0.5, 50), (1.0, 80), (9.0, 80), (0.0, 10), (-1.0, 10)])
def test_the_volume_stays_within_what_staff_may_set(asked: float, percent: int) -> None:
    player = FakePlayer()
    asyncio.run(Controls(player, StatusBoard(player), (10, 80)).set_volume(asked))
    assert player.told == [("volume", {"percent": percent})]


TRACK = "/ambient_player/track/12"
S = 1_000_000


@pytest.mark.parametrize(
    ("do", "told"),
    [
        (lambda keys: keys.seek_by(10 * S), [("seek", {"position_s": 13.0})]),
        (lambda keys: keys.seek_by(-60 * S), [("seek", {"position_s": 0.0})]),
        (lambda keys: keys.seek_by(178 * S), [("next", {})]),
        (lambda keys: keys.seek_to(TRACK, 60 * S), [("seek", {"position_s": 60.0})]),
        (lambda keys: keys.seek_to(TRACK, 0), [("seek", {"position_s": 0.0})]),
        (lambda keys: keys.seek_to(TRACK, 181 * S), []),
        (lambda keys: keys.seek_to(TRACK, -S), []),
        (lambda keys: keys.seek_to("/ambient_player/track/3", 60 * S), []),
    ],
)
def test_places_in_a_track(do: Callable[[Controls], Awaitable[None]], told: list[object]) -> None:
    playing = status.playback(track=replace(status.SONG, id=12), position_s=3.0)
    assert asyncio.run(driven(do, playing)) == told
    station = status.playback(track=replace(status.SONG, id=None), position_s=3.0, duration_s=0.0)
    assert asyncio.run(driven(do, station)) == [], "a station has none"


async def driven(do: Callable[[Controls], Awaitable[None]], playing: PlaybackStatus) -> list[object]:
    player = FakePlayer(status.whole(playback=playing))
    board = StatusBoard(player, lambda: 0.0)
    following = asyncio.ensure_future(board.follow())
    while board.current is None:
        await asyncio.sleep(0)
    await do(Controls(player, board, (10, 80)))
    following.cancel()
    return [(name, words) for name, words in player.told if name != "status"]
