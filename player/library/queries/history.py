"""What was played when, as licensing asks for it: kept as it was then, the newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

from player.errors import ArgumentError
from player.library.database.reader import Row, reading
from player.library.queries.pages import Page, clipped, page, place, token
from player.library.queries.records import PlayRecord
from player.library.search_text import words

_PLAYS = """
    SELECT id, track_id, title, artist, album, isrc, composer, label, duration_s, started_at, utc_offset_s,
        heard_s, audible, venue FROM plays
"""
# The scan has not come to all plays of an earlier version yet.
_NAMES = "coalesce(names, names_text(artist, title, album, composer, label))"
_ENDED = "SELECT id FROM plays WHERE id > ? AND ended_at <= ? ORDER BY id LIMIT ?"
FADED_S = 240.0
"""After its end a track is still heard for as long as a fade may take (playback.crossfade_s: a minute at
most); three minutes later at most that is written."""
YEARS = range(1970, 9999)
"""What a computer's clock can show."""


@dataclass(frozen=True, slots=True)
class PlayQuery:
    """Which plays are asked for.

    since   from this moment on; None: from the first
    until   before this one; None: to the last
    text    words that title, artist, album, composer or label must hold
    """

    since: datetime | None = None
    until: datetime | None = None
    text: str = ""


def moment(said: str | None, zone: tzinfo, *, end: bool = False) -> datetime | None:
    """The moment that a date or a time means by a clock of this zone; the whole day counts for an `end`.

    None and "" are none. Raises ArgumentError, in one sentence.
    """
    if not said:
        return None
    try:
        try:
            day = date.fromisoformat(said)
            found = datetime.combine(day + timedelta(days=1) if end else day, time(), zone)
        except ValueError:
            found = datetime.fromisoformat(said)
            found = found if found.tzinfo else found.replace(tzinfo=zone)
        if found.year not in YEARS:
            raise ValueError("no such year")
        found.timestamp()
    except (ValueError, OverflowError):
        raise ArgumentError(
            'since and until take a date or a time such as "2026-05-01" or "2026-05-01T18:00", no other.'
        ) from None
    return found


def plays_page(
    db_path: Path, plays: PlayQuery, limit: int, before: str | None, zone: tzinfo
) -> Page[PlayRecord]:
    """The newest plays, or those before the place that an earlier page named.

    Raises LibraryError and ArgumentError.
    """
    start = place(before, float, int) if before else None
    with reading(db_path) as reader:
        query, values = _question(plays, start)
        rows = reader.rows(f"{query} LIMIT ?", *values, limit + 1)
        places = {row["id"]: token(float(row["started_at"]), row["id"]) for row in rows}
        records = (_record(row, zone, whole=False) for row in rows)
        return page(records, limit, lambda record: places[record.id])


def all_plays(db_path: Path, plays: PlayQuery, zone: tzinfo) -> Iterator[PlayRecord]:
    """All of them, the newest first, texts in full length. Raises LibraryError."""
    query, values = _question(plays, None)
    with reading(db_path, patience_s=3600) as reader:
        for row in reader.each(query, *values):
            yield _record(row, zone, whole=True)


def ended_plays(db_path: Path, after: int, limit: int, zone: tzinfo, now: datetime) -> tuple[PlayRecord, ...]:
    """The plays behind this number about which nothing changes any more, in the order of their numbers.

    One that has begun is changed until it has faded out; the one that played when the power went never ends,
    and counts as soon as two more have begun. Raises LibraryError.
    """
    with reading(db_path) as reader:
        rows = reader.rows(f"{_PLAYS} WHERE id > ? ORDER BY id LIMIT ?", after, limit + 2)
        ended = {row["id"] for row in reader.rows(_ENDED, after, now.timestamp() - FADED_S, limit)}
    ended |= {row["id"] for row in rows[:-2]}
    sure = takewhile(lambda row: row["id"] in ended, rows)
    records = (_record(row, zone, whole=False) for row in islice(sure, limit))
    return page(records, limit, lambda _: "").entries


def _question(plays: PlayQuery, start: tuple[Any, ...] | None) -> tuple[str, list[Any]]:
    """The query for these plays, and its values."""
    conditions, values = ["1"], list[Any]()
    if start is not None:
        conditions.append("(started_at, id) < (?, ?)")
        values += start
    if plays.since is not None:
        conditions.append("started_at >= ?")
        values.append(plays.since.timestamp())
    if plays.until is not None:
        conditions.append("started_at < ?")
        values.append(plays.until.timestamp())
    for word in words(plays.text):
        conditions.append(f"instr({_NAMES}, ?)")
        values.append(word)
    return f"{_PLAYS} WHERE {' AND '.join(conditions)} ORDER BY started_at DESC, id DESC", values


def _record(row: Row, zone: tzinfo, *, whole: bool) -> PlayRecord:
    text = str if whole else clipped
    offset = row["utc_offset_s"]
    local = zone if offset is None else timezone(timedelta(seconds=offset))
    return PlayRecord(
        id=row["id"],
        started_at=datetime.fromtimestamp(row["started_at"], UTC).astimezone(local).isoformat("T", "seconds"),
        title=text(row["title"]),
        artist=text(row["artist"]),
        album=text(row["album"]),
        isrc=text(row["isrc"]),
        composer=text(row["composer"]),
        label=text(row["label"]),
        duration_s=row["duration_s"],
        audible_s=row["heard_s"],
        audible=None if row["audible"] is None else bool(row["audible"]),
        venue=text(row["venue"]),
        track_id=row["track_id"],
    )
