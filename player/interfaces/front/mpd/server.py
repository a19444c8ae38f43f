"""Listens for programs that speak MPD's protocol: short lines, few connections, and staff's rights."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from contextlib import suppress
from pathlib import Path

from player.config.settings.front import MpdSettings
from player.errors import PlayerError
from player.interfaces.front.interface import Interface
from player.interfaces.front.mpd.commands import Commands
from player.interfaces.front.mpd.door import Door
from player.interfaces.front.mpd.places import MOST, MOST_FROM_ONE, ClientPlaces
from player.interfaces.front.mpd.session import Session
from player.interfaces.front.player_client import PlayerClient
from player.interfaces.front.status_board import StatusBoard
from player.interfaces.front.web.security.secrets_file import NAME, SecretsFile
from player.log import EventLog, LogEvent
from player.system.backoff import BackOff

log = EventLog(__name__, LogEvent.WEB)

LONGEST_LINE = 4096
FIRST_STATUS_S = 5.0
"""So long the first status may take before clients are let in without one."""
RETRY_S, RETRY_MAX_S = 1.0, 30.0
QUIET_S = 60.0
"""Places are no longer too few once nobody has found that for so long."""
FULL = (
    f"Too many of MPD's programs are connected (at most {MOST}, and {MOST_FROM_ONE} from one address): the "
    "next one takes the place of one that has not given the password, or finds none; end some of them."
)


class Mpd(Interface):
    """The server, through every refusal of its port."""

    section = "mpd"

    def __init__(
        self,
        settings: MpdSettings,
        client: PlayerClient,
        board: StatusBoard,
        staff_volume: tuple[int, int],
        folder: Path,
    ) -> None:
        """`folder` has the player's passwords."""
        self._settings, self._board = settings, board
        self._commands = Commands(client, board, staff_volume)
        self._door = Door(SecretsFile(folder / NAME))
        self._places = ClientPlaces()
        self._full_at = 0.0
        self._crowding: asyncio.Task[None] | None = None
        """Runs while there are too few places."""
        self._trouble: str | None = None
        self.port: int | None = None
        """Where it listens; None while it does not."""

    def trouble(self) -> str | None:
        """See Interface."""
        return self._trouble or (FULL if self._crowding is not None else None)

    async def run(self) -> None:
        """See Interface."""
        back_off = BackOff(RETRY_S, RETRY_MAX_S)
        while True:
            try:
                await self._serve()
            except (OSError, PlayerError) as error:
                # asyncio's own sentence about a port repeats the address, in other words.
                code = error.errno if isinstance(error, OSError) else None
                said = os.strerror(code) if code else str(error)
                host, port = self._settings.listen, self._settings.port
                reason = (
                    f"MPD's programs cannot reach the player on {host}, port {port} ({said});"
                    " see mpd.listen and mpd.port."
                )
                if reason != self._trouble:
                    self._trouble = reason
                    log.warning("%s", reason)
            finally:
                self.port = None
            await asyncio.sleep(back_off.failed(time.monotonic()))

    async def _serve(self) -> None:
        if not self._settings.loopback and not self._door.has_password():
            raise PlayerError("anybody could drive it: set a password with `ambient-player web password`")
        host, port = self._settings.listen, self._settings.port
        server = await asyncio.start_server(
            self._client, host, port, limit=LONGEST_LINE, backlog=16, start_serving=False
        )
        if self._board.newest is None:  # whoever comes at once would be told that the player is away
            with suppress(TimeoutError):
                async with asyncio.timeout(FIRST_STATUS_S):
                    await self._board.changed().wait()
        self.port = server.sockets[0].getsockname()[1]
        self._trouble = None
        try:
            async with server:
                await server.serve_forever()
        finally:
            self._places.end()
            if self._crowding is not None:
                self._crowding.cancel()
                self._crowding = None

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = writer.get_extra_info("peername")
        address = peer[0] if peer else ""  # it has hung up already
        session = Session(reader, writer, self._commands, self._board, self._door, address)
        try:
            if self._places.crowd(address):
                self._note_full()
            if self._places.take(session):
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
                await session.run()
        # A task that ends cancelled makes asyncio write a traceback into the log.
        except (OSError, asyncio.CancelledError):
            pass
        except Exception as error:  # a bug that one of them meets is none of the others'
            log.exception("%s failed in the web process (%r)", "A connection of MPD's", error)
        finally:  # a place that is not given back is lost for good
            self._places.leave(session)
            writer.transport.abort()  # to close it would wait for one that takes no answers

    def _note_full(self) -> None:
        self._full_at = asyncio.get_running_loop().time()
        if self._crowding is None:
            self._crowding = asyncio.ensure_future(self._crowded())

    async def _crowded(self) -> None:
        """Until there are places enough: who comes again and again makes one fault of it, not many."""
        while self._places.is_full or asyncio.get_running_loop().time() < self._full_at + QUIET_S:
            await asyncio.sleep(QUIET_S)
        self._crowding = None
        log.info("there is room for MPD's programs again")
