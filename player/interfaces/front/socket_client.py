"""The player behind its control socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from player.interfaces.front.player_client import AWAY, TIMEOUT, News, PlayerClient, PlayerRefusal
from player.interfaces.socket import ANSWER_S, as_line
from player.types import Json

MAX_ANSWER = 32 * 2**20
"""Bytes of one line; a library's page or a picture is far below."""
AT_ONCE = 8
"""Commands under way at a time: the player has a thread for each."""
WAIT_S = 5.0
"""How long one more waits for its turn."""
MARGIN_S = 2.0
"""The player's own time limit comes first."""
QUIET_S = 25.0
"""`watch` says something every 10 s: a player that does not hangs."""
GONE = "The player does not answer at present; it comes back by itself, or see its log."


class SocketClient(PlayerClient):
    """Connects for each command, with a few at a time, and keeps one connection for `watch`."""

    def __init__(self, path: Path, answer_s: float = ANSWER_S + MARGIN_S, wait_s: float = WAIT_S) -> None:
        self._path, self._answer_s, self._wait_s = path, answer_s, wait_s
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def command(self, name: str, arguments: dict[str, Any]) -> Json:
        """See PlayerClient."""
        async with self._under_way(name, arguments) as reader:
            return _read(await self._line(reader))

    async def lines(self, name: str, arguments: dict[str, Any]) -> AsyncIterator[Json]:
        """See PlayerClient."""
        async with self._under_way(name, arguments) as reader:
            yield _read(await self._line(reader))
            while line := await self._line(reader):
                yield _read(line)

    async def watch(self) -> AsyncIterator[News]:
        """See PlayerClient."""
        try:
            async with self._asked("watch", {}) as reader:
                while True:
                    async with asyncio.timeout(QUIET_S):
                        line = await reader.readline()
                    said = _read(line)
                    yield News(str(said["id"]), said.get("status"))
        except (TimeoutError, OSError) as error:
            raise PlayerRefusal(AWAY, GONE) from error

    @asynccontextmanager
    async def _under_way(self, name: str, arguments: dict[str, Any]) -> AsyncIterator[asyncio.StreamReader]:
        """What the player answers, once it is this command's turn."""
        try:
            await asyncio.wait_for(self._turn.acquire(), self._wait_s)
        except TimeoutError:
            raise PlayerRefusal("busy", "The player is busy with other commands; try again.") from None
        try:
            async with self._asked(name, arguments) as reader:
                yield reader
        except TimeoutError:
            raise PlayerRefusal(TIMEOUT, f"The player did not answer {name} in time; try again.") from None
        except OSError as error:
            raise PlayerRefusal(AWAY, GONE) from error
        finally:
            self._turn.release()

    async def _line(self, reader: asyncio.StreamReader) -> bytes:
        async with asyncio.timeout(self._answer_s):
            return await reader.readline()

    @asynccontextmanager
    async def _asked(self, name: str, arguments: dict[str, Any]) -> AsyncIterator[asyncio.StreamReader]:
        reader, writer = await asyncio.open_unix_connection(self._path, limit=MAX_ANSWER)
        try:
            async with asyncio.timeout(self._answer_s):
                writer.write(json.dumps(as_line(name, arguments)).encode() + b"\n")
                await writer.drain()
            yield reader
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


def _read(line: bytes) -> Json:
    """An answer, less its `ok`. Raises PlayerRefusal if it says no or the connection has ended."""
    try:
        answer: Json = json.loads(line)
    except ValueError:
        raise PlayerRefusal(AWAY, GONE) from None
    if not answer.pop("ok", False):
        raise PlayerRefusal(
            str(answer.get("code", "refused")), str(answer.get("error", "The player refused."))
        )
    return answer
