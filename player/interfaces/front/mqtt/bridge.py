"""Keeps the player at its broker: says how it is, and gives the commands that come from there."""

from __future__ import annotations

import asyncio
import base64
import json
import random
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import ClassVar

from player.errors import ArgumentError
from player.interfaces.front.mqtt import orders
from player.interfaces.front.mqtt.broker import Broker, BrokerConnection, ForbiddenError, Message, Will
from player.interfaces.front.mqtt.components import Permission, discovery
from player.interfaces.front.mqtt.kept_topics import KeptTopics
from player.interfaces.front.mqtt.link import RETRY_S, BrokerLink
from player.interfaces.front.mqtt.outbox import Outbox
from player.interfaces.front.mqtt.sensors import SensorTopics
from player.interfaces.front.mqtt.states import States, shift, shift_at
from player.interfaces.front.mqtt.topics import OFFLINE, ONLINE, Topics
from player.interfaces.front.player_client import PAUSES_S, PlayerClient, PlayerRefusal, patient
from player.interfaces.front.status_board import StatusBoard
from player.log import Complaints, EventLog, LogEvent
from player.status import MqttState
from player.types import Json

log = EventLog(__name__, LogEvent.MQTT)

BIRTH_S = (1.0, 5.0)
"""Home Assistant, when it has come, is answered after a time between these: others answer it, too."""
NO_COVER = Path(__file__).with_name("no_cover.jpg").read_bytes()
"""A picture, too: a broker forgets what is empty, and Home Assistant would not know what to show."""
UNTOLD = -1
REACHED = "the MQTT broker has been reached"
TAKEN_AGAIN = "the MQTT broker takes everything again"
TOO_LONG = (
    "what stands at %s (%d bytes) is too much for the MQTT broker, or for the line to it:"
    " it is left out for an hour"
)
RIVAL = "If that goes on: each player there needs its own mqtt.base_topic."
Say = Callable[[MqttState, str | None], None]


