"""What the desktop is told of the player, made from its status. The names are MPRIS' own (version 2.2)."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

from player.types import Json

NO_TRACK = "/org/mpris/MediaPlayer2/TrackList/NoTrack"
"""The specification's own name for it."""
US = 1_000_000
PLAYBACK = {"playing": "Playing", "paused": "Paused"}
"""In every other state nothing is heard: Stopped."""


@dataclass(frozen=True)
class Facts:
    """The player at one moment.

    status    Playing, Paused or Stopped
    track_id  an object path
    length_us, position_us  microseconds; 0 while they are unknown
    volume    0 to 1
    is_there  whether the player answers
    number    the track's in the library; None of a station
    """

    status: str = "Stopped"
    track_id: str = NO_TRACK
    title: str = ""
    artist: str = ""
    album: str = ""
    length_us: int = 0
    position_us: int = 0
    volume: float = 0.0
    is_there: bool = False
    number: int | None = None

    @property
    def can_seek(self) -> bool:
        """Whether there are other places in it: a station has none."""
        return self.is_there and self.number is not None and self.length_us > 0

    @classmethod
    def of(cls, status: Json | None, age_s: float) -> Facts:
        """From a status that is so many seconds old; None while the player does not answer."""
        if status is None:
            return cls()
        now = status["playback"]
        state, track = PLAYBACK.get(now["state"], "Stopped"), now["track"]
        made = cls(status=state, volume=now["volume"] / 100, is_there=True)
        if track is None:
            return made
        length_us = round((now["duration_s"] or 0) * US)
        run_s = (now["position_s"] or 0) + (age_s if state == "Playing" else 0)
        position_us = round(run_s * US)
        return cls(
            status=state,
            track_id=_object_path(track),
            title=track["title"],
            artist=track["artist"],
            album=track["album"],
            length_us=length_us,
            position_us=min(position_us, length_us) if length_us else position_us,
            volume=made.volume,
            is_there=True,
            number=track["id"],
        )


def _object_path(track: Json) -> str:
    if track["id"] is not None:
        return f"/ambient_player/track/{track['id']}"
    return f"/ambient_player/station/{crc32(track['path'].encode(errors='surrogatepass'))}"
