"""Server-sent events: the newest status for each reader at its own pace, and nothing piles up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from starlette.types import Message

from player.interfaces.front.status_board import StatusBoard
from player.interfaces.front.web.problems import Problem
from player.interfaces.front.web.routes.events import AWAY, EventStream, StreamPlaces
from tests.fakes.player import FakePlayer
from tests.fakes.status import playback
from tests.support.front import until


class Reader:
    """One reader: takes what is sent, unless it is stuck."""

    def __init__(self, board: StatusBoard, seen: str | None = None, **more: float) -> None:
        self.places = StreamPlaces()
        self.stream = EventStream(board, self.places, "127.0.0.1", seen, **more)
        self.text = ""
        self.taking = asyncio.Event()
        self.taking.set()
        self._gone = asyncio.Event()

    async def read(self) -> None:
        await self.stream({"type": "http"}, self._receive, self._send)

    def leave(self) -> None:
        self._gone.set()

    async def _receive(self) -> Message:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        await self.taking.wait()
        self.text += message.get("body", b"").decode()


def run(what: Callable[[FakePlayer, StatusBoard], Awaitable[None]]) -> None:
    """With a board that follows a player."""

    async def followed() -> None:
        player = FakePlayer()
        board = StatusBoard(player)
        following = asyncio.ensure_future(board.follow())
        await until(lambda: board.there)
        await what(player, board)
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following

    asyncio.run(followed())


def test_every_change_is_told_with_its_id() -> None:
    async def what(player: FakePlayer, board: StatusBoard) -> None:
        reader = Reader(board)
        reading = asyncio.ensure_future(reader.read())
        await until(lambda: "id: boot-1\nevent: status\ndata: {" in reader.text)
        assert reader.text.startswith("retry: 1000\n\n")
        player.change(playback=playback(volume=12))
        await until(lambda: "id: boot-2\n" in reader.text)
        assert '"volume": 12' in reader.text
        reader.leave()
        await reading
        assert reader.places.taken == 0

    run(what)


def test_who_comes_back_hears_only_what_is_new() -> None:
    async def what(player: FakePlayer, board: StatusBoard) -> None:
        reader = Reader(board, seen="boot-1")
        reading = asyncio.ensure_future(reader.read())
        await until(lambda: reader.text)
        player.change(playback=playback(volume=12))
        await until(lambda: "boot-2" in reader.text)
        assert "boot-1" not in reader.text
        reading.cancel()

    run(what)


def test_a_slow_reader_gets_the_newest_and_no_more() -> None:
    async def what(player: FakePlayer, board: StatusBoard) -> None:
        reader = Reader(board)
        reading = asyncio.ensure_future(reader.read())
        await until(lambda: "boot-1" in reader.text)
        reader.taking.clear()
        for volume in range(2, 50):
            player.change(playback=playback(volume=volume))
            number = f"boot-{volume}"
            await until(lambda number=number: board.newest.id == number)
        reader.taking.set()
        await until(lambda: "boot-49" in reader.text)
        assert reader.text.count("event: status") <= 2
        reading.cancel()

    run(what)


def test_silence_is_broken_by_a_comment() -> None:
    async def what(player: FakePlayer, board: StatusBoard) -> None:
        reader = Reader(board, heartbeat_s=0.001)
        reading = asyncio.ensure_future(reader.read())
        await until(lambda: reader.text.count(": heartbeat\n\n") > 2)
        assert reader.text.count("event: status") == 1
        reading.cancel()

    run(what)


def test_it_says_that_the_player_is_away_and_back() -> None:
    async def what(player: FakePlayer, board: StatusBoard) -> None:
        reader = Reader(board)
        reading = asyncio.ensure_future(reader.read())
        await until(lambda: "boot-1" in reader.text)
        player.leave()
        await until(lambda: AWAY.decode() in reader.text)
        player.come_back()
        await until(lambda: reader.text.count("id: boot-1\n") == 2)
        assert reader.text.count(AWAY.decode()) == 1
        reading.cancel()

    run(what)


def test_there_are_so_many_places_and_no_more() -> None:
    places = StreamPlaces(most=5, most_per_address=2)
    with places.take("10.0.0.1"), places.take("10.0.0.1"):
        with pytest.raises(Problem) as refused, places.take("10.0.0.1"):
            pass
        assert refused.value.status == 429
        with places.take("10.0.0.2"), places.take("127.0.0.1"), places.take("127.0.0.1"):
            with pytest.raises(Problem) as full:
                places.full("127.0.0.1")
            assert full.value.status == 503
    assert places.taken == 0
    places.full("10.0.0.1")