class Bridge:
    """Runs for ever, through every absence of broker and player; on the event loop's thread alone.

    name     what Home Assistant calls the device
    say      is told how the connection is, and what is wrong with it
    kept     what it remembers of its topics; None: nothing
    sensors  those of the venue that speak there
    retry_s  the first pause between two tries to connect, and the longest
    """

    section: ClassVar[str] = "mqtt"

    def __init__(
        self,
        client: PlayerClient,
        board: StatusBoard,
        broker: Broker,
        topics: Topics,
        name: str,
        permission: Permission,
        scene: bool,
        say: Say,
        pause_s: Callable[[], float] = lambda: random.uniform(*BIRTH_S),
        clock: Callable[[], float] = time.monotonic,
        kept: KeptTopics | None = None,
        sensors: SensorTopics | None = None,
        retry_s: tuple[float, float] = RETRY_S,
    ) -> None:
        self._client, self._board, self._topics = client, board, topics
        self._permission, self._say, self._pause_s = permission, say, pause_s
        self._outbox, self._states = Outbox(clock), States(scene)
        self._kept = kept
        self._forbidden: dict[str, str] = {}
        """What the broker does not take or tell, by topic, and the sentence about it."""
        self._sensors = sensors or SensorTopics((), client, board)
        self._shift_at: str | None = None
        self._known = False
        self._cover_of: int | None = UNTOLD
        self._fetching: asyncio.Task[None] | None = None
        self._complaints = Complaints(log, clock)
        self._link = BrokerLink(
            broker, Will(topics.availability, OFFLINE), self._arrive, (self._send, self._listen),
            log, REACHED, RIVAL, retry_s, clock=clock, told=self._told,
        )  # fmt: skip
        if topics.config:
            self._outbox.put(topics.config, json.dumps(discovery(topics, name, permission, scene)))

    async def run(self) -> None:
        """Follow the player and keep the connection."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow(tasks))
            tasks.create_task(self._link.run())
            tasks.create_task(self._sensors.run())

    def trouble(self) -> str | None:
        """Nothing here: the status has a place of its own for the broker."""
        return None

    async def _follow(self, tasks: asyncio.TaskGroup) -> None:
        while True:
            changed, status = self._board.changed(), self._board.current
            self._outbox.put(self._topics.availability, ONLINE if status else OFFLINE)
            if status:
                self._tell(status.status, tasks)
            await changed.wait()

    def _tell(self, status: Json, tasks: asyncio.TaskGroup) -> None:
        for key, value in self._states.of(status).items():
            self._outbox.put(self._topics.state(key), value)
        at = shift_at(status)
        if self._known and at is not None and at != self._shift_at:
            self._outbox.happened(self._topics.event("shift"), shift(status))
        self._known, self._shift_at = True, at
        track = status["playback"]["track"]
        if (number := track["id"] if track else None) != self._cover_of:
            self._cover_of = number
            if self._fetching is not None:
                self._fetching.cancel()
            self._fetching = tasks.create_task(self._fetch_cover(number))

    async def _fetch_cover(self, number: int | None) -> None:
        """Tell the cover of what plays: a note where there is none, and until the player has time to look."""
        show, picture = partial(self._outbox.put, self._topics.state("cover")), NO_COVER
        if number is not None:
            with suppress(PlayerRefusal):
                answer = await patient(
                    self._client, "cover", {"id": number}, PAUSES_S, waits=lambda: show(NO_COVER)
                )
                picture = base64.b64decode(answer["jpeg"])
        show(picture)

    async def _arrive(self, connection: BrokerConnection) -> None:
        self._forbidden.clear()
        birth = [self._topics.birth] if self._topics.birth else []
        try:
            await connection.subscribe(self._topics.commands, *birth, *self._sensors.topics)
        except ForbiddenError as error:  # what it is told is still worth telling
            self._forbid("", str(error))
        self._outbox.forget_events()
        self._outbox.again()

    def _told(self, problem: str | None) -> None:
        """How the connection is, and of one that holds what the broker forbids."""
        state = MqttState.CONNECTED if problem is None else MqttState.CONNECTING
        self._say(state, problem or next(iter(self._forbidden.values()), None))

    def _forbid(self, topic: str, why: str) -> None:
        if self._forbidden.get(topic) != why:
            if not self._forbidden:
                log.warning("%s", why)
            self._forbidden[topic] = why
            self._told(None)

    async def _send(self, connection: BrokerConnection) -> None:
        await self._empty(connection)
        while True:
            letter = await self._outbox.next()
            try:
                await connection.publish(letter.topic, letter.payload, letter.retain)
            except ForbiddenError as error:
                self._outbox.refused(letter)
                self._forbid(letter.topic, str(error))
            except BaseException:  # cancelled, if the end of the connection was noticed elsewhere first
                if self._outbox.failed(letter):
                    log.warning(TOO_LONG, letter.topic, len(letter.payload))
                raise
            else:
                self._outbox.arrived(letter)
                self._allow(letter.topic)

    def _allow(self, topic: str) -> None:
        if self._forbidden.pop(topic, None):
            self._told(None)
            if not self._forbidden:
                log.info("%s", TAKEN_AGAIN)

    async def _empty(self, connection: BrokerConnection) -> None:
        """Take from the broker what it keeps under topics of before."""
        if self._kept is None:
            return
        for topic in self._kept.former():
            with suppress(ForbiddenError):  # as it may be ours no more
                await connection.publish(topic, b"", retain=True)
        self._kept.emptied()

    async def _listen(self, connection: BrokerConnection) -> None:
        answering: asyncio.Task[None] | None = None
        try:
            async for message in connection.messages():
                if self._sensors.take(message):
                    continue
                if message.topic != self._topics.birth:
                    await self._obey(message)
                elif _is_birth(message) and (answering is None or answering.done()):
                    answering = asyncio.ensure_future(self._greet())
        finally:
            if answering is not None:
                answering.cancel()

    async def _greet(self) -> None:
        await asyncio.sleep(self._pause_s())
        self._outbox.again()

    async def _obey(self, message: Message) -> None:
        key = self._topics.commanded(message.topic)
        if key is None or message.retained:  # kept by the broker, it would be obeyed at every connection
            return
        try:
            order = orders.read(key, message.payload, self._permission)
            await self._client.command(order.command, order.arguments)
        except (ArgumentError, PlayerRefusal) as error:
            self._complaints.say(f"a command over MQTT was refused: {error}")
        else:
            self._complaints.mended()


def _is_birth(message: Message) -> bool:
    """One that is retained was said before: everything is told at each connection anyway."""
    return message.payload == ONLINE.encode() and not message.retained
