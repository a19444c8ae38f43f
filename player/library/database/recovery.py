"""What can still be read of a damaged database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from player.log import EventLog, LogEvent

log = EventLog(__name__, LogEvent.LIBRARY)

TABLES = ("tracks", "plays", "feedback", "mood_tags", "mood_undo", "day_minutes", "day_marks")
# Numbers that could not be rescued are given out again, and must not bring others' past along.
_LET_GO = {
    "plays": "UPDATE plays SET track_id = NULL WHERE track_id NOT IN (SELECT id FROM tracks)",
    "feedback": "DELETE FROM feedback WHERE track_id NOT IN (SELECT id FROM tracks)",
    "mood_tags": "DELETE FROM mood_tags WHERE track_id NOT IN (SELECT id FROM tracks)",
    "mood_undo": "DELETE FROM mood_undo WHERE track_id NOT IN (SELECT id FROM tracks)",
}
_LET_GO_OF_PLAYS = "UPDATE feedback SET play_id = NULL WHERE play_id NOT IN (SELECT id FROM plays)"


def version(damaged: Path) -> int:
    """The version of a damaged database; 0 if even that cannot be read."""
    try:
        with closing(_opened(damaged)) as source:
            found: int = source.execute("PRAGMA user_version").fetchone()[0]
            return found
    except sqlite3.Error:
        return 0


def recover(damaged: Path, into: sqlite3.Connection) -> dict[str, int]:
    """Copy every row that can be read into an empty database of the same version; how many, by table.

    Of a newer one, what both have columns for. Raises sqlite3.Error if the damaged one cannot be opened or
    the new one cannot be written: what could have been read must not count as lost because a disk is full.
    """
    with closing(_opened(damaged)) as source:
        source.text_factory = lambda raw: raw.decode(errors="replace")
        for table in TABLES:
            _copy(source, into, table)
    _let_go(into)
    counts = {
        table: int(into.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
        for table in TABLES
        if _columns(into, table)
    }
    return {table: count for table, count in counts.items() if count}


def _opened(damaged: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{damaged.absolute().as_uri()}?mode=ro", uri=True)


def _columns(database: sqlite3.Connection, table: str) -> list[str]:
    """Those of a table; none if there is no such table."""
    return [row[1] for row in database.execute(f"PRAGMA table_info({table})")]


def _copy(source: sqlite3.Connection, into: sqlite3.Connection, table: str) -> None:
    """The rows of one table, from both ends up to where it is damaged."""
    try:
        there = _columns(source, table)
    except sqlite3.DatabaseError as error:
        log.debug("%s gives no columns (%s)", table, error)
        return
    names = [name for name in _columns(into, table) if name in there]
    if not names:
        return
    marks = ", ".join("?" * len(names))
    order = names[0]
    into.execute("BEGIN")
    for direction in ("ASC", "DESC"):
        query = f"SELECT {', '.join(names)} FROM {table} NOT INDEXED ORDER BY {order} {direction}"
        for row in _readable(source, query):
            try:
                into.execute(f"INSERT OR IGNORE INTO {table} ({', '.join(names)}) VALUES ({marks})", row)
            except (sqlite3.IntegrityError, sqlite3.DataError):  # damage inside of a row
                continue
    into.execute("COMMIT")


def _readable(source: sqlite3.Connection, query: str) -> Iterator[tuple[object, ...]]:
    """Rows up to the first that cannot be read."""
    try:
        yield from source.execute(query)
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        return


def _let_go(into: sqlite3.Connection) -> None:
    """Let nothing belong to a track or a play that could not be read."""
    for table, statement in _LET_GO.items():
        if "track_id" in _columns(into, table):
            into.execute(statement)
    if "play_id" in _columns(into, "feedback"):
        into.execute(_LET_GO_OF_PLAYS)
