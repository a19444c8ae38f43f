"""What can still be read of a damaged database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from player.log import EventLog, LogEvent

log = EventLog(__name__, LogEvent.LIBRARY)

TABLES = ("tracks", "plays", "feedback", "mood_tags", "mood_undo", "day_minutes", "day_marks")


def recover(damaged: Path, into: sqlite3.Connection) -> dict[str, int]:
    """Copy every row that can be read into an empty database of the same version; how many, by table.

    Never raises sqlite3.Error.
    """
    rescued: dict[str, int] = {}
    try:
        with closing(sqlite3.connect(f"file:{damaged}?mode=ro", uri=True)) as source:
            source.text_factory = lambda raw: raw.decode(errors="replace")
            versions = [one.execute("PRAGMA user_version").fetchone()[0] for one in (source, into)]
            if versions[0] == versions[1]:
                rescued = {table: _copy(source, into, table) for table in TABLES}
    except (sqlite3.Error, ValueError) as error:
        if into.in_transaction:
            into.rollback()
        log.debug("%s gives no more (%s)", damaged, error)
    return {table: count for table, count in rescued.items() if count}


def _copy(source: sqlite3.Connection, into: sqlite3.Connection, table: str) -> int:
    """The rows of one table, from both ends up to where it is damaged."""
    names = [row[1] for row in into.execute(f"PRAGMA table_info({table})")]
    marks = ", ".join("?" * len(names))
    order = names[0]
    before = into.total_changes
    into.execute("BEGIN")
    for direction in ("ASC", "DESC"):
        query = f"SELECT {', '.join(names)} FROM {table} NOT INDEXED ORDER BY {order} {direction}"
        for row in _readable(source, query):
            try:
                into.execute(f"INSERT OR IGNORE INTO {table} ({', '.join(names)}) VALUES ({marks})", row)
            except sqlite3.DatabaseError:  # damage inside of a row
                continue
    into.execute("COMMIT")
    return into.total_changes - before


def _readable(source: sqlite3.Connection, query: str) -> Iterator[tuple[object, ...]]:
    """Rows up to the first that cannot be read."""
    try:
        yield from source.execute(query)
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        return
