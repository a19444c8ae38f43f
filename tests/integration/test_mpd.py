"""The MPD server as real clients know it: python-mpd2, mpc, and those that mean no good."""

from __future__ import annotations

import asyncio
import base64
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

import mpd
import pytest
from mpd.asyncio import MPDClient

from player.config.settings.front import MpdSettings
from player.interfaces.command_table import Role
from player.interfaces.front.mpd import server as mpd_server
from player.interfaces.front.mpd.server import Mpd
from player.interfaces.front.status_board import StatusBoard
from player.interfaces.front.web.page.languages import Language
from player.interfaces.front.web.page.phrases import log_line
from player.interfaces.front.web.security.secrets_file import NAME, SecretsFile
from tests.fakes import status
from tests.fakes.answers_of_player import ANSWERS
from tests.fakes.player import FakePlayer
from tests.integration.test_daemon import simple
from tests.support import music
from tests.support.daemon import Daemon
from tests.support.front import until
from tests.support.mpd import serving
from tests.support.pulse import PrivatePulse
from tests.unit.interfaces.front.web.security.conftest import HASHES

pytestmark = pytest.mark.timeout(120)


def test_a_client_sees_and_drives_it(tmp_path: Path) -> None:
    async def tried() -> None:
        async with serving(tmp_path) as (player, server):
            client = MPDClient()
            await client.connect("127.0.0.1", server.port)
            now = await client.status()
            assert (now["state"], now["volume"], now["song"]) == ("play", "70", "0")
            assert (await client.currentsong())["title"] == "Song"
            await client.pause(1)
            await client.next()
            await client.setvol(100)
            await client.setvol(-5)
            await client.volume(200)
            await client.seekcur(30)
            await client.load("calm")
            await client.load("Follow the room")
            for mode, setting in (("repeat", 0), ("single", 0), ("random", 1), ("consume", 1)):
                await getattr(client, mode)(setting)
                with pytest.raises(mpd.CommandError, match="follows the room"):
                    await getattr(client, mode)(1 - setting)
            assert [told for told in player.told if told[0] != "library"] == [
                ("pause", {}),
                ("next", {}),
                ("volume", {"percent": 80}),
                ("volume", {"percent": 10}),
                ("volume", {"percent": 80}),
                ("seek", {"position_s": 30.0}),
                ("pin", {"mood": "calm"}),
                ("unpin", {}),
            ]
            with pytest.raises(mpd.CommandError, match="follows the room"):
                await client.add("http://elsewhere.example/song.mp3")
            picture = base64.b64decode(ANSWERS["cover"].as_json()["jpeg"])
            assert (await client.readpicture("track/12"))["binary"] == picture
            client.disconnect()

    asyncio.run(tried())


def test_idle_says_what_changed(tmp_path: Path) -> None:
    async def tried() -> None:
        async with serving(tmp_path) as (player, server):
            client = MPDClient()
            await client.connect("127.0.0.1", server.port)
            changes = client.idle(["mixer"])
            waiting = asyncio.ensure_future(anext(aiter(changes)))
            await asyncio.sleep(0)
            player.change(playback=status.playback(volume=30))
            assert await asyncio.wait_for(waiting, 30) == ["mixer"]
            client.disconnect()

    asyncio.run(tried())


def test_mpc_works(tmp_path: Path) -> None:
    async def tried() -> None:
        async with serving(tmp_path) as (_, server):
            for arguments, said in (
                (["status"], "[playing]"),
                (["current"], "Song"),
                (["lsplaylists"], "Follow the room"),
                (["search", "any", "x"], ""),
            ):
                command = ["mpc", "--host=127.0.0.1", f"--port={server.port}", *arguments]
                ran = await asyncio.to_thread(
                    subprocess.run, command, capture_output=True, text=True, timeout=30
                )
                assert ran.returncode == 0, ran.stderr
                assert said in ran.stdout

    asyncio.run(tried())


