"""Readers that take their time, or none: real connections to the real server, whose clock can be put on."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import cast

import uvicorn
from starlette.types import Receive, Scope, Send

from player.interfaces.front.status_board import StatusBoard
from player.interfaces.front.web.routes.events import EventStream, StreamPlaces
from player.interfaces.front.web.security.access import Access
from player.interfaces.front.web.security.server_options import STUCK_S, server_options
from tests.fakes.player import FakePlayer
from tests.fakes.status import playback
from tests.support.front import until

LARGE = b"x" * 2_000_000
BUFFER = 4096
"""What the reader's system takes for it: twice as much, as Linux counts."""
SIP = 4096


class AheadLoop(asyncio.SelectorEventLoop):
    """Its clock runs as ever, and can be put on."""

    ahead_s = 0.0

    def time(self) -> float:
        return super().time() + self.ahead_s


class House:
    """A server with a stream of events and one large answer, and whoever reads them."""

    def __init__(self) -> None:
        self.player, self.places = FakePlayer(), StreamPlaces()
        self.board = StatusBoard(self.player)
        self._loop = cast("AheadLoop", asyncio.get_running_loop())
        self._port = 0

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/events":
            await EventStream(self.board, self.places, "127.0.0.1", None)(scope, receive, send)
            return
        length = str(len(LARGE)).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
        await send({"type": "http.response.body", "body": LARGE})

    async def run(self, what: Callable[[House], Awaitable[None]]) -> None:
        following = asyncio.ensure_future(self.board.follow())
        await until(lambda: self.board.there)
        with socket.create_server(("127.0.0.1", 0)) as bound:
            self._port = bound.getsockname()[1]
            options = {"interface": "asgi3", "log_config": None, **server_options(Access())}
            server = uvicorn.Server(uvicorn.Config(self.app, lifespan="off", **options))
            serving = asyncio.ensure_future(server.serve([bound]))
            await until(lambda: server.started)
            self.connections = server.server_state.connections
            await what(self)
            server.should_exit = server.force_exit = True
            await serving
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following

    async def ask(self, path: str) -> socket.socket:
        """A connection that has asked; nothing of the answer has been read."""
        reader = socket.socket()
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        reader.setblocking(False)
        await self._loop.sock_connect(reader, ("127.0.0.1", self._port))
        await self._loop.sock_sendall(reader, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        return reader

    async def take(self, reader: socket.socket, most: int = SIP) -> bytes:
        """A few bytes, at least one if it is not the end."""
        async with asyncio.timeout(10):
            return await self._loop.sock_recv(reader, most)

    async def later(self, seconds: float) -> None:
        """Let so much time pass for the server, and it do what is due."""
        self._loop.ahead_s += seconds
        for _ in range(20):
            await asyncio.sleep(0)

    def waiting_bytes(self) -> int:
        """What the server holds for its readers."""
        return sum(one.transport.get_write_buffer_size() for one in self.connections)


def serve(what: Callable[[House], Awaitable[None]]) -> None:
    async def served() -> None:
        await House().run(what)

    with asyncio.Runner(loop_factory=AheadLoop) as runner:
        runner.run(served())


def test_who_reads_slowly_is_kept_and_gets_the_newest() -> None:
    """A kilobyte a minute for hours, beside changes a hundred times as fast: nothing piles up."""

    async def what(house: House) -> None:
        reader = await house.ask("/events")
        volume, most = 0, 0
        for _ in range(50):
            for _ in range(20):
                volume += 1
                house.player.change(playback=playback(volume=volume))
                await asyncio.sleep(0)
            assert await house.take(reader), "it was dropped"
            await house.later(STUCK_S * 0.9)
            most = max(most, house.waiting_bytes())
        await until(lambda: house.board.newest.id == f"boot-{volume + 1}")
        last = f"id: boot-{volume + 1}\n".encode()
        behind = b""
        while last not in behind:
            behind += await house.take(reader)
        size = len(house.board.newest.body)
        assert most < 2 * size
        assert behind.count(b"event: status") < 20, "old ones came before it"
        assert house.places.taken == 1
        reader.close()
        await until(lambda: not house.places.taken)

    serve(what)


def test_who_takes_nothing_is_dropped() -> None:
    """A stream, and an answer that would stay in memory as long as its reader likes."""

    async def what(house: House) -> None:
        readers = [await house.ask("/events"), await house.ask("/large")]
        await until(lambda: house.waiting_bytes() > len(LARGE) / 2)
        volume = 0

        def is_stuck() -> bool:
            nonlocal volume
            volume += 1
            house.player.change(playback=playback(volume=volume))
            return all(one.transport.get_write_buffer_size() for one in house.connections)

        await until(is_stuck)
        await house.later(STUCK_S * 0.9)
        assert len(house.connections) == 2
        for _ in range(2):  # at the first look, its system may just have taken something by itself
            await house.later(STUCK_S)
        await until(lambda: not house.connections)
        assert house.places.taken == 0
        for reader in readers:
            reader.close()

    serve(what)


def test_a_large_answer_is_read_to_its_end_however_slowly() -> None:
    async def what(house: House) -> None:
        reader = await house.ask("/large")
        found, taken = b"", 0
        while taken < len(LARGE):
            if taken < 200_000:
                await house.later(STUCK_S * 0.9)
            more = await house.take(reader, 16_384)
            assert more, "it was dropped"
            found += more
            taken = len(found.partition(b"\r\n\r\n")[2])
        assert found.endswith(LARGE)
        reader.close()

    serve(what)
