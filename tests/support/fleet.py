"""Rooms and a hub at a broker in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from player.hub.hub import Hub
from player.hub.storage.store import Store
from player.interfaces.front.fleet.notebook import Notebook
from player.interfaces.front.fleet.pace import PACE
from player.interfaces.front.fleet.report import Reporter
from player.interfaces.front.fleet.room import Room
from player.interfaces.front.fleet.topics import FleetTopics
from player.interfaces.front.player_client import PlayerRefusal
from player.interfaces.front.status_board import StatusBoard
from player.interfaces.messages.base import Done
from player.library.queries.records import PlayRecord
from player.types import Json
from tests.fakes.exchange import Exchange, ExchangeClient
from tests.fakes.player import FakePlayer
from tests.support.front import until

TOPICS = FleetTopics("ambient")
FAST = PACE.faster(500)
"""Ten milliseconds between reports, a room is gone after 56."""


def play(number: int, day: int = 1) -> PlayRecord:
    """A line of a play history."""
    return PlayRecord(
        id=number, started_at=f"2026-05-{day:02}T12:{number // 60:02}:{number % 60:02}+09:00",
        title=f"Song {number}", artist="Band", album="Album", isrc="", composer="", label="",
        duration_s=200.0, audible_s=198.5, audible=True, venue="Café", track_id=number,
    )  # fmt: skip


class RoomPlayer(FakePlayer):
    """A player with a play history and settings that change."""

    def __init__(self) -> None:
        super().__init__()
        self.plays: list[PlayRecord] = []
        self.refused_settings: str | None = None
        """Why it refuses settings, if set ..."""
        self.refusal_code = "argument"
        """... and that for programs."""
        self.own_mistakes: list[str] = []
        """What is wrong in its own config.yaml."""

    async def command(self, name: str, arguments: dict[str, Any]) -> Json:
        """See PlayerClient."""
        await super().command(name, arguments)
        if name == "ledger":
            found = [asdict(one) for one in self.plays if one.id > arguments["after"]]
            return {"plays": found[: arguments["limit"]]}
        if name == "config":
            return {"problems": self.own_mistakes}
        if name == "config_write" and self.refused_settings is not None:
            raise PlayerRefusal(self.refusal_code, self.refused_settings)
        return Done(f"{name} done").as_json()

    def given(self, *but: str) -> list[tuple[str, dict[str, Any]]]:
        """The commands that it was given, without the questions."""
        return [one for one in self.told if one[0] not in ("config", "ledger", "status", *but)]


@dataclass
class InRoom:
    """A room with all that belongs to it."""

    id: str
    folder: Path
    exchange: Exchange
    player: RoomPlayer = field(default_factory=RoomPlayer)
    broker: ExchangeClient | None = None
    room: Room | None = None
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def start(self, scene: bool = False) -> None:
        """Come, as after a start of the process."""
        self.folder.mkdir(exist_ok=True)
        board, self.broker = StatusBoard(self.player), self.exchange.client()
        notebook, reporter = Notebook(self.folder, self.id), Reporter("Café", "Seoul", scene)
        self.room = Room(self.id, self.player, board, self.broker, TOPICS, notebook, reporter, FAST)
        self.tasks = [asyncio.create_task(board.follow()), asyncio.create_task(self.room.run())]

    async def stop(self, is_cut: bool = True) -> None:
        """End; with `is_cut` as in a power cut."""
        if is_cut and self.broker is not None:
            self.broker.cut()
            await asyncio.sleep(0.001)
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.tasks = []


class Fleet:
    """A broker, and who is at it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.exchange = folder, Exchange()
        self.rooms: list[InRoom] = []
        self.store = Store(folder)
        self.hub = Hub(self.exchange.client(), TOPICS, self.store, FAST)
        self._task: asyncio.Task[None] | None = None

    def room(self, id: str) -> InRoom:
        """Another room, which does not run yet."""
        made = InRoom(id, self.folder / id, self.exchange)
        self.rooms.append(made)
        return made

    async def joined(self, id: str) -> InRoom:
        """Another room, which runs and which the hub knows to play."""
        made = self.room(id)
        made.start()
        await until(lambda: self.condition(id) == "playing")
        return made

    def start_hub(self) -> None:
        """Start the hub, anew from what it has kept."""
        self.hub = Hub(self.exchange.client(), TOPICS, self.store, FAST)
        self._task = asyncio.create_task(self.hub.run())

    async def stop_hub(self) -> None:
        """As in a power cut: nothing is written any more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def condition(self, id: str) -> str:
        """How a room is to the hub."""
        seen = self.hub.rooms.seen(id)
        return str(seen.condition) if seen else ""


@asynccontextmanager
async def fleet(folder: Path) -> AsyncIterator[Fleet]:
    """A fleet with a hub that runs, and no room yet."""
    made = Fleet(folder)
    made.start_hub()
    try:
        yield made
    finally:
        for room in made.rooms:
            await room.stop()
        await made.stop_hub()
        made.store.close()
