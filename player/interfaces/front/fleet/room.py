"""Keeps the player at its fleet's hub: says how it is, brings its plays, and takes settings and commands."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from player.interfaces.front.fleet.ledger import Ledger
from player.interfaces.front.fleet.messages import (
    Desired,
    MessageError,
    Presence,
    Reported,
    RoomAnswer,
    RoomCommand,
    RoomReport,
    Taken,
    decode,
    encode,
)
from player.interfaces.front.fleet.notebook import Notebook
from player.interfaces.front.fleet.orders import Orders
from player.interfaces.front.fleet.pace import PACE, Pace
from player.interfaces.front.fleet.permitted import Permitted
from player.interfaces.front.fleet.report import Reporter
from player.interfaces.front.fleet.topics import FleetTopics
from player.interfaces.front.mqtt.broker import Broker, BrokerConnection, Message, Will
from player.interfaces.front.mqtt.link import BrokerLink
from player.interfaces.front.player_client import PlayerClient
from player.interfaces.front.status_board import StatusBoard
from player.log import Complaints, EventLog, LogEvent

log = EventLog(__name__, LogEvent.FLEET)

REACHED = "the fleet's hub has been reached"
RIVAL = "If that goes on: each room needs its own fleet.room."


class Room:
    """An Interface of the front: one connection of its own, since that has a last will of its own.

    room  its id
    wall  seconds since 1970
    """

    section: ClassVar[str] = "fleet"

    def __init__(
        self,
        room: str,
        client: PlayerClient,
        board: StatusBoard,
        broker: Broker,
        topics: FleetTopics,
        notebook: Notebook,
        reporter: Reporter,
        pace: Pace = PACE,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._board, self._notebook, self._reporter = board, notebook, reporter
        self._pace, self._clock, self._wall = pace, clock, wall
        self._topics = {
            kind.KIND: topics.of(room, kind.KIND)
            for kind in (Presence, RoomReport, Desired, Reported, RoomCommand, RoomAnswer, Taken)
        }
        self._complaints = Complaints(log, clock)
        self._orders = Orders(client, notebook)
        self._ledger = Ledger(client, notebook, topics.of(room, "plays"), pace)
        self._desired: asyncio.Queue[Desired] = asyncio.Queue(1)
        self._revised = asyncio.Event()
        self._hub = Permitted()
        self._link = BrokerLink(
            broker,
            Will(self._topics["presence"], encode(Presence(False)).decode()),
            self._arrive,
            (self._listen, self._tell, self._apply, self._deliver),
            log, REACHED, RIVAL, (pace.retry_s, pace.retry_max_s), spread=True,
        )  # fmt: skip

    async def run(self) -> None:
        """See Interface."""
        await self._link.run()

    def trouble(self) -> str | None:
        """See Interface."""
        return self._link.problem or self._hub.problem

    async def _arrive(self, connection: BrokerConnection) -> None:
        self._hub.begin(connection)
        await self._hub.subscribe(*(self._topics[kind] for kind in ("desired", "commands", "taken")))
        await self._hub.publish(self._topics["presence"], encode(Presence(True)), retain=True)

    async def _deliver(self, _: BrokerConnection) -> None:
        await self._ledger.deliver(self._hub)

    async def _listen(self, _: BrokerConnection) -> None:
        async for message in self._hub.messages():
            try:
                await self._hear(message)
            except MessageError as error:
                self._complaints.say(f"a message of the hub's at {message.topic} is not understood: {error}")

    async def _hear(self, message: Message) -> None:
        """Raises MessageError."""
        if message.topic == self._topics["taken"]:
            self._ledger.taken(decode(Taken, message.payload))
        elif message.topic == self._topics["commands"] and not message.retained:
            command = decode(RoomCommand, message.payload)
            answer = await self._orders.obey(command, self._wall())
            await self._hub.publish(self._topics["answers"], encode(answer), retain=False)
        elif message.topic == self._topics["desired"] and message.payload:
            wanted = decode(Desired, message.payload)
            if self._desired.full():  # the newest alone counts
                self._desired.get_nowait()
            self._desired.put_nowait(wanted)

    async def _apply(self, _: BrokerConnection) -> None:
        """Take over what the hub wants, as soon as that can be done, and say what has become of it."""
        while True:
            wanted, said = await self._desired.get(), (0, "")
            while not await self._orders.apply(wanted):
                obstacle = self._orders.obstacle
                if obstacle is not None and (wanted.revision, obstacle) != said:
                    said = wanted.revision, obstacle
                    await self._report_back(*said)
                # Each try on a disk that takes nothing reads and checks the whole config: not too often.
                await asyncio.sleep(self._pace.least_s if obstacle is None else self._pace.resend_s)
                wanted = self._desired.get_nowait() if self._desired.full() else wanted
            notes = self._notebook.notes
            await self._report_back(notes.revision, notes.problem)
            self._revised.set()

    async def _report_back(self, revision: int, problem: str | None) -> None:
        reported = Reported(revision, problem, self._wall())
        await self._hub.publish(self._topics["reported"], encode(reported), retain=True)

    async def _tell(self, _: BrokerConnection) -> None:
        """Report each change, not too often, and give signs of life."""
        said: RoomReport | None = None
        said_at = 0.0
        while True:
            changed = self._board.changed()
            self._revised.clear()
            now = self._clock()
            report = self._report()
            is_new = said is None or replace(report, at=said.at) != said
            if is_new or now >= said_at + self._pace.heartbeat_s:
                await self._hub.retry()
                await self._hub.publish(self._topics["status"], encode(report), retain=True)
                said, said_at = report, now
                await asyncio.sleep(self._pace.least_s)
            else:
                await self._news(changed, said_at + self._pace.heartbeat_s - now)

    async def _news(self, changed: asyncio.Event, longest_s: float) -> None:
        waiting = [asyncio.ensure_future(event.wait()) for event in (changed, self._revised)]
        try:
            await asyncio.wait(waiting, timeout=longest_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waiting:
                each.cancel()

    def _report(self) -> RoomReport:
        current = self._board.current
        status = current.status if current else None
        return self._reporter.of(status, self._notebook.notes.applied, self._wall())
