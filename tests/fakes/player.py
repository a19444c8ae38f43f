"""A player as the front sees it: it gives the status that a test sets, and notes what it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from player.interfaces.front.player_client import AWAY, News, PlayerClient, PlayerRefusal
from player.interfaces.messages.base import Done
from player.status import PlayerStatus, as_json
from player.types import Json
from tests.fakes import status
from tests.fakes.answers_of_player import ANSWERS, LINES


class FakePlayer(PlayerClient):
    """Well and playing, until a test says otherwise."""

    def __init__(self, now: PlayerStatus | None = None) -> None:
        self.status = now or status.whole()
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.refusal: PlayerRefusal | None = None
        """What every command ends with, if set."""
        self.late_refusal: PlayerRefusal | None = None
        """What the lines of a command end with, if set."""
        self._number = 1
        self._away = False
        self._news = asyncio.Event()

    async def command(self, name: str, arguments: dict[str, Any]) -> Json:
        """See PlayerClient."""
        self.told.append((name, arguments))
        if self._away:
            raise PlayerRefusal(AWAY, "The player is away.")
        if self.refusal is not None:
            raise self.refusal
        if name == "status":
            return as_json(self.status)
        return ANSWERS.get(name, Done(f"{name} done")).as_json()

    async def lines(self, name: str, arguments: dict[str, Any]) -> AsyncIterator[Json]:
        """See PlayerClient."""
        await self.command(name, arguments)
        for line in LINES[name]:
            yield line.as_json()
        if self.late_refusal is not None:
            raise self.late_refusal

    async def watch(self) -> AsyncIterator[News]:
        """See PlayerClient."""
        sent = 0
        while not self._away:
            news = self._news
            if sent != self._number:
                sent = self._number
                yield News(f"boot-{sent}", as_json(self.status))
            await news.wait()
        raise PlayerRefusal(AWAY, "The player is away.")

    def change(self, **parts: object) -> None:
        """Another status, from the event loop's thread."""
        self.status = replace(self.status, **parts)  # type: ignore[arg-type]
        self._number += 1
        self._tell()

    def leave(self) -> None:
        """Answer no more."""
        self._away = True
        self._tell()

    def come_back(self) -> None:
        """Answer again."""
        self._away = False

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
