"""Serves HTTP in the front's process, as a client of the control socket.

What it is to do comes as the first line of its standard input; it ends when that closes. It says that it is
ready, that it is alive, and what is for the log, as JSON lines on its standard output.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import uvicorn

from player.config.settings.web import WebSettings
from player.errors import PlayerError
from player.interfaces.front.listening import access_of, check_opening, listen
from player.interfaces.front.socket_client import SocketClient
from player.interfaces.front.web.app import make_app, served
from player.interfaces.front.web.security.logins import Logins
from player.interfaces.front.web.security.server_options import server_options
from player.privacy.redaction import redacted
from player.system import child_side

ALIVE_S = 5.0
"""Between two signs of life."""
NICENESS = 5
"""Somebody waits for the page: behind the music, and before the analysis."""

Say = Callable[[dict[str, Any]], None]


class Server(uvicorn.Server):
    """uvicorn, with signs of life; it ends with its parent alone."""

    def __init__(
        self, config: uvicorn.Config, say: Say, ready: dict[str, Any], trouble: Callable[[], str | None]
    ) -> None:
        """`trouble`: why nobody gets in, if so."""
        super().__init__(config)
        self._say, self._ready, self._trouble = say, ready, trouble

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals as they are: those of a terminal are for the parent."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and then say so."""
        await super().startup(sockets)
        self._say(self._ready)
        self._alive()

    def _alive(self) -> None:
        self._say({"say": "alive", "trouble": self._trouble()})
        asyncio.get_running_loop().call_later(ALIVE_S, self._alive)


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
        self._say({"say": "log", "level": record.levelname, "message": said})


def address(settings: WebSettings, port: int) -> str:
    """Where a browser finds it."""
    host = {"0.0.0.0": socket.gethostname(), "::": socket.gethostname()}.get(settings.listen, settings.listen)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{settings.base_path}/"


def main() -> None:
    """Serve until standard input closes."""
    say = child_side.take_stdout()
    orders = child_side.read_commands().get()
    child_side.step_back(background=False, niceness=NICENESS)
    logging.basicConfig(level=logging.WARNING, handlers=[LogReports(say)], force=True)
    logging.getLogger("player").setLevel(logging.INFO)
    # What it says of broken requests is for programmers, and anybody could fill the log with it.
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
    settings = WebSettings.model_validate(orders["web"])
    try:
        check_opening(settings, Path(orders["folder"]))
        bound = listen(settings)
    except PlayerError as error:
        say({"say": "fatal", "reason": str(error)})
        return
    port = bound.getsockname()[1]
    access, folder = access_of(settings, port), Path(orders["folder"])
    knows = Logins.of(access, folder)
    app = make_app(SocketClient(Path(orders["socket"])), access, knows)
    config = uvicorn.Config(
        served(app, access, knows.authenticator),
        loop="asyncio",
        lifespan="on",
        log_config=None,
        **server_options(access),
    )
    ready = {"say": "ready", "address": address(settings, port)}
    Server(config, say, ready, knows.trouble).run(sockets=[bound])
