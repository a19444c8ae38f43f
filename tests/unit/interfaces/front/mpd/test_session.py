"""Connections of MPD's programs: how long they may wait, and that none costs more than its own place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from player.config.settings.front import MpdSettings
from player.interfaces.front.mpd import server as mpd_server
from player.interfaces.front.mpd.server import MOST_FROM_ONE, Mpd
from player.interfaces.front.status_board import StatusBoard
from player.interfaces.front.web.page.phrases import is_known
from player.interfaces.front.web.security.secrets_file import NAME
from tests.fakes import status
from tests.fakes.player import FakePlayer
from tests.support.front import until

HELLO = b"OK MPD 0.23.5\n"
CHANGES = 1200
"""Beyond the depth to which Python's calls may nest."""


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[tuple[FakePlayer, Mpd]]:
    player = FakePlayer()
    board = StatusBoard(player)
    server = Mpd(MpdSettings(port=0), player, board, (10, 80), folder)
    tasks = [asyncio.ensure_future(board.follow()), asyncio.ensure_future(server.run())]
    await until(lambda: server.port and board.there)
    yield player, server
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


class Program:
    """One that has connected."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def connected(cls, server: Mpd, address: str = "127.0.0.1") -> Program:
        return cls(*await asyncio.open_connection("127.0.0.1", server.port, local_addr=(address, 0)))

    def say(self, line: bytes) -> None:
        self._writer.write(line)

    async def line(self) -> bytes:
        """The next one; nothing at the end."""
        async with asyncio.timeout(60):
            try:
                return await self._reader.readline()
            except ConnectionResetError:
                return b""

    def close(self) -> None:
        self._writer.close()


async def have_a_place(server: Mpd) -> list[Program]:
    """As many as there are places for one address."""
    programs = [await Program.connected(server) for _ in range(MOST_FROM_ONE)]
    for program in programs:
        assert await program.line() == HELLO
    return programs


def test_who_idles_all_day_hears_of_every_change(tmp_path: Path) -> None:
    """`mpc idleloop`, and each phone that lies on the counter."""

    async def tried() -> None:
        async with serving(tmp_path) as (player, server):
            program = await Program.connected(server)
            assert await program.line() == HELLO
            for number in range(CHANGES):
                program.say(b"idle mixer\n")
                player.change(playback=status.playback(volume=1 + number % 100))
                assert await program.line() == b"changed: mixer\n", f"of {number}"
                assert await program.line() == b"OK\n"
            program.say(b"ping\n")
            assert await program.line() == b"OK\n"

    asyncio.run(tried())


def test_a_place_is_given_back_whatever_a_connection_ends_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def bug(*_: object) -> bytes:
        raise ZeroDivisionError

    async def tried() -> None:
        async with serving(tmp_path) as (_, server):
            monkeypatch.setattr(server._commands, "run", bug)
            for program in await have_a_place(server):
                program.say(b"status\n")
                assert await program.line() == b""
            monkeypatch.undo()
            for program in await have_a_place(server):
                program.close()

    asyncio.run(tried())
    assert {record.name for record in caplog.records} == {mpd_server.__name__}
    assert is_known(caplog.messages[0], of_log=True)


def test_passwords_that_cannot_be_read_refuse_idle_in_words(tmp_path: Path) -> None:
    async def tried() -> None:
        async with serving(tmp_path) as (_, server):
            program = await Program.connected(server)
            await program.line()
            (tmp_path / NAME).write_text("{", encoding="utf-8")
            for said in (b"idle\n", b"status\n", b"ping\n"):
                program.say(said)
            assert (await program.line()).startswith(b"ACK [52@0] {idle} ")
            assert (await program.line()).startswith(b"ACK [52@0] {status} ")
            assert await program.line() == b"OK\n"

    asyncio.run(tried())
