"""The tracks of the library: found by their names, and one of them with all that is known of it."""

from __future__ import annotations

from collections.abc import Container, Iterator
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from player.emotions import describe_music
from player.errors import MissingError
from player.library.database.reader import DatabaseReader, Row, reading
from player.library.database.track_sql import BY_HAND, PLAYABLE, track_of
from player.library.models import is_clear
from player.library.queries.pages import Page, clipped, page, place, token
from player.library.queries.records import Judgement, TrackCard, TrackEntry, TrackMood, TrackPlay
from player.library.rules import EXCLUDED, NOT_INCLUDED, HouseRules, excluded_from, outside_pool
from player.library.search_text import words
from player.types import Track

LAST_PLAYS = 10
LAST_JUDGEMENTS = 10
# All of it stands in the index, which is in order; the rows themselves are a hundred times as large.
_FOUND = f"""
    SELECT id, names FROM tracks INDEXED BY tracks_by_names
    WHERE names IS NOT NULL AND {PLAYABLE} {{conditions}} ORDER BY names, id
"""
_JUDGED = "SELECT kind, count(*) AS times FROM feedback WHERE track_id = ? GROUP BY kind ORDER BY kind"
_RESTS = "It could not be played a while ago: it is left alone for the present."
_WHO = {"own": "owner", "given": "playlist"}


def tracks_page(db_path: Path, text: str, limit: int, after: str | None) -> Page[TrackEntry]:
    """Playable tracks with all words of `text` in their names, by artist and title.

    Raises LibraryError and ArgumentError.
    """
    start = place(after, str, int) if after else None
    wanted = words(text)
    conditions = "AND instr(names, ?) " * len(wanted) + ("AND (names, id) > (?, ?)" if start else "")
    with reading(db_path) as reader:
        query = f"{_FOUND.format(conditions=conditions)} LIMIT ?"
        found = reader.rows(query, *wanted, *(start or ()), limit + 1)
        places = {row["id"]: token(row["names"], row["id"]) for row in found}
        return page(_entries(reader, list(places)), limit, lambda entry: places[entry.id])


def track_card(
    db_path: Path,
    track_id: int,
    rules: HouseRules,
    zone: tzinfo,
    resting: Container[int] = (),
) -> TrackCard:
    """One track, playable or not. Raises MissingError and LibraryError.

    `resting` are numbers of tracks that are left alone for a while.
    """
    with reading(db_path) as reader:
        rows = reader.rows("SELECT * FROM tracks WHERE id = ?", track_id)
        if not rows:
            raise MissingError(f"there is no track with the number {track_id}.")
        row, track = rows[0], track_of(rows[0])
        entry = _entry(row, track)
        return TrackCard(
            **{name: getattr(entry, name) for name in TrackEntry.__slots__},
            path=str(row["path"]),
            composer=clipped(track.composer),
            label=clipped(track.label),
            isrc=track.recording_ids[1],
            track_no=track.track_no,
            disc_no=track.disc_no,
            tempo_bpm=_rounded(track.tempo_bpm, 1),
            key=track.key,
            loudness_lufs=_rounded(track.loudness_lufs, 1),
            heard_mood=_heard(row),
            explicit=track.explicit,
            excluded=(*_excluded(reader, row, rules), *([_RESTS] if track_id in resting else [])),
            plays=reader.rows("SELECT count(*) FROM plays WHERE track_id = ?", track_id)[0][0],
            last_plays=tuple(_plays(reader, track_id, zone)),
            feedback={row["kind"]: row["times"] for row in reader.rows(_JUDGED, track_id)},
            last_feedback=tuple(_judgements(reader, track_id, zone)),
        )


def _entries(reader: DatabaseReader, ids: list[int]) -> Iterator[TrackEntry]:
    for track_id in ids:
        for row in reader.rows("SELECT * FROM tracks WHERE id = ?", track_id):
            yield _entry(row, track_of(row))


def _entry(row: Row, track: Track) -> TrackEntry:
    return TrackEntry(
        id=track.id,
        title=clipped(track.title),
        artist=clipped(track.artist),
        album=clipped(track.album),
        genre=clipped(track.genre),
        duration_s=_rounded(track.duration_s or None, 1),
        station=track.url != "",
        mood=_mood(
            track, next((_WHO[who] for who in BY_HAND if row[f"{who}_valence"] is not None), "analysis")
        ),
    )


def _mood(track: Track, by: str) -> TrackMood | None:
    mood = track.mood
    if mood is None:
        return None
    return TrackMood(
        round(mood.valence, 4), round(mood.energy, 4), describe_music(mood), mood.name, by,
        is_clear(track.confidence),
    )  # fmt: skip


def _heard(row: Row) -> TrackMood | None:
    heard = dict(row) | {f"{who}_valence": None for who in BY_HAND}
    return _mood(track_of(heard), "analysis")


def _excluded(reader: DatabaseReader, row: Row, rules: HouseRules) -> Iterator[str]:
    """What keeps a track from being played."""
    if row["missing_since"] is not None:
        yield "It is not in the music folders any more."
    if row["unreadable"] is not None:
        yield f"Its file cannot be played: {row['unreadable']}"
    query = f"SELECT ({rules.bits}) AS bits FROM tracks WHERE id = ?"
    bits = int(reader.rows(query, *rules.values, row["id"])[0]["bits"])
    if bits & EXCLUDED:
        yield "The house rules exclude it (rules.exclude)."
    if bits & NOT_INCLUDED:
        yield "It is not among what the house rules include (rules.include); it plays if nothing else can."
    for number, part in enumerate(rules.pools):
        if bits & excluded_from(number):
            yield f"The pool of the part of the day {part!r} excludes it."
        if bits & outside_pool(number):
            yield f"It is outside the pool of the part of the day {part!r}."


def _plays(reader: DatabaseReader, track_id: int, zone: tzinfo) -> Iterator[TrackPlay]:
    query = (
        "SELECT started_at, heard_s FROM plays WHERE track_id = ? ORDER BY started_at DESC, id DESC LIMIT ?"
    )
    for row in reader.rows(query, track_id, LAST_PLAYS):
        yield TrackPlay(_time(row["started_at"], zone), row["heard_s"])


def _judgements(reader: DatabaseReader, track_id: int, zone: tzinfo) -> Iterator[Judgement]:
    query = "SELECT at, kind, daypart FROM feedback WHERE track_id = ? ORDER BY at DESC, id DESC LIMIT ?"
    for row in reader.rows(query, track_id, LAST_JUDGEMENTS):
        yield Judgement(_time(row["at"], zone), row["kind"], row["daypart"])


def _time(seconds: float, zone: tzinfo) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone(zone).isoformat("T", "seconds")


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
