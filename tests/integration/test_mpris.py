"""MPRIS on a real session bus: asked by playerctl, and by a client that hears every signal."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from dbus_fast import DBusError, Message
from dbus_fast.aio import MessageBus

from player.interfaces.front.mpris import service
from player.interfaces.front.mpris.service import NAME, Mpris
from player.interfaces.front.player_client import PlayerRefusal
from player.interfaces.front.status_board import StatusBoard
from player.interfaces.front.tasks import run_loop
from tests.fakes import status
from tests.fakes.player import FakePlayer
from tests.integration.test_daemon import simple
from tests.support import music
from tests.support.daemon import Daemon
from tests.support.pulse import PrivatePulse
from tests.support.session_bus import playerctl, session_bus
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(120)
PATH = "/org/mpris/MediaPlayer2"


@dataclass
class Desktop:
    """A player on a bus, and a client that has heard `changes` and `jumps` of it."""

    player: FakePlayer
    folder: Path
    changes: list[dict[str, Any]] = field(default_factory=list)
    jumps: list[int] = field(default_factory=list)
    objects: Any = None

    async def ctl(self, *arguments: str) -> str:
        """What playerctl prints."""
        return await asyncio.to_thread(playerctl, self.folder, *arguments)

    async def listen(self) -> None:
        """Hear its signals, as a desktop does."""
        bus = await MessageBus(bus_address=f"unix:path={self.folder / 'bus'}").connect()
        objects = bus.get_proxy_object(NAME, PATH, await bus.introspect(NAME, PATH))
        self.objects = objects
        objects.get_interface("org.freedesktop.DBus.Properties").on_properties_changed(
            lambda _, changed, __: self.changes.append({key: one.value for key, one in changed.items()})
        )
        objects.get_interface("org.mpris.MediaPlayer2.Player").on_seeked(self.jumps.append)


async def soon(what: Any) -> Any:
    """The first answer that is as wished; fails after a minute."""
    async with asyncio.timeout(60):
        while not (found := await what()):
            await asyncio.sleep(0.02)
        return found


@asynccontextmanager
async def on_a_bus(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desktop]:
    """A fake player behind the real interface, while a bus may run at `folder`/bus."""
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    monkeypatch.setattr(service, "RETRY_S", 0.05)
    monkeypatch.setattr(service, "LOOK_S", 0.05)
    player = FakePlayer()
    board = StatusBoard(player)
    tasks = [asyncio.ensure_future(board.follow())]
    tasks.append(asyncio.ensure_future(Mpris(player, board, (10, 80), "Café").run()))
    yield Desktop(player, folder)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def is_there(desktop: Desktop) -> bool:
    return await desktop.ctl("status") in ("Playing", "Paused")


def test_playerctl_sees_and_drives_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def tried() -> None:
        async with on_a_bus(tmp_path, monkeypatch) as desktop:
            with session_bus(tmp_path):
                await soon(lambda: is_there(desktop))
                said = await desktop.ctl("metadata", "--format", "{{title}}|{{artist}}|{{mpris:length}}")
                assert said == "Song|Band|180000000"
                assert float(await desktop.ctl("volume")) == pytest.approx(0.7)
                assert 3 <= float(await desktop.ctl("position")) < 100
                for key in ("pause", "next", "play-pause", "stop"):
                    assert await desktop.ctl(key) == ""
                await desktop.ctl("volume", "1.0")
                await soon(lambda: asyncio.sleep(0, "volume" in [name for name, _ in desktop.player.told]))
                assert desktop.player.told == [
                    ("pause", {}), ("next", {}), ("status", {}), ("pause", {}),
                    ("pause", {}), ("volume", {"percent": 80}),
                ]  # fmt: skip

    run_loop(tried())


def test_only_what_changed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def tried() -> None:
        async with on_a_bus(tmp_path, monkeypatch) as desktop:
            with session_bus(tmp_path):
                await soon(lambda: is_there(desktop))
                await desktop.listen()
                playing = desktop.player.status
                desktop.player.change(hours=replace(playing.hours, open=not playing.hours.open))
                desktop.player.change(playback=status.playback(state="paused"))
                await soon(lambda: asyncio.sleep(0, desktop.changes))
                assert desktop.changes == [{"PlaybackStatus": "Paused"}]
                desktop.player.change(playback=status.playback(state="paused", position_s=90.0))
                await soon(lambda: asyncio.sleep(0, desktop.jumps))
                assert desktop.jumps == [90_000_000]
                desktop.player.leave()
                await soon(lambda: asyncio.sleep(0, len(desktop.changes) > 1))
                assert desktop.changes[1]["PlaybackStatus"] == "Stopped"
                assert desktop.changes[1]["CanPlay"] is False

    run_loop(tried())


def test_it_is_what_the_specification_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every property with its type; what is not taken is refused, and so is what the player refuses."""

    async def tried() -> None:
        async with on_a_bus(tmp_path, monkeypatch) as desktop:
            with session_bus(tmp_path):
                await soon(lambda: is_there(desktop))
                await desktop.listen()
                desktop.player.change(playback=status.playback(track=replace(status.SONG, id=12)))
                await soon(lambda: asyncio.sleep(0, desktop.changes))
                properties = desktop.objects.get_interface("org.freedesktop.DBus.Properties")
                root = await properties.call_get_all("org.mpris.MediaPlayer2")
                assert {name: (one.signature, one.value) for name, one in root.items()} == ROOT
                player = await properties.call_get_all("org.mpris.MediaPlayer2.Player")
                assert {name: one.signature for name, one in player.items()} == PLAYER
                can = {name: one.value for name, one in player.items() if name.startswith("Can")}
                assert [name for name, value in can.items() if not value] == ["CanGoPrevious"]
                keys = desktop.objects.get_interface("org.mpris.MediaPlayer2.Player")
                with pytest.raises(DBusError, match="follows the room"):
                    await keys.call_open_uri("http://elsewhere.example/song.mp3")
                await keys.call_set_position(player["Metadata"].value["mpris:trackid"].value, 90_000_000)
                await keys.call_set_position("/ambient_player/track/99", 5_000_000)
                await keys.call_seek(1_000_000_000)
                told = [one for one in desktop.player.told if one[0] != "cover"]
                assert told == [("seek", {"position_s": 90.0}), ("next", {})]
                desktop.player.told.clear()
                desktop.player.refusal = PlayerRefusal("refused", "Not now.")
                with pytest.raises(DBusError, match="Not now"):
                    await keys.call_next()
                assert [name for name, _ in desktop.player.told] == ["next"]

    run_loop(tried())


