"""The newest status, for all who ask: one `watch` on the player serves every page and every scrape."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from player.interfaces.front.player_client import PlayerClient, PlayerRefusal
from player.log import EventLog, LogEvent
from player.system.backoff import BackOff
from player.types import Json, json_text

log = EventLog(__name__, LogEvent.WEB)

RETRY_S, RETRY_MAX_S = 0.25, 5.0


@dataclass(frozen=True, slots=True)
class StatusSnapshot:
    """A status as it came.

    id    BOOT-SEQ: another one, if anything has changed
    body  as JSON, made once for all readers
    at    when, on the board's clock
    """

    id: str
    status: Json
    body: bytes
    at: float = 0.0


class StatusBoard:
    """Follows the player's status; on the event loop's thread alone."""

    def __init__(self, client: PlayerClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._client, self._clock = client, clock
        self._changed = asyncio.Event()
        self.newest: StatusSnapshot | None = None
        """The last one that is known, of a player that may be away by now."""
        self.there = False
        """Whether the player answers."""

    @property
    def current(self) -> StatusSnapshot | None:
        """The status; None while the player does not answer."""
        return self.newest if self.there else None

    def age_s(self, snapshot: StatusSnapshot) -> float:
        """How old a status is."""
        return self._clock() - snapshot.at

    def changed(self) -> asyncio.Event:
        """Is set at the next change: of the status, or of whether the player answers."""
        return self._changed

    async def follow(self) -> None:
        """Follow for ever, through every absence of the player."""
        back_off = BackOff(RETRY_S, RETRY_MAX_S)
        while True:
            try:
                async for news in self._client.watch():
                    back_off.worked()
                    self._note(news.id, news.status)
            except PlayerRefusal as error:
                pause_s = back_off.failed(self._clock())
                log.debug("%s (%s)", error.detail, error.code)
            else:
                pause_s = back_off.failed(self._clock())
            self._leave()
            await asyncio.sleep(pause_s)

    def _note(self, number: str, status: Json | None) -> None:
        told = self.there and self.newest is not None and self.newest.id == number
        if status is not None:
            self.newest = StatusSnapshot(number, status, json_text(status).encode(), self._clock())
        self.there = self.newest is not None
        if not told:  # else a heartbeat, at most with numbers that run by themselves
            self._tell()

    def _leave(self) -> None:
        if self.there:
            self.there = False
            self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
