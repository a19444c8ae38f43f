"""MPD's server on a port of its own, with a player that does as a test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from player.config.settings.front import MpdSettings
from player.interfaces.front.mpd.server import Mpd
from player.interfaces.front.status_board import StatusBoard
from tests.fakes.player import FakePlayer
from tests.support.front import until


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[tuple[FakePlayer, Mpd]]:
    """Both, once it listens. `folder` has the passwords."""
    player = FakePlayer()
    board = StatusBoard(player)
    server = Mpd(MpdSettings(port=0), player, board, (10, 80), folder)
    tasks = [asyncio.ensure_future(board.follow()), asyncio.ensure_future(server.run())]
    await until(lambda: server.port and board.there)
    yield player, server
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
