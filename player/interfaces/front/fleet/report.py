"""A status of the player as what the hub may know of it."""

from __future__ import annotations

from player import __version__
from player.emotions import describe_room
from player.interfaces.front.fleet.messages import MOST_PROBLEMS, RoomReport, shortened
from player.status import PlayerState
from player.types import Json, MoodPoint

AWAY = "away"
NO_ANSWER = "The player does not answer."
WANTED = (PlayerState.STARTING, PlayerState.PLAYING, PlayerState.SILENT)


class Reporter:
    """Makes them from one status after the other.

    scene  whether the sentence about the room may be said
    """

    def __init__(self, name: str, group: str, scene: bool) -> None:
        self._name, self._group, self._scene = name, group, scene
        self._heard: tuple[object, float] | None = None
        """What was heard last (yes, no, nobody knows; and whether music is wanted), and since when."""

    def of(self, status: Json | None, revision: int, now: float) -> RoomReport:
        """The report for a status; None stands for a player that does not answer."""
        if status is None:
            return RoomReport(
                now, self._name, self._group, __version__, AWAY, None, self._since((None, AWAY), now, 0.0),
                NO_ANSWER, None, None, 0, (), revision,
            )  # fmt: skip
        playback = status["playback"]
        heard = playback["audible"]
        is_wanted = playback["state"] in WANTED
        silent = playback["silent_reason"]
        if silent is None and is_wanted and heard["audible"] is False:
            silent = heard["problem"] or "The music plays, and nothing of it is heard."
        perception = status["perception"]
        scene = perception["scene"] if self._scene and perception["sees"] else None
        track = playback["track"]
        return RoomReport(
            at=now,
            name=self._name,
            group=self._group,
            version=__version__,
            state=playback["state"],
            audible=heard["audible"],
            since=self._since((heard["audible"], is_wanted, bool(silent)), now, heard["silent_s"]),
            silent=shortened(silent, 2000),
            track=shortened(_track(track), 300),
            room=_room(status),
            volume=round(playback["volume"]),
            problems=tuple(shortened(one, 2000) or "" for one in status["problems"][:MOST_PROBLEMS]),
            revision=revision,
            scene=shortened(scene["caption"], 300) if scene else None,
        )

    def _since(self, heard: object, now: float, silent_s: float) -> float:
        """From when on it is so; the player itself knows how long it has not been heard."""
        if self._heard is None or self._heard[0] != heard:
            self._heard = heard, round(now - silent_s, 1)
        return self._heard[1]


def _track(track: Json | None) -> str | None:
    if track is None:
        return None
    return f"{track['artist']} – {track['title']}" if track["artist"] else str(track["title"])


def _room(status: Json) -> str | None:
    """A plain word; nothing while nobody looks at the room."""
    mood, perception = status["room"]["mood"], status["perception"]
    return describe_room(MoodPoint(mood["valence"], mood["energy"])) if mood and perception["sees"] else None