ROOT = {
    "CanQuit": ("b", False),
    "CanRaise": ("b", False),
    "HasTrackList": ("b", False),
    "Identity": ("s", "ambient-player (Café)"),
    "SupportedUriSchemes": ("as", []),
    "SupportedMimeTypes": ("as", []),
}
PLAYER = {
    "PlaybackStatus": "s",
    "Rate": "d",
    "Metadata": "a{sv}",
    "Volume": "d",
    "Position": "x",
    "MinimumRate": "d",
    "MaximumRate": "d",
    "CanGoNext": "b",
    "CanGoPrevious": "b",
    "CanPlay": "b",
    "CanPause": "b",
    "CanSeek": "b",
    "CanControl": "b",
}


def test_a_bus_that_goes_and_comes_back_is_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")

    async def tried() -> None:
        async with on_a_bus(tmp_path, monkeypatch) as desktop:
            for _ in range(2):
                with session_bus(tmp_path):
                    await soon(lambda: is_there(desktop))

    run_loop(tried())
    assert caplog.messages == [], "no bus is no fault"


def test_what_a_bus_that_has_just_gone_does_not_take_is_no_traceback(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A change is told to a bus whose end has not been read yet: nobody waits for that word's way."""

    async def tried() -> None:
        with session_bus(tmp_path) as address:
            bus = await MessageBus(bus_address=address).connect()
        with suppress(OSError):
            bus.send(Message.new_signal(PATH, "org.mpris.MediaPlayer2.Player", "Seeked", "x", [1]))
        with pytest.raises(OSError, match="pipe"):
            await bus.wait_for_disconnect()

    run_loop(tried())
    gc.collect()
    assert caplog.messages == []


def test_two_players_of_a_session_are_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def tried() -> None:
        with session_bus(tmp_path):
            async with on_a_bus(tmp_path, monkeypatch) as one, on_a_bus(tmp_path, monkeypatch):
                names = await soon(lambda: both(one))
                assert names[0] == "ambient_player"
                assert names[1].startswith("ambient_player.instance")

    async def both(desktop: Desktop) -> list[str]:
        names = sorted((await desktop.ctl("--list-all")).split())
        return names if len(names) == 2 else []

    run_loop(tried())


def test_the_real_player_is_driven_without_a_page(pulse: PrivatePulse, tmp_path: Path) -> None:
    """The front's process runs for the desktop alone; keys are heard, and the player's end is seen."""
    songs = tmp_path / "songs"
    songs.mkdir()
    music.calm(songs / "calm 1.wav", 60)
    music.calm(songs / "calm 2.wav", 60, 247)  # no copy: that would be the same track again
    with session_bus(tmp_path) as address:
        env = {**pulse.env, "DBUS_SESSION_BUS_ADDRESS": address}
        with Daemon(tmp_path / "player", simple(songs, mpris={"enabled": True}), env) as daemon:
            daemon.wait_until(lambda now: now["playback"]["state"] == "playing")
            wait_for(lambda: playerctl(tmp_path, "status") == "Playing", 30, "the desktop's view")
            first = playerctl(tmp_path, "metadata", "title")
            known = daemon.wait_until(lambda now: now["playback"]["track"]["id"])
            assert first == known["playback"]["track"]["title"], "it began before the library knew it"
            playerctl(tmp_path, "next")
            wait_for(lambda: playerctl(tmp_path, "metadata", "title") != first, 30, "another track")
            playerctl(tmp_path, "pause")
            daemon.wait_until(lambda now: now["playback"]["state"] == "paused")
            playerctl(tmp_path, "play")
            daemon.wait_until(lambda now: now["playback"]["state"] == "playing")
            wait_for(lambda: playerctl(tmp_path, "position", "30") == "", 10, "another place in it")
            daemon.wait_until(lambda now: now["playback"]["position_s"] >= 29)
            status = daemon.tell("status")
            assert status["front"]["address"] is None
            assert status["problems"] == []
        assert "No player" in playerctl(tmp_path, "status")
