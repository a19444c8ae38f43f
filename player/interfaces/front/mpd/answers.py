"""What MPD's programs are told of the player, made from its status and its library's answers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from player.interfaces.front.mpd.lines import Ack, Pair, Refusal
from player.interfaces.front.status_board import StatusBoard, StatusSnapshot
from player.types import Json

STATES = {"playing": "play", "paused": "pause"}
FOLLOW = "Follow the room"
MODES = {"repeat": "0", "random": "1", "single": "0", "consume": "1"}
"""As they always are: what comes next is chosen, and was not there before."""
URI = "track/"
"""Before a track's number in the library."""
NOBODY = "Unknown artist"
"""Their folder."""


def now(board: StatusBoard) -> StatusSnapshot:
    """The newest status. Raises Refusal while there is no player."""
    current = board.current
    if current is None:
        raise Refusal(Ack.SYSTEM, "The player does not answer at present.")
    return current


def queue(status: Json) -> list[Json]:
    """What plays, and what would come next: all that there is of a queue."""
    now = status["playback"]
    return [now["track"], *now["coming"]] if now["track"] else []


def status(now: Json, position_s: float) -> Iterator[Pair]:
    """`status`; `position_s` is where in its track the music is by now."""
    playback, tracks = now["playback"], queue(now)
    yield "volume", str(playback["volume"])
    yield from MODES.items()
    yield "partition", "default"
    yield "playlist", str(version(now))
    yield "playlistlength", str(len(tracks))
    yield "xfade", str(round(playback["transition"]["crossfade_s"]))
    yield "state", STATES.get(playback["state"], "stop")
    if tracks:
        duration_s = playback["duration_s"] or 0.0
        yield from (("song", "0"), ("songid", str(song_id(tracks[0]))))
        yield "time", f"{round(position_s)}:{round(duration_s)}"
        yield "elapsed", f"{position_s:.3f}"
        if duration_s:
            yield "duration", f"{duration_s:.3f}"
        if len(tracks) > 1:
            yield from (("nextsong", "1"), ("nextsongid", str(song_id(tracks[1]))))
    if now["problems"]:
        yield "error", now["problems"][0]


def song(track: Json, place: int, heard_s: float | None = None) -> Iterator[Pair]:
    """A track of the queue; `heard_s` is how long whoever plays it says that it is."""
    yield "file", uri(track)
    yield from _tags(track)
    if duration_s := heard_s or track["duration_s"]:
        yield from _length(duration_s)
    yield from (("Pos", str(place)), ("Id", str(song_id(track))))


def entry(track: Json) -> Iterator[Pair]:
    """A track of the library."""
    yield "file", uri(track)
    yield from _tags(track)
    if track["duration_s"]:
        yield from _length(track["duration_s"])


def uri(track: Json) -> str:
    """How a track is called: paths of this machine are nobody's business."""
    return f"{URI}{track['id']}" if track["id"] is not None else "station"


def number(address: str) -> int | None:
    """The track's number that an address has; None if it has none."""
    found = re.fullmatch(rf"{URI}(\d{{1,15}})", address)
    return int(found[1]) if found else None


def folder(track: Json) -> str:
    """Where a track of the library stands: ARTIST/ALBUM, or ARTIST."""
    return "/".join(filter(None, (folder_name(track["artist"]) or NOBODY, folder_name(track["album"]))))


def folder_name(name: str) -> str:
    """A name as a part of a path."""
    return " ".join(name.split()).replace("/", "\N{DIVISION SLASH}")


def song_id(track: Json) -> int:
    """Of the queue; stations have 0."""
    return int(track["id"] or 0)


def version(now: Json) -> int:
    """Another one for another queue."""
    return hash(tuple(uri(track) for track in queue(now))) % (2**31 - 1) + 1


def _tags(track: Json) -> Iterator[Pair]:
    found = (
        ("Title", "title"), ("Artist", "artist"), ("AlbumArtist", "artist"), ("Album", "album"),
        ("Genre", "genre"),
    )  # fmt: skip
    return ((tag, track[key]) for tag, key in found if track.get(key))


def _length(duration_s: float) -> Iterator[Pair]:
    yield from (("Time", str(round(duration_s))), ("duration", f"{duration_s:.3f}"))
