"""Brings a room's play history to the hub: each line once, in its order, however long the hub was away."""

from __future__ import annotations

import asyncio

from player.interfaces.front.fleet.messages import MOST_PLAYS, Play, Plays, Taken, encode, shortened
from player.interfaces.front.fleet.notebook import Notebook
from player.interfaces.front.fleet.pace import Pace
from player.interfaces.front.mqtt.broker import Connection
from player.interfaces.front.player_client import PlayerClient, PlayerRefusal
from player.types import Json


class Ledger:
    """One batch is under way at a time; the notebook knows what the hub has."""

    def __init__(self, client: PlayerClient, notebook: Notebook, topic: str, pace: Pace) -> None:
        self._client, self._notebook, self._topic, self._pace = client, notebook, topic, pace
        self._taken: set[int] = set()
        self._news = asyncio.Event()
        self._is_ours = False
        """Whether the history is the one that the notebook speaks of."""

    def taken(self, message: Taken) -> None:
        """The hub has these."""
        self._taken |= set(message.ids)
        self._news.set()

    async def deliver(self, connection: Connection) -> None:
        """Bring what is there, and then look for more, until the connection ends."""
        while True:
            plays = await self._next()
            if plays:
                await self._bring(connection, plays)
            else:
                await asyncio.sleep(self._pace.look_s)

    async def _bring(self, connection: Connection, plays: tuple[Play, ...]) -> None:
        """Say it until the hub says that it has it."""
        message, wanted = encode(Plays(plays)), {play.id for play in plays}
        self._taken.clear()
        while not wanted <= self._taken:
            self._news.clear()
            await connection.publish(self._topic, message, retain=False)
            try:
                async with asyncio.timeout(self._pace.resend_s):
                    while not wanted <= self._taken:
                        await self._news.wait()
                        self._news.clear()
            except TimeoutError:
                pass
        self._notebook.taken(plays[-1].id, plays[-1].started_at)

    async def _next(self) -> tuple[Play, ...]:
        """The plays that follow those that the hub has; none if there are none, or the player is away."""
        try:
            if not self._is_ours:
                await self._recognise()
            answer = await self._client.command(
                "ledger", {"after": self._notebook.notes.taken, "limit": MOST_PLAYS}
            )
        except PlayerRefusal:
            return ()
        return tuple(map(_play, answer["plays"]))

    async def _recognise(self) -> None:
        """A history that was begun anew numbers its lines anew: it is told from its beginning.

        Raises PlayerRefusal.
        """
        notes = self._notebook.notes
        if notes.taken:
            found = await self._client.command("ledger", {"after": notes.taken - 1, "limit": 1})
            first = found["plays"][0] if found["plays"] else None
            is_same = first and (first["id"], first["started_at"]) == (notes.taken, notes.taken_at)
            if not is_same:
                self._notebook.taken(0, "")
        self._is_ours = True


def _play(record: Json) -> Play:
    def text(name: str, letters: int = 2000) -> str:
        return shortened(record[name], letters) or ""

    return Play(
        id=record["id"],
        started_at=record["started_at"],
        title=text("title"),
        artist=text("artist"),
        album=text("album"),
        isrc=text("isrc", 300),
        composer=text("composer"),
        label=text("label"),
        duration_s=record["duration_s"],
        audible_s=record["audible_s"],
        audible=record["audible"],
        venue=text("venue", 300),
    )
