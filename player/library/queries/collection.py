"""What the library holds by name: albums with how many tracks each has, and how long they last."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from player.library.database.reader import reading
from player.library.database.track_sql import PLAYABLE
from player.library.queries.pages import MOST_LETTERS
from player.library.queries.records import AlbumEntry

# Names are cut as the tracks' own are, so that each is found again.
_ALBUMS = f"""
    SELECT substr(artist, 1, {MOST_LETTERS}) AS by_whom, substr(album, 1, {MOST_LETTERS}) AS of_album,
        substr(genre, 1, {MOST_LETTERS}) AS of_genre, count(*) AS tracks, sum(duration_s) AS duration_s
    FROM tracks WHERE {PLAYABLE} GROUP BY by_whom, of_album, of_genre ORDER BY by_whom, of_album, of_genre
"""
_CHANGED = f"SELECT max(mtime_ns) FROM tracks WHERE {PLAYABLE}"
_HEARD = "SELECT sum(coalesce(heard_s, 0)) FROM plays WHERE started_at >= ?"


@dataclass(frozen=True, slots=True)
class Collection:
    """All of it; `albums` and `changed` are None if they are as before."""

    version: str
    """Another one if anything is."""
    albums: tuple[AlbumEntry, ...] | None
    changed: str | None
    """When the newest of its files was written, ISO 8601; None without files."""
    heard_s: float
    """How much music was heard since a moment."""


def collection(db_path: Path, known: str | None, since: float, zone: tzinfo) -> Collection:
    """Every playable track counts.

    `known` is the version that somebody has; music was heard `since` this many seconds after 1970.
    Raises LibraryError.
    """
    with reading(db_path) as reader:
        heard_s = round(float(reader.rows(_HEARD, since)[0][0] or 0.0), 1)
        count = reader.rows("SELECT count FROM track_changes")[0][0]
        version = hashlib.sha256(repr((count, "albums")).encode()).hexdigest()[:16]
        if version == known:
            return Collection(version, None, None, heard_s)
        albums = tuple(
            AlbumEntry(
                row["by_whom"], row["of_album"], row["of_genre"], row["tracks"], round(row["duration_s"], 1)
            )
            for row in reader.rows(_ALBUMS)
        )
        newest = reader.rows(_CHANGED)[0][0]
        return Collection(version, albums, _time(newest / 1e9, zone) if newest else None, heard_s)


def _time(seconds: float, zone: tzinfo) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone(zone).isoformat("T", "seconds")
