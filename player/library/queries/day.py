"""How one day went: what was played, curves a few minutes apart, and marks for what happened."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path

from player.errors import ArgumentError
from player.library.database.feedback import SAID
from player.library.database.reader import DatabaseReader, Row, reading
from player.library.queries.history import YEARS
from player.library.queries.pages import clipped
from player.library.queries.records import DayCurves, DayMark, DayPlay, DayRecord

MOST = 2000
"""Plays and marks of a day; beyond, the oldest are left out and counted."""
LONGEST_S = 86400.0
"""Nothing that began so long before the day is looked for."""
PLAYS = """
    SELECT id, coalesce(track_id, (SELECT id FROM tracks WHERE tracks.path = plays.path)) AS track_id,
        title, artist, started_at, ended_at, duration_s, heard_s, audible, why,
        (SELECT kind FROM feedback WHERE play_id = plays.id AND kind IN (?, ?)
            ORDER BY feedback.id DESC LIMIT 1) AS judged
    FROM plays WHERE started_at >= ? AND started_at < ?
        AND (started_at >= ? OR ended_at > ? OR ended_at IS NULL)
    ORDER BY started_at DESC, id DESC LIMIT ?
"""
_NEXT = "SELECT started_at FROM plays WHERE started_at >= ? ORDER BY started_at LIMIT 1"
CURVES = """
    SELECT (minute - ?1) / ?3 AS step, avg(valence) AS valence, avg(energy) AS energy,
        avg(target_valence) AS target_valence, avg(target_energy) AS target_energy, avg(people) AS people,
        avg(volume) AS volume
    FROM day_minutes WHERE minute >= ?1 AND minute < ?2 GROUP BY step
"""
MARKS = """
    SELECT id, kind, began_at, ended_at, text FROM day_marks
    WHERE began_at < ?2 AND (began_at >= ?1 OR ended_at >= ?1
        OR (ended_at IS NULL AND kind IN ('fault', 'pin', 'camera_off')))
    ORDER BY began_at DESC, id DESC LIMIT ?3
"""


def day_of(said: str | None, now: datetime) -> date:
    """The day that is meant; without a word, the one that it is now. Raises ArgumentError."""
    if not said:
        return now.date()
    try:
        day = date.fromisoformat(said)
    except ValueError:
        day = None
    if day is None or day.year not in YEARS or (day + timedelta(days=1)).year not in YEARS:
        raise ArgumentError('a day is a date such as "2026-05-01".')
    return day


def day_record(db_path: Path, day: date, step_min: int, zone: tzinfo) -> DayRecord:
    """How a day of this zone's clock went. Raises LibraryError."""
    start, end = (datetime.combine(each, time(), zone) for each in (day, day + timedelta(days=1)))
    since, until = start.timestamp(), end.timestamp()
    with reading(db_path) as reader:
        plays = reader.rows(PLAYS, *SAID, since - LONGEST_S, until, since, since, MOST + 1)
        marks = reader.rows(MARKS, since, until, MOST + 1)
        left_out = _beyond(reader, since, until) if max(len(plays), len(marks)) > MOST else 0
        return DayRecord(
            date=day.isoformat(),
            start=start.isoformat("T", "seconds"),
            end=end.isoformat("T", "seconds"),
            tracks=tuple(_plays(reader, plays[:MOST], since, until, zone)),
            curves=_curves(reader, since, until, step_min),
            marks=tuple(_mark(row, zone) for row in reversed(marks[:MOST])),
            left_out=left_out,
            hours=tuple(_time(at, zone) for at in range(int(since), int(until), 3600)),
        )


def _beyond(reader: DatabaseReader, since: float, until: float) -> int:
    counts = (
        reader.rows(f"SELECT count(*) FROM {table} WHERE {at} >= ? AND {at} < ?", since, until)[0][0]
        for table, at in (("plays", "started_at"), ("day_marks", "began_at"))
    )
    return sum(max(0, int(count) - MOST) for count in counts)


def _curves(reader: DatabaseReader, since: float, until: float, step_min: int) -> DayCurves:
    first, last = int(since) // 60, -(-int(until) // 60)
    length = -(-(last - first) // step_min)
    rows = {row["step"]: row for row in reader.rows(CURVES, first, last, step_min)}

    def curve(name: str, digits: int) -> tuple[float | None, ...]:
        known = (rows[step][name] if step in rows else None for step in range(length))
        return tuple(None if value is None else round(value, digits) for value in known)

    return DayCurves(
        step_s=60 * step_min,
        valence=curve("valence", 3),
        energy=curve("energy", 3),
        target_valence=curve("target_valence", 3),
        target_energy=curve("target_energy", 3),
        people=curve("people", 1),
        volume=curve("volume", 0),
    )


def _plays(
    reader: DatabaseReader, newest_first: list[Row], since: float, until: float, zone: tzinfo
) -> Iterator[DayPlay]:
    """In the order of time; what ended before the day, as far as is known, is none of it."""
    following = reader.rows(_NEXT, until)
    nexts = [following[0][0] if following else None, *(row["started_at"] for row in newest_first)]
    for row, next_at in reversed([*zip(newest_first, nexts, strict=False)]):
        ended_at = row["ended_at"]
        if ended_at is None and next_at is not None:  # the player was killed meanwhile
            lasted_s = row["heard_s"] or row["duration_s"] or 0.0
            ended_at = min(next_at, row["started_at"] + lasted_s)
        if ended_at is None or row["started_at"] >= since or ended_at > since:
            yield _play(row, ended_at, zone)


def _play(row: Row, ended_at: float | None, zone: tzinfo) -> DayPlay:
    return DayPlay(
        id=row["id"],
        start=_time(row["started_at"], zone),
        end=None if ended_at is None else _time(max(ended_at, row["started_at"]), zone),
        audible_s=row["heard_s"],
        audible=None if row["audible"] is None else bool(row["audible"]),
        title=clipped(row["title"]),
        artist=clipped(row["artist"]),
        track_id=row["track_id"],
        reason=clipped(_reason(row["why"])),
        judged=row["judged"],
    )


def _reason(why: str) -> str:
    """What was rescued of a damaged library may be no JSON."""
    try:
        said = json.loads(why)
    except ValueError:
        return ""
    return str(said.get("reason") or "") if isinstance(said, dict) else ""


def _mark(row: Row, zone: tzinfo) -> DayMark:
    ended_at = row["ended_at"]
    return DayMark(
        id=row["id"],
        kind=row["kind"],
        start=_time(row["began_at"], zone),
        end=None if ended_at is None else _time(ended_at, zone),
        text=clipped(row["text"]),
    )


def _time(seconds: float, zone: tzinfo) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone(zone).isoformat("T", "seconds")
