"""The ways to the player beside the page that are on: made, kept running, and ended with goodbye."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import TimeoutError as TooSlow
from contextlib import suppress
from pathlib import Path

from player.config.settings.front import FrontSettings
from player.interfaces.front.interface import Interface
from player.interfaces.front.mdns import names
from player.interfaces.front.mpris import session_bus
from player.interfaces.front.player_client import PlayerClient
from player.interfaces.front.status_board import StatusBoard
from player.log import EventLog, LogEvent
from player.system.backoff import BackOff
from player.types import Json

log = EventLog(__name__, LogEvent.WEB)

Say = Callable[[Json], None]
"""Tells the parent process."""

RETRY_S, RETRY_MAX_S = 1.0, 60.0
GOODBYE_S = 0.3
"""The process has a little longer (child_side.END_S)."""


def make(
    settings: FrontSettings,
    client: PlayerClient,
    board: StatusBoard,
    folder: Path,
    passwords: Path,
    say: Say,
) -> Sequence[Interface]:
    """Those that are on. What is off is not even imported.

    folder     has the player's state
    passwords  the folder of the page's passwords
    """
    made: list[Interface] = []
    if settings.mqtt.enabled:
        from player.interfaces.front.mqtt.run import make_bridge  # noqa: PLC0415

        made.append(make_bridge(settings, client, board, folder, say))
    if settings.mpris.enabled and session_bus.is_possible(os.environ):
        from player.interfaces.front.mpris.service import Mpris  # noqa: PLC0415

        made.append(Mpris(client, board, settings.web.staff_volume, settings.name))
    if settings.mpd.enabled:
        from player.interfaces.front.mpd.server import Mpd  # noqa: PLC0415

        made.append(Mpd(settings.mpd, client, board, settings.web.staff_volume, passwords))
    if settings.fleet.enabled:
        from player.interfaces.front.fleet.run import make_room  # noqa: PLC0415

        made.append(make_room(settings, client, board, folder))
    if settings.snapcast.enabled:
        from player.interfaces.front.snapcast.service import Snapcast  # noqa: PLC0415

        made.append(Snapcast(settings.snapcast, board, say))
    return made


def beside_the_page(settings: FrontSettings, port: int) -> Sequence[Interface]:
    """Those that a page needs which listens on this port."""
    if not names.is_announced(settings.web):
        return ()
    from player.interfaces.front.mdns.service import Mdns  # noqa: PLC0415

    return (Mdns(settings.web, settings.name, port),)


class Interfaces:
    """Runs them side by side; a fault in one is no fault of the others."""

    def __init__(self, settings: FrontSettings) -> None:
        self.settings = settings
        """Those in force; the process is replaced when they change."""
        self._interfaces: list[Interface] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, interfaces: Sequence[Interface]) -> None:
        """Start some more on the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._interfaces += interfaces
        self._tasks += [self._loop.create_task(_keep(interface)) for interface in interfaces]

    def trouble(self) -> str | None:
        """What is wrong with them, a sentence each; None if nothing is."""
        return " ".join(filter(None, (interface.trouble() for interface in self._interfaces))) or None

    def troubles(self) -> Mapping[str, str | None]:
        """What is wrong with each that runs, by its section of the config; None if nothing is."""
        return {interface.section: interface.trouble() for interface in self._interfaces}

    def end(self) -> None:
        """End them, with as much time as it takes to say goodbye; from another thread than the loop's."""
        if self._loop is None or not self._tasks:
            return
        with suppress(TooSlow, RuntimeError):
            asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(GOODBYE_S)

    async def _end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)


async def _keep(interface: Interface) -> None:
    back_off = BackOff(RETRY_S, RETRY_MAX_S)
    while True:
        try:
            await interface.run()
        except Exception as error:  # whatever it is, the others and the page go on
            log.exception("%s failed in the web process (%s)", type(interface).__name__, error)
        await asyncio.sleep(back_off.failed(time.monotonic()))
