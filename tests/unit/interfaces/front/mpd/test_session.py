"""Connections of MPD's programs: how long they may wait, and that none costs more than its own place."""

from __future__ import annotations

import asyncio
import itertools
import os
from pathlib import Path

import pytest

from player.interfaces.command_table import Role
from player.interfaces.front.mpd import server as mpd_server
from player.interfaces.front.mpd.answers import URI
from player.interfaces.front.mpd.commands import PICTURES
from player.interfaces.front.mpd.places import MOST, MOST_FROM_ONE
from player.interfaces.front.mpd.server import FULL, QUIET_S, Mpd
from player.interfaces.front.mpd.session import PASSWORD_S
from player.interfaces.front.player_client import PlayerRefusal
from player.interfaces.front.web.page.phrases import is_known
from player.interfaces.front.web.security.secrets_file import NAME, SecretsFile
from tests.fakes import status
from tests.support.front import until
from tests.support.loop_clock import LoopClock
from tests.support.mpd import serving
from tests.unit.interfaces.front.web.security.conftest import HASHES, PASSWORDS

HELLO = b"OK MPD 0.23.5\n"
CHANGES = 1200
"""Beyond the depth to which Python's calls may nest."""


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

    async def asked(self, line: bytes) -> bytes:
        self.say(line)
        return await self.line()

    def close(self) -> None:
        self._writer.close()


async def have_a_place(server: Mpd, address: str = "127.0.0.1") -> list[Program]:
    """As many as there are places for one address."""
    programs = [await Program.connected(server, address) for _ in range(MOST_FROM_ONE)]
    for program in programs:
        assert await program.line() == HELLO
    return programs


def set_password(folder: Path) -> bytes:
    """Set the owner's; returns how a program gives it."""
    SecretsFile(folder / NAME).change(lambda found: found.with_password(Role.OWNER, HASHES[Role.OWNER]))
    return f'password "{PASSWORDS[Role.OWNER]}"\n'.encode()


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


@pytest.mark.parametrize("name", ["albumart", "readpicture", "next"])
def test_what_the_player_refuses_is_said_and_the_connection_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    async def tried() -> None:
        async with serving(tmp_path) as (player, server):
            program = await Program.connected(server)
            assert await program.line() == HELLO
            player.refusal = PlayerRefusal("busy", "Too many covers are asked for at once.")
            fields = f' "{URI}7" 0' if name in PICTURES else ""
            said = await program.asked(f"{name}{fields}\n".encode())
            assert said == f"ACK [52@0] {{{name}}} Too many covers are asked for at once.\n".encode()
            assert await program.asked(b"ping\n") == b"OK\n"

    asyncio.run(tried())
    assert not caplog.records


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


@pytest.mark.parametrize("lines", [(b"ping\n",), (b"status\n", b"password wrong\n"), ()])
def test_who_does_not_give_the_password_is_ended_whatever_else_it_says(
    tmp_path: Path, lines: tuple[bytes, ...]
) -> None:
    password = set_password(tmp_path)

    async def tried() -> None:
        async with serving(tmp_path) as (_, server):
            clock = LoopClock()
            owner, guest = await Program.connected(server), await Program.connected(server)
            assert await owner.line() == await guest.line() == HELLO
            assert await owner.asked(password) == b"OK\n"
            for line in lines:
                clock.forward(0.3 * PASSWORD_S)
                assert await guest.asked(line)
            clock.forward(PASSWORD_S)
            assert await guest.line() == b""
            assert await owner.asked(b"ping\n") == b"OK\n"

    asyncio.run(tried())


def test_a_stranger_who_takes_no_answers_costs_nothing_when_it_is_ended(tmp_path: Path) -> None:
    set_password(tmp_path)

    def descriptors() -> int:
        return len(os.listdir("/proc/self/fd"))

    async def tried() -> None:
        async with serving(tmp_path) as (_, server):
            clock, before = LoopClock(), descriptors()
            guest = await Program.connected(server)
            guest.say(b"commands\n" * 20_000)
            turns = itertools.count()
            await until(lambda: next(turns) == 15_000)  # each answers one: more than the system holds for it
            assert descriptors() == before + 2
            clock.forward(PASSWORD_S)
            await until(lambda: descriptors() == before + 1)
            guest.close()

    asyncio.run(tried())


def test_a_password_that_is_set_later_ends_those_who_do_not_give_it(tmp_path: Path) -> None:
    async def tried() -> None:
        async with serving(tmp_path) as (_, server):
            clock, guest = LoopClock(), await Program.connected(server)
            assert await guest.line() == HELLO
            clock.forward(2 * PASSWORD_S)
            assert await guest.asked(b"ping\n") == b"OK\n"
            set_password(tmp_path)
            assert await guest.asked(b"ping\n") == b"OK\n"
            clock.forward(PASSWORD_S)
            assert await guest.line() == b""

    asyncio.run(tried())


def test_a_password_that_is_changed_ends_those_who_gave_the_old_one(tmp_path: Path) -> None:
    password = set_password(tmp_path)

    async def tried() -> None:
        async with serving(tmp_path) as (_, server):
            clock = LoopClock()
            old, new = await Program.connected(server), await Program.connected(server)
            for program in (old, new):
                assert await program.line() == HELLO
                assert await program.asked(password) == b"OK\n"
                assert await program.asked(b"pause 1\n") == b"OK\n"
            changed = HASHES[Role.STAFF]
            SecretsFile(tmp_path / NAME).change(lambda found: found.with_password(Role.OWNER, changed))
            for program in (old, new):
                assert (await program.asked(b"pause 0\n")).startswith(b"ACK [4@0] {pause} ")
            assert await new.asked(f'password "{PASSWORDS[Role.STAFF]}"\n'.encode()) == b"OK\n"
            clock.forward(PASSWORD_S)
            assert await old.line() == b""
            assert await new.asked(b"pause 0\n") == b"OK\n"

    asyncio.run(tried())


def test_guests_without_the_password_keep_nobody_out_and_that_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    password = set_password(tmp_path)

    async def tried() -> None:
        async with serving(tmp_path) as (_, server):
            clock = LoopClock()
            guests = await have_a_place(server, "127.0.0.2")
            guests += await have_a_place(server, "127.0.0.3")
            assert len(guests) == MOST
            assert server.trouble() is None
            owner = await Program.connected(server)
            assert await owner.line() == HELLO
            assert await owner.asked(password) == b"OK\n"
            assert await guests[0].line() == b"", "the oldest has made room"
            assert await guests[1].asked(b"ping\n") == b"OK\n"
            assert server.trouble() == FULL
            for wait_s in (PASSWORD_S, QUIET_S):
                clock.forward(wait_s)
                assert await owner.asked(b"ping\n") == b"OK\n"
            await until(lambda: server.trouble() is None)

    asyncio.run(tried())
    assert caplog.messages == ["there is room for MPD's programs again"]
    assert is_known(caplog.messages[0], of_log=True)
    assert is_known(FULL)
