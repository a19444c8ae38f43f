"""Listens for programs that speak MPD's protocol: short lines, few connections, and staff's rights."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from player.config.settings.front import MpdSettings
from player.errors import PlayerError
from player.interfaces.command_table import Role
from player.interfaces.front.interface import Interface
from player.interfaces.front.mpd import answers
from player.interfaces.front.mpd.commands import CHUNK, Commands
from player.interfaces.front.mpd.lines import Ack, Refusal, refusal, whole, words
from player.interfaces.front.player_client import PlayerClient
from player.interfaces.front.status_board import StatusBoard
from player.interfaces.front.web.problems import Problem
from player.interfaces.front.web.security.login_limits import LoginLimits
from player.interfaces.front.web.security.passwords import PasswordCheck
from player.interfaces.front.web.security.secrets_file import NAME, SecretsFile
from player.log import EventLog, LogEvent
from player.system.backoff import BackOff
from player.types import Json

log = EventLog(__name__, LogEvent.WEB)

HELLO = b"OK MPD 0.23.5\n"
LONGEST_LINE = 4096
MOST_IN_LIST = 256
"""Commands in one list."""
MOST_CLIENTS, MOST_FROM_ONE = 32, 16
LEAST_CHUNK, MOST_CHUNK = 64, 262144
"""Bytes of a picture that a program may want in one answer."""
SILENT_S = 300.0
"""One that neither asks nor idles for so long is disconnected; clients that stay, idle."""
STUCK_S = 30.0
"""One that takes no answer for so long is disconnected."""
FIRST_STATUS_S = 5.0
"""So long the first status may take before clients are let in without one."""
RETRY_S, RETRY_MAX_S = 1.0, 30.0
OPEN = frozenset(("ping", "password", "close", "commands", "notcommands", "tagtypes"))
"""What may be asked without the password."""
BROWSERS = ("GET ", "POST ", "HEAD ", "PUT ", "OPTIONS ", "CONNECT ", "DELETE ", "PATCH ")
"""A website must not reach the player through a browser of this machine: such a connection ends."""


class Mpd(Interface):
    """The server, through every refusal of its port."""

    section = "mpd"

    def __init__(
        self,
        settings: MpdSettings,
        client: PlayerClient,
        board: StatusBoard,
        staff_volume: tuple[int, int],
        folder: Path,
    ) -> None:
        """`folder` has the player's passwords."""
        self._settings, self._board = settings, board
        self._commands = Commands(client, board, staff_volume)
        self._door = Door(SecretsFile(folder / NAME))
        self._clients: dict[asyncio.Task[Any], str] = {}
        self._trouble: str | None = None
        self.port: int | None = None
        """Where it listens; None while it does not."""

    def trouble(self) -> str | None:
        """See Interface."""
        return self._trouble

    async def run(self) -> None:
        """See Interface."""
        back_off = BackOff(RETRY_S, RETRY_MAX_S)
        while True:
            try:
                await self._serve()
            except (OSError, PlayerError) as error:
                # asyncio's own sentence about a port repeats the address, in other words.
                code = error.errno if isinstance(error, OSError) else None
                said = os.strerror(code) if code else str(error)
                host, port = self._settings.listen, self._settings.port
                reason = (
                    f"MPD's programs cannot reach the player on {host}, port {port} ({said});"
                    " see mpd.listen and mpd.port."
                )
                if reason != self._trouble:
                    self._trouble = reason
                    log.warning("%s", reason)
            finally:
                self.port = None
            await asyncio.sleep(back_off.failed(time.monotonic()))

    async def _serve(self) -> None:
        if not self._settings.loopback and not self._door.has_password():
            raise PlayerError("anybody could drive it: set a password with `ambient-player web password`")
        host, port = self._settings.listen, self._settings.port
        server = await asyncio.start_server(
            self._client, host, port, limit=LONGEST_LINE, backlog=16, start_serving=False
        )
        if self._board.newest is None:  # whoever comes at once would be told that the player is away
            with suppress(TimeoutError):
                async with asyncio.timeout(FIRST_STATUS_S):
                    await self._board.changed().wait()
        self.port = server.sockets[0].getsockname()[1]
        self._trouble = None
        try:
            async with server:
                await server.serve_forever()
        finally:
            for task in self._clients:
                task.cancel()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task, address = asyncio.current_task(), writer.get_extra_info("peername")[0]
        assert task is not None
        if len(self._clients) < MOST_CLIENTS and [*self._clients.values()].count(address) < MOST_FROM_ONE:
            self._clients[task] = address
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            with suppress(OSError, TimeoutError, ValueError, asyncio.IncompleteReadError):
                session = Session(reader, writer, self._commands, self._board, self._door, address)
                await session.run()
            del self._clients[task]
        writer.close()


class Door:
    """The page's passwords; both of them give staff's rights here."""

    def __init__(self, file: SecretsFile) -> None:
        self._file = file
        self._check, self._limits = PasswordCheck(), LoginLimits(time.time())

    def has_password(self) -> bool:
        """Whether one is set. Raises SecretsError if nobody can tell."""
        return bool(self._file.read().passwords)

    async def opens(self, password: str, address: str) -> bool:
        """Whether it is the staff's or the owner's. Raises Refusal after too many tries."""
        if wait_s := self._limits.claim(address, time.time()):
            raise Refusal(Ack.PASSWORD, f"too many tries; wait {round(wait_s + 0.5)} s")
        for role in (Role.STAFF, Role.OWNER):
            hashed = self._file.read().passwords.get(role)
            if hashed and await self._check.matches(hashed, password):
                self._limits.succeeded(address)
                return True
        return False


