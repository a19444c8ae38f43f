"""Whether the music is as it should be, for those who watch from outside."""

from __future__ import annotations

from player.status import PlayerState
from player.types import Json

NOTHING_WANTED = (PlayerState.PAUSED, PlayerState.STOPPED, PlayerState.CLOSED)


def is_well(status: Json | None) -> bool:
    """Whether what should be heard is heard; of silence by command or by the hours nothing should be.

    status  None if the player does not answer
    """
    if status is None:
        return False
    playback = status["playback"]
    if playback["state"] in NOTHING_WANTED:
        return True
    return playback["state"] == PlayerState.PLAYING and playback["audible"]["audible"] is not False
