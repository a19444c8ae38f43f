"""The player on the session bus, for as long as there is a bus."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import suppress

from dbus_fast import DBusError, NameFlag, RequestNameReply
from dbus_fast.aio import MessageBus
from dbus_fast.errors import AuthError, InvalidAddressError

from player.interfaces.front.interface import Interface
from player.interfaces.front.mpris import session_bus
from player.interfaces.front.mpris.controls import Controls
from player.interfaces.front.mpris.cover_file import CoverFile
from player.interfaces.front.mpris.facts import US, Facts
from player.interfaces.front.mpris.objects import PATH, Player, Root
from player.interfaces.front.player_client import PlayerClient
from player.interfaces.front.status_board import StatusBoard
from player.interfaces.front.tasks import first_end
from player.log import EventLog, LogEvent
from player.system.backoff import BackOff
from player.system.player_name import player_name

log = EventLog(__name__, LogEvent.WEB)

NAME = "org.mpris.MediaPlayer2.ambient_player"
RETRY_S, RETRY_MAX_S = 1.0, 15.0
CONNECT_S = 10.0
LOOK_S = 2.0
"""The place in the track is no change of the status: so often it is looked at for a jump,
and for a cover that has come."""
JUMP_S = 1.5
"""Two clocks and a pipe are never so far apart."""


class Mpris(Interface):
    """Follows the session bus through every absence. That there is none is no fault: a server has none."""

    section = "mpris"

    def __init__(
        self, client: PlayerClient, board: StatusBoard, staff_volume: tuple[int, int], name: str
    ) -> None:
        """`name` is the venue's, or empty."""
        self._board, self._controls = board, Controls(client, board, staff_volume)
        self._client = client
        told_apart = name or player_name()
        self._identity = f"ambient-player ({told_apart})" if told_apart else "ambient-player"

    def trouble(self) -> str | None:
        """See Interface."""
        return None

    async def run(self) -> None:
        """See Interface."""
        back_off = BackOff(RETRY_S, RETRY_MAX_S)
        while True:
            if address := session_bus.address(os.environ):
                try:
                    await self._serve(address, back_off)
                except (OSError, EOFError, DBusError, AuthError, InvalidAddressError) as error:
                    log.debug("the session bus is away (%s)", error)
            await asyncio.sleep(back_off.failed(time.monotonic()))

    async def _serve(self, address: str, back_off: BackOff) -> None:
        """Be on the bus until that ends."""
        bus = MessageBus(bus_address=address)
        player = Player(self._controls)
        try:
            async with asyncio.timeout(CONNECT_S):
                await bus.connect()
                bus.export(PATH, Root(self._identity))
                bus.export(PATH, player)
                await _take_name(bus)
            back_off.worked()
            gone = bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
            if error := await first_end([self._follow(player), gone]):
                raise error
        finally:
            with suppress(OSError):
                bus.disconnect()

    async def _follow(self, player: Player) -> None:
        """Tell the bus of every change, and of jumps within a track."""
        before, at = self._controls.facts(), time.monotonic()
        cover = CoverFile(self._client, os.environ.get("XDG_RUNTIME_DIR", ""))
        try:
            while True:
                changed = self._board.changed()
                now, now_at = self._controls.facts(), time.monotonic()
                player.show(cover.url(now.number))
                if is_jump(before, now, now_at - at):
                    player.Seeked(now.position_us)
                before, at = now, now_at
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_S):
                        await changed.wait()
        finally:
            cover.close()


def is_jump(before: Facts, now: Facts, passed_s: float) -> bool:
    """Whether the music is at another place of the same track than the time that has passed explains."""
    if now.track_id != before.track_id or not now.is_there or not before.is_there:
        return False
    run_s = (now.position_us - before.position_us) / US
    most_s = passed_s if "Playing" in (before.status, now.status) else 0.0
    return not -JUMP_S < run_s < most_s + JUMP_S


def own_name() -> str:
    """What the player is called on the bus; one that has a name has it at the end of this."""
    name = player_name().replace("-", "_")  # what programs that split such names at hyphens take, too
    return f"{NAME}.{name}" if name else NAME


async def _take_name(bus: MessageBus) -> None:
    """The usual name; with a second player in this session, one of its own, as the specification says."""
    name = own_name()
    taken = await bus.request_name(name, NameFlag.DO_NOT_QUEUE)
    if taken not in (RequestNameReply.PRIMARY_OWNER, RequestNameReply.ALREADY_OWNER):
        await bus.request_name(f"{name}.instance{os.getpid()}", NameFlag.DO_NOT_QUEUE)
