"""Serves the page, the API and all else in the front's process, as a client of the control socket.

What it is to do comes as the first line of its standard input; it ends when that closes. It says that it is
ready, that it is alive, and what is for the log, as JSON lines on its standard output.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from player.config.settings.front import FrontSettings
from player.interfaces.front import interfaces
from player.interfaces.front.interfaces import Interfaces, Say
from player.interfaces.front.player_client import PlayerClient
from player.interfaces.front.socket_client import SocketClient
from player.interfaces.front.status_board import StatusBoard
from player.interfaces.front.tasks import run_loop
from player.log import LogEvent
from player.privacy.redaction import learn, redacted
from player.system import child_side
from player.system.memory import give_back

if TYPE_CHECKING:
    from player.interfaces.front.page_server import PageServer

ALIVE_S = 5.0
"""Between two signs of life."""
NICENESS = 5
"""Somebody waits for the page: behind the music, and before the analysis."""


class LogReports(logging.Handler):
    """Hands the log's lines to the parent, which has the log."""

    def __init__(self, say: Say) -> None:
        super().__init__()
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        """One line; a traceback is for those who look for faults."""
        said = redacted(record.getMessage())
        if record.exc_info and record.exc_info[1] is not None:
            said = f"{said} ({redacted(repr(record.exc_info[1]))})"
        about = getattr(record, "event", LogEvent.WEB)
        self._say({"say": "log", "level": record.levelname, "message": said, "event": about})


class Front:
    """All that this process serves."""

    def __init__(
        self, settings: FrontSettings, client: PlayerClient, folder: Path, passwords: Path, say: Say
    ) -> None:
        """`folder` has the player's state, `passwords` is the folder of those of the page."""
        self._settings, self._client, self._say = settings, client, say
        self._folder, self._passwords = folder, passwords
        self._board = StatusBoard(client)
        self._interfaces = Interfaces(settings)
        self._page = self._make_page()

    async def serve(self) -> None:
        """Serve until the process ends, or the page cannot be served and nothing else is wanted."""
        following = asyncio.ensure_future(self._board.follow())
        others = interfaces.make(
            self._settings, self._client, self._board, self._folder, self._passwords, self._say
        )
        self._interfaces.start(others)
        self._alive()
        if self._page is not None:
            await self._page.serve(self._client, self._board, has_others=bool(others))
        else:
            self._say({"say": "ready", "address": None})
            await following

    def end(self) -> None:
        """Say goodbye, from another thread than the event loop's."""
        self._interfaces.end()

    def _make_page(self) -> PageServer | None:
        """None without a page: then nothing of it is even loaded."""
        if not self._settings.web.enabled:
            return None
        from player.interfaces.front.page_server import PageServer  # noqa: PLC0415

        return PageServer(self._settings, self._interfaces, self._passwords, self._say)

    def _alive(self) -> None:
        page = self._page.trouble() if self._page is not None else None
        found = filter(None, (page, self._interfaces.trouble()))
        self._say({"say": "alive", "trouble": " ".join(found) or None})
        asyncio.get_running_loop().call_later(ALIVE_S, self._alive)


def main() -> None:
    """Serve until standard input closes."""
    say = child_side.take_stdout()
    ending: list[Callable[[], None]] = []

    def goodbye() -> None:
        for end in ending:
            end()

    orders = child_side.read_commands(at_end=goodbye).get()
    child_side.step_back(background=False, niceness=NICENESS)
    logging.basicConfig(level=logging.WARNING, handlers=[LogReports(say)], force=True)
    logging.getLogger("player").setLevel(logging.INFO)
    # What it says of broken requests is for programmers, and anybody could fill the log with it.
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
    client = SocketClient(Path(orders.pop("socket")))
    folder, passwords = Path(orders.pop("folder")), Path(orders.pop("passwords"))
    settings = FrontSettings.model_validate(orders)
    learn([{"password": settings.mqtt.password}, {"password": settings.fleet.password}])
    front = Front(settings, client, folder, passwords, say)
    ending.append(front.end)
    gc.collect()
    give_back()  # what loading took and needs no more
    gc.freeze()
    gc.enable()
    run_loop(front.serve())
