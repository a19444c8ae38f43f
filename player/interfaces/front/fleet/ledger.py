"""Brings a room's play history to the hub: each line once, in its order, however long the hub was away."""

from __future__ import annotations

import asyncio

from player.interfaces.front.fleet.messages import (
    LONGEST_S,
    MOST_PLAYS,
    PlayLine,
    Plays,
    Taken,
    encode,
    shortened,
)
from player.interfaces.front.fleet.notebook import Notebook
from player.interfaces.front.fleet.pace import Pace
from player.interfaces.front.mqtt.broker import BrokerConnection
from player.interfaces.front.player_client import PlayerClient, PlayerRefusal
from player.log import EventLog, LogEvent
from player.types import Json

log = EventLog(__name__, LogEvent.FLEET)


class Ledger:
    """One batch is under way at a time; the notebook knows what the hub has.

    A batch that does not arrive is followed by half of it: a slow line carries little before its connection
    is given up, and some brokers drop what is long.
    """

    def __init__(self, client: PlayerClient, notebook: Notebook, topic: str, pace: Pace) -> None:
        self._client, self._notebook, self._topic, self._pace = client, notebook, topic, pace
        self._wanted: frozenset[int] = frozenset()
        self._news = asyncio.Event()
        self._most = MOST_PLAYS
        """So many go at a time."""

    def taken(self, message: Taken) -> None:
        """The hub has these, or can never keep them."""
        for number in sorted(self._wanted.intersection(message.refused)):
            log.warning("the hub cannot keep play %s of this room's history; its list leaves it out", number)
        self._wanted -= {*message.ids, *message.refused}
        self._news.set()

    async def deliver(self, connection: BrokerConnection) -> None:
        """Bring what is there, and then look for more, until the connection ends."""
        while True:
            plays = await self._next()
            if plays:
                await self._bring(connection, plays)
            else:
                await asyncio.sleep(self._pace.look_s)

    async def _bring(self, connection: BrokerConnection, plays: tuple[PlayLine, ...]) -> None:
        """Say it once, and note it if the hub says in time that it has it."""
        most, self._most = self._most, max(1, len(plays) // 2)  # unless it arrives
        self._wanted = frozenset(play.id for play in plays)
        await connection.publish(self._topic, encode(Plays(plays)), retain=False)
        try:
            async with asyncio.timeout(self._pace.resend_s):
                while self._wanted:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return
        self._most = min(2 * most, MOST_PLAYS)
        self._notebook.taken(plays[-1].id, plays[-1].started_at)

    async def _next(self) -> tuple[PlayLine, ...]:
        """The plays that follow those that the hub has; none if there are none, or the player is away.

        The last one that it has is asked for as well: a history that was begun anew, also while this runs,
        numbers its lines anew, and is told from its beginning.
        """
        notes = self._notebook.notes
        try:
            answer = await self._client.command(
                "ledger", {"after": max(notes.taken - 1, 0), "limit": self._most + 1}
            )
        except PlayerRefusal:
            return ()
        plays = answer["plays"]
        if notes.taken:
            if [(one["id"], one["started_at"]) for one in plays[:1]] != [(notes.taken, notes.taken_at)]:
                self._notebook.taken(0, "")
                return await self._next()
            plays = plays[1:]
        return tuple(map(_play, plays[: self._most]))


def _play(record: Json) -> PlayLine:
    def text(name: str, letters: int = 2000) -> str:
        return shortened(record[name], letters) or ""

    return PlayLine(
        id=record["id"],
        started_at=record["started_at"],
        title=text("title"),
        artist=text("artist"),
        album=text("album"),
        isrc=text("isrc", 300),
        composer=text("composer"),
        label=text("label"),
        duration_s=_seconds(record["duration_s"]),
        audible_s=_seconds(record["audible_s"]),
        audible=record["audible"],
        venue=text("venue", 300),
    )


def _seconds(value: float | None) -> float | None:
    """None for what is no length of a piece: a library that was rescued from a bad disk may hold anything."""
    return value if value is not None and 0 <= value <= LONGEST_S else None
