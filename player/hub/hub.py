"""The hub itself: hears all rooms at the broker, keeps what they say, and sends what is wanted of them."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from player.errors import StateError
from player.hub.merging import merged
from player.hub.outgoing import Outgoing
from player.hub.rooms import Rooms
from player.hub.storage.store import Change, Store
from player.hub.trouble import Trouble
from player.interfaces.front.fleet.messages import (
    Desired,
    MessageError,
    PlayLine,
    Presence,
    Reported,
    RoomAnswer,
    RoomCommand,
    RoomReport,
    Taken,
    decode,
    decode_plays,
    encode,
)
from player.interfaces.front.fleet.pace import PACE, Pace
from player.interfaces.front.fleet.topics import FleetTopics
from player.interfaces.front.mqtt.broker import Broker, BrokerConnection, ForbiddenError, Message
from player.interfaces.front.mqtt.link import BrokerLink
from player.interfaces.front.tasks import end
from player.log import Complaints, EventLog, LogEvent
from player.types import Json, json_text

log = EventLog(__name__, LogEvent.FLEET)

REACHED = "the hub is at its broker"
RIVAL = "If that goes on: another hub is at this broker, too."
HEARD = ("presence", "status", "reported", "answers", "plays")
MOST_ANSWERS = 1000
"""That wait for the disk: whoever may write at the broker could invent more."""
TAKEN_AGAIN = "the broker takes everything from the hub again"
KEPT_AGAIN = "the hub's database can be used again"
ROOM_AGAIN = "the hub takes further rooms again"
TOO_MANY = "there are more rooms than a hub takes; what further ones say is left alone"


@dataclass
class MessageCounts:
    """Messages since the start."""

    received: Counter[str] = field(default_factory=Counter)
    """By kind."""
    received_bytes: Counter[str] = field(default_factory=Counter)
    """Payloads, by kind."""
    sent: Counter[str] = field(default_factory=Counter)
    """By kind."""
    refused: int = 0
    """Those that were not understood."""
    plays: int = 0
    """New ones."""
    plays_again: int = 0
    """Those that the hub had already."""


class Hub:
    """On the event loop's thread alone, storage included: a commit takes some milliseconds.

    clock  a steady one, in seconds
    wall   seconds since 1970
    """

    def __init__(
        self,
        broker: Broker,
        topics: FleetTopics,
        store: Store,
        pace: Pace = PACE,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._topics, self.store, self._pace, self._wall = topics, store, pace, wall
        self.rooms = Rooms(pace.away_s, clock, wall)
        self.rooms.load(store.rooms())
        self.counts = MessageCounts()
        self._outgoing = Outgoing()
        self._answers: dict[tuple[str, str], RoomAnswer] = {}
        """By room and command: those that the disk has not taken yet."""
        self._complaints = Complaints(log, clock)
        self._disk, self._forbidden, self._crowd = (
            Trouble(over, clock) for over in (KEPT_AGAIN, TAKEN_AGAIN, ROOM_AGAIN)
        )
        self._revision = store.last_revision()
        retry_s = (pace.retry_s, pace.retry_max_s)
        parts = (self._listen, self._send, self._repeat)
        self._link = BrokerLink(broker, None, self._arrive, parts, log, REACHED, RIVAL, retry_s)

    @property
    def problem(self) -> str | None:
        """Why the broker cannot be used; None if it can be."""
        return self._link.problem

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection to the broker."""
        return self._link.connected

    async def run(self) -> None:
        """Follow the rooms for ever, through every absence of the broker."""
        tasks = [asyncio.ensure_future(part) for part in (self._link.run(), self._keep())]
        try:
            await asyncio.gather(*tasks)
        finally:
            await end(tasks)

    def push(self, rooms: Sequence[str], settings: Json, who: str) -> int:
        """Want these settings of rooms, beside what is wanted of them already; returns the revision.

        Raises StateError.
        """
        now = self._wall()
        revision = max(self._revision + 1, int(now))  # greater than any, also of a hub whose disk was lost
        wanted = []
        for id in rooms:
            room = self.rooms.get(id)
            before = room.desired.settings if room and room.desired else {}
            wanted.append((id, Desired(revision, merged(before, settings), who[:300], now)))
        self.store.want(wanted, Change(now, who, f"settings: {json_text(settings)}", (*rooms,)))
        self._revision = revision
        for id, desired in wanted:
            self.rooms.want(id, desired)
            self._post(id, desired, retain=True)
        return revision

    def command(
        self, rooms: Sequence[str], command: str, arguments: Json, who: str, valid_s: float
    ) -> list[str]:
        """Give a command to rooms, each with an id of its own; returns these. Raises StateError."""
        now = self._wall()
        given = [
            (id, RoomCommand(secrets.token_hex(12), command, arguments, who[:300], now + valid_s))
            for id in rooms
        ]
        said = " ".join([command, *map(str, arguments.values())])
        self.store.give(given, Change(now, who, said, (*rooms,)))
        for id, one in given:
            self._post(id, one)
        return [one.id for _, one in given]

    def forget(self, room: str, who: str) -> None:
        """Take a room off the list, and what the broker keeps of it; its plays stay. Raises StateError."""
        self.store.forget(room, Change(self._wall(), who, "forget", (room,)))
        self.rooms.forget(room)
        self._crowd.works("rooms")
        for kind in ("presence", "status", "desired", "reported"):
            self._outgoing.put(self._topics.of(room, kind), b"", retain=True)

    def close(self) -> None:
        """Write down how the rooms are, and let go of the database."""
        with suppress(StateError):  # the log has said so
            self.flush()
        self.store.close()

    @property
    def disk_problem(self) -> str | None:
        """Why what is known cannot be kept now; None if it can be."""
        return self._disk.reason

    def flush(self) -> None:
        """Write down how the rooms are, and what could not be written before. Raises StateError."""
        self._keep_answers()
        changed = self.rooms.unkept()
        if changed:
            rows = [(room.id, room.heard_at, room.report, room.reported) for room in changed]
            with self._disk.trying("reports"):
                self.store.keep_reports(rows)
            self.rooms.kept(changed)

    def _post(self, room: str, message: Desired | RoomCommand | Taken, retain: bool = False) -> None:
        self._outgoing.put(self._topics.of(room, message.KIND), encode(message), retain)

    async def _arrive(self, connection: BrokerConnection) -> None:
        await connection.subscribe(*(self._topics.of("+", kind) for kind in HEARD))
        # Nothing is said by this, and kept by nobody: a broker that lets the hub command no room refuses it.
        await connection.publish(self._topics.of("hub", "desired"), b"", retain=False)
        self._say_again(None)
        self._want_again()

    async def _listen(self, connection: BrokerConnection) -> None:
        async for message in connection.messages():
            try:
                self._hear(message)
            except MessageError as error:
                self.counts.refused += 1
                self._complaints.say(f"a message at {message.topic} is not understood: {error}")
            except StateError:  # the log has said so; nothing is acknowledged: the room says it again
                pass

    def _hear(self, message: Message) -> None:
        """Raises MessageError and StateError."""
        room, kind = self._topics.read(message.topic) or ("", "")
        if not message.payload or not room:  # a topic that was emptied
            return
        self.counts.received[kind] += 1
        self.counts.received_bytes[kind] += len(message.payload)
        match kind:
            case "status":
                report = decode(RoomReport, message.payload)
                if not self.rooms.heard(room, report, message.retained):
                    self._crowd.fails("rooms", TOO_MANY)
            case "presence":
                online = decode(Presence, message.payload).online
                self.rooms.present(room, online, message.retained)
                if online and not message.retained:
                    self._say_again(room)
            case "reported":
                self.rooms.reported(room, decode(Reported, message.payload))
            case "answers":
                self._answered(room, decode(RoomAnswer, message.payload))
            case "plays" if not message.retained:
                self._take(room, *decode_plays(message.payload))

    def _answered(self, room: str, answer: RoomAnswer) -> None:
        """Keep what a room says of a command; until the disk takes it, in memory. Raises StateError."""
        if len(self._answers) < MOST_ANSWERS:
            self._answers[room, answer.id] = answer
        self._keep_answers()

    def _keep_answers(self) -> None:
        """Raises StateError."""
        while self._answers:
            (room, id), answer = next(iter(self._answers.items()))
            with self._disk.trying("answers"):
                self.store.answer(room, answer)
            del self._answers[room, id]

    def _take(self, room: str, plays: Sequence[PlayLine], refused: Mapping[int, str]) -> None:
        """Keep plays, and only then say so; those that can never be kept hold up no others."""
        with self._disk.trying("plays"):
            new = self.store.take(room, plays)
        self.counts.plays += new
        self.counts.plays_again += len(plays) - new
        self.counts.refused += bool(refused)
        for number, why in refused.items():
            self._complaints.say(f"play {number} of {room} cannot be kept and is left out: {why}")
        self._post(room, Taken(tuple(play.id for play in plays), (*refused,)))

    def _want_again(self) -> None:
        """A broker that has lost what it kept, or come back with older settings, is told what is wanted."""
        for id, desired in self.rooms.waited_for():
            self._post(id, desired, retain=True)

    async def _send(self, connection: BrokerConnection) -> None:
        while True:
            letter = await self._outgoing.first()
            try:
                await connection.publish(letter.topic, letter.payload, letter.retain)
            except ForbiddenError as error:  # said again with all that is not answered
                self._forbidden.fails(letter.topic, str(error))
            except BaseException:  # cancelled, if the end of the connection was noticed elsewhere first
                self._outgoing.failed(letter)
                raise
            else:
                self._forbidden.works(letter.topic)
                self.counts.sent[letter.topic.rpartition("/")[2]] += 1
            self._outgoing.done(letter)

    async def _repeat(self, _: BrokerConnection) -> None:
        """What has not been answered is said again: a room may have come between."""
        while True:
            await asyncio.sleep(self._pace.resend_s)
            self._say_again(None)
            self._want_again()

    def _say_again(self, room: str | None) -> None:
        """The commands that wait for an answer, of one room or of all."""
        with suppress(StateError), self._disk.trying("commands"):
            for id, command in self.store.open_commands(self._wall(), room):
                self._post(id, command)

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(self._pace.least_s)
            with suppress(StateError):  # the log has said so
                self.flush()