async def said(port: int, data: bytes) -> bytes:
    """All that the server says to these bytes, until it or we hang up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = b""
    with suppress(ConnectionResetError):  # it had hung up before it was asked
        writer.write(data)
        writer.write_eof()
        async with asyncio.timeout(30):
            answer = await reader.read()
    writer.close()
    return answer.removeprefix(b"OK MPD 0.23.5\n")


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (b"command_list_ok_begin\nping\nping\ncommand_list_end\n", b"list_OK\nlist_OK\nOK\n"),
        (b"command_list_begin\nping\nx\nnext\ncommand_list_end\n", b'ACK [5@1] {x} unknown command "x"\n'),
        (b'setvol "4\n', b"ACK [2@0] {} Missing closing '\"'\n"),
        (b"setvol many\n", b"ACK [2@0] {setvol} Integer expected: many\n"),
        (b"\n", b"ACK [5@0] {} No command given\n"),
        (b"noidle\nping\n", b"OK\n"),
        (b"idle player\nnoidle\nping\n", b"OK\nOK\n"),
        (b"POST / HTTP/1.1\r\nHost: 127.0.0.1:6600\r\n\r\nnext\n", b""),
        (b"x" * 10_000 + b"\nnext\n", b""),
        (b"command_list_begin\n" + b"ping\n" * 1000, b""),
        (b"close\nnext\n", b""),
        (b"\xff\nping\n", b'ACK [5@0] {\xef\xbf\xbd} unknown command "\xef\xbf\xbd"\nOK\n'),
    ],
)  # fmt: skip
def test_lines_and_what_is_no_line(tmp_path: Path, sent: bytes, answer: bytes) -> None:
    async def tried() -> None:
        async with serving(tmp_path) as (player, server):
            assert server.port is not None
            assert await said(server.port, sent) == answer
            assert player.told == [], "nothing reaches the player"

    asyncio.run(tried())


def test_with_a_password_nothing_is_told_without_it(tmp_path: Path) -> None:
    SecretsFile(tmp_path / NAME).change(lambda found: found.with_password(Role.OWNER, HASHES[Role.OWNER]))

    async def tried() -> None:
        async with serving(tmp_path) as (player, server):
            assert server.port is not None
            sent = b"status\nnext\nidle\npassword wrong\nnext\nping\n"
            lines = (await said(server.port, sent)).splitlines()
            assert [line[:8] for line in lines] == [
                b"ACK [4@0",
                b"ACK [4@0",
                b"ACK [4@0",
                b"ACK [3@0",
                b"ACK [4@0",
                b"OK",
            ]
            assert player.told == []

    asyncio.run(tried())


def test_no_more_than_so_many_are_served(tmp_path: Path) -> None:
    async def tried() -> None:
        async with serving(tmp_path) as (_, server):
            assert server.port is not None
            open_ones = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(16)]
            for reader, _writer in open_ones:
                assert await reader.readline() == b"OK MPD 0.23.5\n"
            assert await said(server.port, b"ping\n") == b"", "one more is hung up on"
            open_ones[0][1].close()
            async with asyncio.timeout(30):
                while await said(server.port, b"ping\n") != b"OK\n":
                    await asyncio.sleep(0.02)

    asyncio.run(tried())


def test_a_taken_port_is_said_once_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(mpd_server, "RETRY_S", 0.01)

    async def tried() -> None:
        player = FakePlayer()
        with socket.create_server(("127.0.0.1", 0)) as other:
            settings = MpdSettings(port=other.getsockname()[1])
            board = StatusBoard(player)
            server = Mpd(settings, player, board, (10, 80), tmp_path)
            tasks = [asyncio.ensure_future(board.follow()), asyncio.ensure_future(server.run())]
            await until(server.trouble)
        await until(lambda: server.port and server.trouble() is None)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    asyncio.run(tried())
    (said,) = caplog.messages
    assert "(Address already in use); see mpd.listen" in said
    assert log_line(said, Language.KOREAN) != said


@pytest.mark.long
def test_the_real_player_as_home_assistant_and_a_phone_drive_it(pulse: PrivatePulse, tmp_path: Path) -> None:
    """What Home Assistant sends at connection, and a phone's way to load a playlist."""
    songs = tmp_path / "songs"
    songs.mkdir()
    music.calm(songs / "calm 1.wav", 60)
    music.calm(songs / "calm 2.wav", 60, 247)  # no copy: that would be the same track again
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    changes = simple(songs, mpd={"enabled": True, "port": port})
    with Daemon(tmp_path / "player", changes, pulse.env) as daemon:
        daemon.wait_until(lambda now: now["playback"]["state"] == "playing" and now["library"]["tracks"] == 2)
        asyncio.run(driven(daemon, port))


async def driven(daemon: Daemon, port: int) -> None:
    client = MPDClient()
    async with asyncio.timeout(60):
        while not client.connected:
            with suppress(OSError):
                await client.connect("127.0.0.1", port)
    known = list(await client.commands())
    assert {"albumart", "readpicture", "listplaylists", "load", "clear"} <= {*known}
    now = await client.status()
    assert (now["state"], now["repeat"], now["single"]) == ("play", "0", "0")
    playing = await client.currentsong()
    assert playing["title"] in ("calm 1", "calm 2")
    assert await client.readpicture("track/1") == {}, "it has none"
    moods = [each["playlist"] for each in await client.listplaylists()]
    assert moods[0] == "Follow the room"
    await client.clear()
    await client.load(moods[1])
    await client.play()
    assert daemon.tell("status")["room"]["pinned"] == moods[1]
    await client.setvol(55)
    daemon.wait_until(lambda status: status["playback"]["volume_wanted"] == 55)
    await client.pause(1)
    daemon.wait_until(lambda status: status["playback"]["state"] == "paused")
    await client.pause(0)
    daemon.wait_until(lambda status: status["playback"]["state"] == "playing")
    numbers = await client.stats()
    assert (numbers["songs"], numbers["artists"]) == ("2", "0")
    assert 119 <= int(numbers["db_playtime"]) <= 121
    assert len(await client.listallinfo()) == 3, "a folder and two tracks"
    assert [each["title"] for each in await client.find("(title == 'calm 2')")] == ["calm 2"]
    for tried in (client.add("http://elsewhere.example/song.mp3"), client.random(0), client.update()):
        with pytest.raises(mpd.CommandError, match="4@0"):
            await tried
    client.disconnect()


def test_on_a_network_it_needs_a_password(tmp_path: Path) -> None:
    async def tried() -> None:
        player = FakePlayer()
        server = Mpd(MpdSettings(listen="0.0.0.0"), player, StatusBoard(player), (10, 80), tmp_path)
        task = asyncio.ensure_future(server.run())
        await until(server.trouble)
        assert "ambient-player web password" in str(server.trouble())
        assert server.port is None
        task.cancel()
        await asyncio.wait([task])

    asyncio.run(tried())
