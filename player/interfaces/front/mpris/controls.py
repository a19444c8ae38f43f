"""What the desktop's keys do: as staff, whoever has their hands on this machine's keyboard."""

from __future__ import annotations

from player.interfaces.front.mpris.facts import US, Facts
from player.interfaces.front.player_client import PlayerClient
from player.interfaces.front.staff_controls import StaffControls
from player.interfaces.front.status_board import StatusBoard


class Controls(StaffControls):
    """With what the desktop shows."""

    def __init__(self, client: PlayerClient, board: StatusBoard, staff_volume: tuple[int, int]) -> None:
        super().__init__(client, staff_volume)
        self._board = board

    def facts(self) -> Facts:
        """The player as it is now."""
        current = self._board.current
        return Facts.of(current.status, self._board.age_s(current)) if current else Facts()

    async def set_volume(self, volume: float) -> None:
        """0 to 1."""
        await self.set_percent(round(min(1.0, max(0.0, volume)) * 100))

    async def seek_by(self, offset_us: int) -> None:
        """On or back in its track; beyond its end is the next one, as the specification has it."""
        now = self.facts()
        to_us = now.position_us + offset_us
        if now.can_seek and to_us > now.length_us:
            await self.skip()
        elif now.can_seek:
            await self.seek(to_us / US)

    async def seek_to(self, track_id: str, position_us: int) -> None:
        """To a place in this track; nothing if another one plays meanwhile, or it has no such place."""
        now = self.facts()
        if now.can_seek and track_id == now.track_id and 0 <= position_us <= now.length_us:
            await self.seek(position_us / US)
