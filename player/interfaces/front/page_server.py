"""The page and the API in the front's process: what loads FastAPI, and only where there is a page."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import uvicorn

from player.config.settings.front import FrontSettings
from player.config.settings.web import WebSettings
from player.errors import PlayerError
from player.interfaces.front import interfaces
from player.interfaces.front.interfaces import Interfaces, Say
from player.interfaces.front.listening import access_of, check_opening, listen
from player.interfaces.front.player_client import PlayerClient
from player.interfaces.front.status_board import StatusBoard
from player.interfaces.front.web.app import make_app, served
from player.interfaces.front.web.security.logins import Logins
from player.interfaces.front.web.security.server_options import server_options
from player.system.backoff import BackOff

TICK_S = 1.0
RETRY_S, RETRY_MAX_S = 0.5, 15.0
"""A port that is taken is tried again after so long, then ever more slowly."""


class EmbeddedServer(uvicorn.Server):
    """uvicorn, as a part of this process; it ends with its parent alone."""

    def __init__(self, config: uvicorn.Config, say: Say, ready: dict[str, Any]) -> None:
        super().__init__(config)
        self._say, self._ready = say, ready

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals as they are: those of a terminal are for the parent."""
        yield

    async def main_loop(self) -> None:
        """Its answers' date goes on, and no more: a look a second, where uvicorn takes ten to end in time."""
        while not await self.on_tick(0):
            await asyncio.sleep(TICK_S)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and then say so."""
        await super().startup(sockets)
        self._say(self._ready)


def address(settings: WebSettings, port: int) -> str:
    """Where a browser finds it."""
    host = {"0.0.0.0": socket.gethostname(), "::": socket.gethostname()}.get(settings.listen, settings.listen)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{settings.base_path}/"


async def opened(web: WebSettings, folder: Path, refused: Callable[[str], bool]) -> socket.socket | None:
    """The socket of a page, as soon as it can be had; `folder` has the passwords.

    refused  hears why not, each time, and says whether to try again; None if not
    """
    back_off = BackOff(RETRY_S, RETRY_MAX_S)
    while True:
        try:
            check_opening(web, folder)
            return listen(web)
        except PlayerError as error:
            if not refused(str(error)):
                return None
            await asyncio.sleep(back_off.failed(time.monotonic()))


class PageServer:
    """Serves them at the address that the settings give.

    beside  gets what a page needs beside it once its port is known
    folder  has the player's passwords
    """

    def __init__(self, settings: FrontSettings, beside: Interfaces, folder: Path, say: Say) -> None:
        self._settings, self._beside, self._folder, self._say = settings, beside, folder, say
        self.trouble: Callable[[], str | None] = lambda: None
        """What is wrong with it, in a sentence."""

    async def serve(self, client: PlayerClient, board: StatusBoard, has_others: bool) -> None:
        """Serve until the process ends, or it cannot be served and nothing else is wanted."""
        web = self._settings.web

        def refused(reason: str) -> bool:
            # Alone, the process is tried again as a whole; beside others it must not take them along.
            self._say({"say": "refused" if has_others else "fatal", "reason": reason})
            return has_others

        bound = await opened(web, self._folder, refused)
        if bound is None:
            return
        port = bound.getsockname()[1]
        access = access_of(web, port)
        knows = Logins.of(access, self._folder)
        self.trouble = knows.trouble
        app = make_app(client, access, knows, board, self._beside)
        config = uvicorn.Config(
            served(app, access, knows.authenticator),
            loop="asyncio",
            lifespan="on",
            log_config=None,
            **server_options(access),
        )
        self._beside.start(interfaces.beside_the_page(self._settings, port))
        await EmbeddedServer(config, self._say, {"say": "ready", "address": address(web, port)}).serve(
            [bound]
        )
