"""What the front knows of the player, and how it asks it for things."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Container, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from player.errors import ErrorCode
from player.types import Json

AWAY = "away"
"""The code of a refusal where no player answers."""
TIMEOUT = "timeout"
"""... and where it did not answer in time."""
PASSING = (AWAY, TIMEOUT, ErrorCode.BUSY)
"""Codes that are no word about what it was asked: the same may be asked again in a moment."""
PAUSES_S = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Between the tries of who has time: as long as the player may take to start again."""


class PlayerRefusal(Exception):  # noqa: N818 - the player is well, it says no
    """The player did not do it.

    code    why, for programs: one of the control socket's, AWAY or TIMEOUT
    detail  the sentence for a person
    """

    def __init__(self, code: str, detail: str) -> None:
        self.code, self.detail = code, detail
        super().__init__(detail)


@dataclass(frozen=True, slots=True)
class News:
    """One line of `watch`: the status, or only that it is still the one of this id."""

    id: str
    status: Json | None


class PlayerClient(Protocol):
    """Speaks to the player."""

    async def command(self, name: str, arguments: dict[str, Any]) -> Json:
        """Give a command; returns its answer. Raises PlayerRefusal."""
        ...

    def lines(self, name: str, arguments: dict[str, Any]) -> AsyncIterator[Json]:
        """Give a command that answers in several lines: each as it comes. Raises PlayerRefusal."""
        ...

    def watch(self) -> AsyncIterator[News]:
        """The status and every change of it, and that nothing has changed; ends with PlayerRefusal."""
        ...


async def patient(
    client: PlayerClient,
    name: str,
    arguments: dict[str, Any],
    pauses_s: Iterable[float],
    passing: Container[str] = PASSING,
    waits: Callable[[], None] = lambda: None,
) -> Json:
    """Give a command that changes nothing, and again after each pause while it is refused in passing.

    passing  the codes of such refusals
    waits    is told of each

    Raises PlayerRefusal.
    """
    for pause_s in pauses_s:
        try:
            return await client.command(name, arguments)
        except PlayerRefusal as refusal:
            if refusal.code not in passing:
                raise
        waits()
        await asyncio.sleep(pause_s)
    return await client.command(name, arguments)
