"""One program's connection: its lines, one after the other, and what each is answered."""

from __future__ import annotations

import asyncio

from player.errors import PlayerError
from player.interfaces.front.mpd import answers
from player.interfaces.front.mpd.commands import CHUNK, Commands
from player.interfaces.front.mpd.door import Door
from player.interfaces.front.mpd.lines import Ack, Refusal, refusal, whole, words
from player.interfaces.front.status_board import StatusBoard
from player.interfaces.front.web.problems import Problem
from player.types import Json

HELLO = b"OK MPD 0.23.5\n"
MOST_IN_LIST = 256
"""Commands in one list."""
LEAST_CHUNK, MOST_CHUNK = 64, 262144
"""Bytes of a picture that a program may want in one answer."""
SILENT_S = 300.0
"""One that neither asks nor idles for so long is disconnected; clients that stay, idle."""
STUCK_S = 30.0
"""One that takes no answer for so long is disconnected."""
PASSWORD_S = 10.0
"""One that needs the password and has not given it by then is disconnected, whatever else it says."""
OPEN = frozenset(("ping", "password", "close", "commands", "notcommands", "tagtypes"))
"""What may be asked without the password."""
BROWSERS = ("GET ", "POST ", "HEAD ", "PUT ", "OPTIONS ", "CONNECT ", "DELETE ", "PATCH ")
"""A website must not reach the player through a browser of this machine: such a connection ends."""
REFUSALS = (Refusal, PlayerError, Problem)
"""What a command may end with; the connection goes on."""


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
        self._commands, self._board, self._door = commands, board, door
        self.address = address
        self._key = ""
        """What it was let in with; no longer, once that password is changed."""
        self._as_stranger = asyncio.timeout(None)
        """Ends it, unless it is let in."""
        self._task: asyncio.Task[None] | None = None
        self._chunk = CHUNK
        self._seen = parts(board.current.status if board.current else None)
        self._reading: asyncio.Task[str | None] | None = None
        """The next line, once it is waited for."""

    async def run(self) -> None:
        """Answer until it goes. Raises OSError if it takes no answers, is silent, or gives no password."""
        self._task = asyncio.current_task()
        try:
            async with self._as_stranger:
                self._limit_strangers()
                await self._send(HELLO)
                while (line := await self._line(SILENT_S)) is not None and await self._one(line):
                    self._limit_strangers()
                self._writer.close()
                async with asyncio.timeout(STUCK_S):
                    await self._writer.wait_closed()
        finally:
            if self._reading is not None:
                self._reading.cancel()

    @property
    def is_let_in(self) -> bool:
        """See Guest."""
        try:
            return self._door.lets_in(self._key)
        except PlayerError:  # nobody can tell
            return False

    def end(self) -> None:
        """See Guest."""
        if self._task is not None:
            self._task.cancel()

    def _limit_strangers(self) -> None:
        """From now on, or from when a password was set on; no line that is said makes it later."""
        if self.is_let_in:
            self._as_stranger.reschedule(None)
        elif self._as_stranger.when() is None:
            self._as_stranger.reschedule(asyncio.get_running_loop().time() + PASSWORD_S)

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
        """The next one; None at the end. Raises TimeoutError."""
        async with asyncio.timeout(limit_s):
            line = await self._next()
        self._reading = None
        return line

    def _next(self) -> asyncio.Task[str | None]:
        """The next line: one that came, or was begun, while the program idled is not lost."""
        if self._reading is None:
            self._reading = asyncio.ensure_future(self._read())
        return self._reading

    async def _read(self) -> str | None:
        try:
            line = await self._reader.readline()
        except (OSError, ValueError):  # it is lost, or sends a line without end
            return None
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
            except REFUSALS as error:
                await self._send(refused(error, name, number))
                return
        await self._send(b"OK\n")

    async def _done(self, name: str, arguments: list[str]) -> bytes:
        if name == "ping":
            return b""
        if name == "password":
            key = await self._door.key(arguments[0] if arguments else "", self.address)
            if not key:
                raise Refusal(Ack.PASSWORD, "incorrect password")
            self._key = key
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
        if name not in OPEN and not self._door.lets_in(self._key):
            raise Refusal(Ack.PERMISSION, f'you don\'t have permission for "{name[:40]}"')

    async def _idle(self, line: str) -> bool:
        """Wait for a change of what was asked for, or `noidle`; any other line ends the connection."""
        try:
            wanted = set(words(line)[1:])
            self._check("idle")
        except REFUSALS as error:
            await self._send(refused(error, "idle", 0))
            return True
        reading = self._next()
        while True:
            changed = self._board.changed()
            if news := self._news(wanted):
                await self._send(b"".join(f"changed: {part}\n".encode() for part in news) + b"OK\n")
                return True
            if reading.done():
                return await self._ends_idling()
            waiting = asyncio.ensure_future(changed.wait())
            try:
                await asyncio.wait([reading, waiting], return_when=asyncio.FIRST_COMPLETED)
            finally:
                waiting.cancel()

    def _news(self, wanted: set[str]) -> list[str]:
        """What has changed of what is wanted (of all, if nothing is named) since it was told last."""
        now = parts(self._board.current.status if self._board.current else None)
        news = [part for part in now if now[part] != self._seen[part] and part in (wanted or now)]
        self._seen |= {part: now[part] for part in news}
        return news

    async def _ends_idling(self) -> bool:
        if await self._line(None) != "noidle":
            return False
        await self._send(b"OK\n")
        return True


def refused(error: Exception, name: str, number: int) -> bytes:
    """One of REFUSALS, as the line that ends a command."""
    said = error if isinstance(error, Refusal) else Refusal(Ack.SYSTEM, str(error))
    return refusal(said, name, number)


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