class Session:
    """One program's connection."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        commands: Commands,
        board: StatusBoard,
        door: Door,
        address: str,
    ) -> None:
        self._reader, self._writer = reader, writer
        self._commands, self._board, self._door, self._address = commands, board, door, address
        self._let_in = False
        self._chunk = CHUNK
        self._seen = parts(board.current.status if board.current else None)

    async def run(self) -> None:
        """Answer until it goes."""
        await self._send(HELLO)
        line = await self._line(SILENT_S)
        while line is not None and await self._one(line):
            line = await self._line(SILENT_S)

    async def _one(self, line: str) -> bool:
        """Answer a line, or what it begins; returns whether the connection goes on."""
        name = line.split(" ", 1)[0]
        if name == "close" or line.startswith(BROWSERS):
            return False
        if name in ("command_list_begin", "command_list_ok_begin"):
            return await self._list(with_ok=name == "command_list_ok_begin")
        if name == "idle":
            return await self._idle(line)
        if name != "noidle":  # which is answered by `idle` alone
            await self._answer([line], with_ok=False)
        return True

    async def _line(self, limit_s: float | None) -> str | None:
        """The next one; None at the end. Raises ValueError for one that is too long, and TimeoutError."""
        async with asyncio.timeout(limit_s):
            line = await self._reader.readline()
        return line.decode(errors="replace").rstrip("\r\n") if line.endswith(b"\n") else None

    async def _send(self, data: bytes) -> None:
        self._writer.write(data)
        async with asyncio.timeout(STUCK_S):
            await self._writer.drain()

    async def _list(self, with_ok: bool) -> bool:
        lines: list[str] = []
        while (line := await self._line(SILENT_S)) is not None:
            if line == "command_list_end":
                await self._answer(lines, with_ok)
                return True
            lines.append(line)
            if len(lines) > MOST_IN_LIST:
                return False
        return False

    async def _answer(self, lines: list[str], with_ok: bool) -> None:
        """One command after the other, until one is refused."""
        for number, line in enumerate(lines):
            name = ""
            try:
                name, *arguments = words(line)
                await self._send(await self._done(name, arguments) + (b"list_OK\n" if with_ok else b""))
            except Refusal as error:
                await self._send(refusal(error, name, number))
                return
            except (PlayerError, Problem) as error:
                await self._send(refusal(Refusal(Ack.SYSTEM, str(error)), name, number))
                return
        await self._send(b"OK\n")

    async def _done(self, name: str, arguments: list[str]) -> bytes:
        if name == "ping":
            return b""
        if name == "password":
            if not await self._door.opens(arguments[0] if arguments else "", self._address):
                raise Refusal(Ack.PASSWORD, "incorrect password")
            self._let_in = True
            return b""
        self._check(name)
        if name == "binarylimit":
            limit = whole(arguments[0] if len(arguments) == 1 else "")
            if limit < LEAST_CHUNK:
                raise Refusal(Ack.ARG, f"binarylimit takes a number from {LEAST_CHUNK}")
            self._chunk = min(limit, MOST_CHUNK)
            return b""
        return await self._commands.run(name, arguments, self._chunk)

    def _check(self, name: str) -> None:
        if name not in OPEN and not self._let_in and self._door.has_password():
            raise Refusal(Ack.PERMISSION, f'you don\'t have permission for "{name[:40]}"')

    async def _idle(self, line: str) -> bool:
        """Wait for a change of what was asked for, or `noidle`; any other line ends the connection."""
        try:
            wanted = set(words(line)[1:])
            self._check("idle")
        except Refusal as error:
            await self._send(refusal(error, "idle", 0))
            return True
        reading = asyncio.ensure_future(self._line(None))
        try:
            while True:
                changed = self._board.changed()
                now = parts(self._board.current.status if self._board.current else None)
                news = [part for part in now if now[part] != self._seen[part] and part in (wanted or now)]
                if news:
                    self._seen |= {part: now[part] for part in news}
                    await self._send(b"".join(f"changed: {part}\n".encode() for part in news))
                if news or reading.done():
                    break
                waiting = asyncio.ensure_future(changed.wait())
                await asyncio.wait([reading, waiting], return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
            await self._send(b"OK\n")
            if news and not reading.done():
                return await self._after_news(reading)
            return reading.result() == "noidle"
        finally:
            reading.cancel()

    async def _after_news(self, reading: asyncio.Future[str | None]) -> bool:
        """The line that follows was begun to be read already."""
        async with asyncio.timeout(SILENT_S):
            line = await reading
        return line is not None and await self._one(line)


def parts(status: Json | None) -> dict[str, object]:
    """What programs can wait for, each as something that differs when it has changed."""
    if status is None:
        return dict.fromkeys(("player", "mixer", "playlist", "stored_playlist", "database"))
    playback = status["playback"]
    queued = [answers.uri(track) for track in answers.queue(status)]
    return {
        "player": (playback["state"], queued[:1], playback["track"] and playback["track"]["title"]),
        "mixer": playback["volume"],
        "playlist": queued,
        "stored_playlist": None,
        "database": status["library"]["tracks"],
    }
