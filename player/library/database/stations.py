"""Internet radio stations: rows of `tracks` that come from the config and not from a scan."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from player.library.database.connection import Database
from player.library.models import ANALYSIS_VERSION
from player.library.search_text import names_text
from player.types import Mood

_KEEP = """
    INSERT INTO tracks (path, url, size, mtime_ns, title, artist, album, genre, duration_s, analysis_version,
        valence, energy, confidence, quadrant, moods, fade_out_s, names)
    VALUES (?, ?, 0, 0, ?, '', '', '', 0, ?, ?, ?, 1, ?, ?, ?, ?)
    ON CONFLICT (path) DO UPDATE SET missing_since = NULL, unreadable = NULL, url = excluded.url,
        title = excluded.title, analysis_version = excluded.analysis_version, valence = excluded.valence,
        energy = excluded.energy, quadrant = excluded.quadrant, moods = excluded.moods,
        fade_out_s = excluded.fade_out_s, names = excluded.names
"""


@dataclass(frozen=True, slots=True)
class Station:
    """A stream that somebody gave a mood."""

    url: str
    title: str
    mood: Mood
    play_s: float
    """So long it plays at a time, in seconds: a stream has no end of its own."""


def station_path(url: str) -> str:
    """The name that stands for a station where a file has its path: readable, and unique by a hash."""
    digest = hashlib.sha256(url.encode(errors="surrogatepass")).hexdigest()[:12]
    return f"station:{urlsplit(url).hostname}-{digest}"


def keep_stations(database: Database, stations: Sequence[Station]) -> list[tuple[str, str]]:
    """Make these the stations there are; others go missing as files do. Raises LibraryError.

    `fade_out_s`, from where on another track may come in, holds `play_s`. Returns the hosts of those that
    cannot be kept, each with why not.
    """
    rows = {station_path(station.url): _row(station) for station in stations}
    gone = "UPDATE tracks SET missing_since = coalesce(missing_since, unixepoch()) WHERE id = ?"
    with database.lock:
        known = database.rows("SELECT id, path FROM tracks WHERE url != '' AND missing_since IS NULL")
        others = [(row["id"],) for row in known if row["path"] not in rows]
        failed = database.write_each((gone, others), (_KEEP, rows.values()))
    return [(str(urlsplit(values[1]).hostname), why) for values, why in failed if len(values) > 1]


def station_ids(database: Database) -> list[int]:
    """The numbers of the stations there are. Raises LibraryError."""
    known = database.rows("SELECT id FROM tracks WHERE url != '' AND missing_since IS NULL")
    return [row["id"] for row in known]


def _row(station: Station) -> tuple[str | float, ...]:
    mood = station.mood
    return (
        station_path(station.url), station.url, station.title, ANALYSIS_VERSION, mood.valence, mood.energy,
        quadrant_of(mood), json.dumps(dict(mood.moods)), station.play_s,
        names_text("", station.title, "", ""),
    )  # fmt: skip


def quadrant_of(mood: Mood) -> str:
    """The quarter of the plane that a mood lies in."""
    if mood.energy >= 0:
        return "Q1" if mood.valence >= 0 else "Q2"
    return "Q4" if mood.valence >= 0 else "Q3"
