"""Pause, skip and volume as staff may have them, for every way to the player that has keys of its own."""

from __future__ import annotations

from player.interfaces.command_arguments import MAX_PLACE_S
from player.interfaces.front.player_client import PlayerClient

HELD = ("paused", "closed", "stopped")


class StaffControls:
    """Gives the player its commands. All of them raise PlayerRefusal.

    staff_volume  the least and the greatest volume that staff may set, percent
    """

    def __init__(self, client: PlayerClient, staff_volume: tuple[int, int]) -> None:
        self._client, self._staff_volume = client, staff_volume

    async def play(self) -> None:
        """Play on; nothing if it plays."""
        await self._client.command("resume", {})

    async def pause(self) -> None:
        """Hold the music; nothing if it is held. A stop is no more than that: the music is the venue's."""
        await self._client.command("pause", {})

    async def toggle(self) -> None:
        """The one or the other. The player itself is asked: a board may be a key behind."""
        state = (await self._client.command("status", {}))["playback"]["state"]
        await self._client.command("resume" if state in HELD else "pause", {})

    async def skip(self) -> None:
        """Crossfade to another track."""
        await self._client.command("next", {})

    async def seek(self, position_s: float) -> None:
        """To another place in the track that plays; what is before its begin is its begin."""
        await self._client.command("seek", {"position_s": min(MAX_PLACE_S, max(0.0, position_s))})

    async def set_percent(self, percent: int) -> None:
        """What staff may not set becomes the nearest that they may."""
        await self._client.command("volume", {"percent": within(percent, self._staff_volume)})


def within(percent: int, ends: tuple[int, int]) -> int:
    """What may be set: the percentage itself, or the nearer end."""
    least, greatest = ends
    return min(greatest, max(least, percent))
