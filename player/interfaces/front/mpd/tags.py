"""MPD's tags: their names on the wire, and what of a track of the library they are."""

from __future__ import annotations

from player.interfaces.front.mpd.lines import Ack, Refusal
from player.types import Json

TAGS = ("Artist", "AlbumArtist", "Album", "Title", "Genre")
"""What is known of a track; who an album is by is its tracks' artist."""
OTHERS = (
    "ArtistSort", "AlbumSort", "AlbumArtistSort", "TitleSort", "Track", "Name", "Mood", "Date",
    "OriginalDate", "Composer", "ComposerSort", "Performer", "Conductor", "Work", "Ensemble", "Movement",
    "MovementNumber", "Location", "Grouping", "Comment", "Disc", "Label", "MUSICBRAINZ_ARTISTID",
    "MUSICBRAINZ_ALBUMID", "MUSICBRAINZ_ALBUMARTISTID", "MUSICBRAINZ_TRACKID",
    "MUSICBRAINZ_RELEASETRACKID", "MUSICBRAINZ_WORKID",
)  # fmt: skip
"""MPD's other tags (protocol 0.23.5): no track has them here."""
NAMES = {name.lower(): name for name in (*TAGS, *OTHERS)}
_KEYS = {"artist": "artist", "albumartist": "artist", "album": "album", "title": "title", "genre": "genre"}


def tag_named(name: str) -> str:
    """A tag in lower case. Raises Refusal for what is none."""
    tag = name.lower()
    if tag not in NAMES:
        raise Refusal(Ack.ARG, f"Unknown tag type: {name[:40]}")
    return tag


def value(track: Json, tag: str) -> str:
    """What a track has of a tag in lower case; may be empty."""
    return str(track.get(_KEYS[tag]) or "") if tag in _KEYS else ""
