"""What the desktop's keys do: as staff, whoever has their hands on this machine's keyboard."""

from __future__ import annotations

from player.interfaces.front.mpris.facts import Facts
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
