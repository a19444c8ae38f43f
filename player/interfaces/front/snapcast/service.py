"""Looks every few seconds whether the rooms play what is left for them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from player.config.settings.front import SnapcastSettings
from player.interfaces.front.interface import Interface
from player.interfaces.front.snapcast.server import SnapcastError, StreamCondition, condition
from player.interfaces.front.status_board import StatusBoard
from player.log import EventLog, LogEvent
from player.types import Json

log = EventLog(__name__, LogEvent.WEB)

LOOK_S = 10.0
LEFT = "The music is left for Snapcast, and"


class Snapcast(Interface):
    """Asks the server, tells the player, and waits; the music waits for nothing of it.

    say  hears how many play, and what is wrong
    ask  the server
    """

    section = "snapcast"

    def __init__(
        self,
        settings: SnapcastSettings,
        board: StatusBoard,
        say: Callable[[Json], None],
        ask: Callable[[SnapcastSettings], Awaitable[StreamCondition]] = condition,
        look_s: float = LOOK_S,
    ) -> None:
        self._settings, self._board, self._say = settings, board, say
        self._ask, self._look_s = ask, look_s
        self._said: tuple[int | None, str | None] | None = None

    def trouble(self) -> str | None:
        """See Interface: the status has it with the number of players."""
        return None

    async def run(self) -> None:
        """See Interface."""
        while True:
            try:
                found = await self._ask(self._settings)
            except SnapcastError as error:
                self._tell(None, str(error))
            else:
                self._tell(found.heard, self._wrong(found))
            await asyncio.sleep(self._look_s)

    def _wrong(self, found: StreamCondition) -> str | None:
        """Why no room hears the music; nothing while there is none."""
        current = self._board.current
        if current is None or current.status["playback"]["state"] != "playing":
            return None
        return wrong_with(found, self._settings.stream)

    def _tell(self, heard: int | None, problem: str | None) -> None:
        if (heard, problem) == self._said:
            return
        if problem and (self._said is None or problem != self._said[1]):
            log.warning("%s", problem)
        self._said = heard, problem
        self._say({"say": "snapcast", "players": heard, "problem": problem})


def wrong_with(found: StreamCondition, stream: str) -> str | None:
    """Why no room hears a stream, in a sentence; None if one does."""
    if not found.playing:
        return f"No sound comes to the snapserver's stream {stream}; see docs/snapcast.md for its pipe."
    if not found.clients:
        return f"{LEFT} nobody plays it: no client is connected to the stream {stream}."
    if not found.heard:
        return f"{LEFT} nobody hears it: every client of the stream {stream} is muted."
    return None
