"""A track as a row of the database: what is written of it, and what is read again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from player.library.database.stations import quadrant_of
from player.library.models import ANALYSIS_VERSION, Analysis
from player.library.scan.music_files import FoundFile
from player.library.search_text import names_of
from player.types import Mood, Track

PLAYABLE = "missing_since IS NULL AND unreadable IS NULL"
"""Of a row of `tracks`, in SQL."""
UNREADABLE = "missing_since IS NULL AND unreadable IS NOT NULL"
BY_HAND = ("own", "given")
"""Moods that go before what the analysis hears: the owner's own of this track, then that of its playlist."""
_FROM_FILE = (
    "path", "size", "mtime_ns", "ctime_ns", "unreadable", "title", "artist", "album", "genre", "track_no",
    "disc_no", "explicit", "artists", "genres", "musicbrainz_id", "isrc", "composer", "label", "names",
    "duration_s", "tag_lufs", "tag_peak_dbfs",
)  # fmt: skip
_FROM_SOUND = (
    "content", "analysis_version", "valence", "energy", "confidence", "quadrant", "moods", "loudness_lufs",
    "true_peak_dbtp", "tempo_bpm", "key", "music_start_s", "music_end_s", "fade_out_s", "silences", "rests",
    "embedding",
)  # fmt: skip
_INSERT = f"""
    INSERT INTO tracks ({", ".join(_FROM_FILE)}) VALUES ({", ".join("?" * len(_FROM_FILE))})
    ON CONFLICT (path) DO UPDATE SET missing_since = NULL,
"""
TAKE_IN = f"""{_INSERT}
        {", ".join(f"{name} = excluded.{name}" for name in _FROM_FILE[1:])},
        analysis_version = 0,
        {", ".join(f"{name} = NULL" for name in _FROM_SOUND if name != "analysis_version")}
"""
"""Of `file_values`: a file that is new, or sounds otherwise than before."""
# The length that was heard is truer than the one that tags give.
RETAG = f"""{_INSERT}
        {", ".join(f"{name} = excluded.{name}" for name in _FROM_FILE[1:] if name != "duration_s")}
"""
"""Of `file_values`: a file that sounds as before."""
_READ_AGAIN = (
    "title",
    "artist",
    "album",
    "genre",
    "track_no",
    "disc_no",
    "explicit",
    "artists",
    "genres",
    "musicbrainz_id",
    "isrc",
    "composer",
    "label",
    "names",
)
READ_AGAIN = f"UPDATE tracks SET {', '.join(f'{name} = ?' for name in _READ_AGAIN)} WHERE path = ?"
"""Of `tag_values` and the path: an unchanged file of which an earlier version read less."""
READ_NO_MORE = """
    UPDATE tracks SET track_no = coalesce(track_no, 0), disc_no = coalesce(disc_no, 0),
        artists = artist_names(artist, title), genres = genre_names(genre),
        musicbrainz_id = coalesce(musicbrainz_id, ''), isrc = coalesce(isrc, ''),
        composer = coalesce(composer, ''), label = coalesce(label, '') WHERE path = ?
"""
"""Such a file that cannot be read."""
SAVE = f"UPDATE tracks SET {', '.join(f'{name} = ?' for name in _FROM_SOUND)}, duration_s = ? WHERE path = ?"
"""Of `sound_values`, the duration and the path."""

SET_ASIDE = """
    UPDATE tracks SET path = path || ' (replaced, ' || id || ')', unreadable = NULL,
        missing_since = coalesce(missing_since, unixepoch()) WHERE id = ?
"""
"""Of a track's number, whose name another song has: it is missing, under a name that no music has."""

INHERIT_MOOD = """
    UPDATE tracks SET (own_valence, own_energy, own_moods) =
        (SELECT own_valence, own_energy, own_moods FROM tracks WHERE id = ?1)
    WHERE id = ?2 AND own_valence IS NULL AND NOT EXISTS (SELECT 1 FROM mood_undo WHERE track_id = ?2)
"""
"""Of a missing track's number and its heir's: the owner's word, if nothing was said of the heir."""
INHERIT = (
    INHERIT_MOOD,
    *(f"UPDATE {table} SET track_id = ?2 WHERE track_id = ?1" for table in ("plays", "feedback")),
    "UPDATE OR IGNORE mood_tags SET track_id = ?2 WHERE track_id = ?1",
)
"""Of the same: all that the heir has of a track that is forgotten."""
FORGET = (
    "UPDATE plays SET track_id = NULL WHERE track_id = ?",
    *(f"DELETE FROM {table} WHERE track_id = ?" for table in ("feedback", "mood_tags", "mood_undo")),
    "DELETE FROM tracks WHERE id = ?",
)
"""Of a track's number."""


def file_values(file: FoundFile, tags: Track, why: str | None) -> tuple[Any, ...]:
    """What a file says of itself, and why it cannot be read, if so."""
    return (
        str(file.path), file.size, file.mtime_ns, file.ctime_ns, why, *tag_values(tags),
        tags.duration_s, tags.loudness_lufs, tags.peak_dbfs,
    )  # fmt: skip


def tag_values(tags: Track) -> tuple[Any, ...]:
    """What a file says of itself in words and numbers."""
    return (
        tags.title, tags.artist, tags.album, tags.genre, tags.track_no, tags.disc_no, tags.explicit,
        json.dumps(tags.artists or ("",)), json.dumps(tags.genres or ("",)), *tags.recording_ids,
        tags.composer, tags.label, names_of(tags),
    )  # fmt: skip


def sound_values(analysis: Analysis) -> tuple[Any, ...]:
    """What a file sounds like."""
    moods = json.dumps({name: round(p, 5) for name, p in analysis.moods.items()})
    return (
        analysis.content or None, ANALYSIS_VERSION, analysis.valence, analysis.energy, analysis.confidence,
        analysis.quadrant, moods, analysis.loudness_lufs, analysis.true_peak_dbtp, analysis.tempo_bpm,
        analysis.key, analysis.music_start_s, analysis.music_end_s, analysis.fade_out_s,
        json.dumps(analysis.silences), json.dumps(analysis.rests),
        np.array(analysis.embedding, dtype=np.int8).tobytes(),
    )  # fmt: skip


def _parsed(text: str | None, otherwise: Any) -> Any:
    """A value kept as JSON; what was rescued of a damaged library may be none."""
    try:
        return json.loads(text) if text else otherwise
    except ValueError:
        return otherwise


def track_of(row: sqlite3.Row | Mapping[str, Any]) -> Track:
    """The Track that a whole row of `tracks` describes."""
    mood, quadrant, confidence = None, row["quadrant"] or "", row["confidence"]
    said = next((who for who in BY_HAND if row[f"{who}_valence"] is not None), None)
    if said is not None:
        moods = _parsed(row[f"{said}_moods"], {})
        mood = Mood(row[f"{said}_valence"], row[f"{said}_energy"], moods)
        quadrant, confidence = quadrant_of(mood), 1.0
    elif row["valence"] is not None:
        mood = Mood(row["valence"], row["energy"], _parsed(row["moods"], {}))
    return Track(
        path=Path(row["path"]),
        title=row["title"],
        artist=row["artist"],
        album=row["album"],
        genre=row["genre"],
        track_no=row["track_no"] or 0,
        disc_no=row["disc_no"] or 0,
        duration_s=row["duration_s"],
        mood=mood,
        quadrant=quadrant,
        confidence=confidence,
        tempo_bpm=row["tempo_bpm"],
        key=row["key"] or "",
        loudness_lufs=row["tag_lufs"] if row["loudness_lufs"] is None else row["loudness_lufs"],
        peak_dbfs=row["tag_peak_dbfs"] if row["true_peak_dbtp"] is None else row["true_peak_dbtp"],
        music_start_s=row["music_start_s"] or 0.0,
        music_end_s=row["music_end_s"],
        fade_out_s=row["fade_out_s"],
        silences=tuple((start, end) for start, end in _parsed(row["silences"], [])),
        rests=tuple(_parsed(row["rests"], [])),
        embedding=tuple(np.frombuffer(row["embedding"] or b"", dtype=np.int8).tolist()),
        explicit=bool(row["explicit"]),
        artists=tuple(_parsed(row["artists"], [])),
        genres=tuple(_parsed(row["genres"], [])),
        recording_ids=(str(row["musicbrainz_id"] or ""), str(row["isrc"] or "")),
        composer=row["composer"] or "",
        label=row["label"] or "",
        url=row["url"],
        id=row["id"],
    )
