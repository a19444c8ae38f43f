"""A migration of the library tried on a copy: what it would take, and whether all is there afterwards."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from player.errors import LibraryError
from player.library.database.schema import MIGRATIONS, migrate
from player.privacy.private_files import make_private

KEPT = ("tracks", "plays", "feedback", "mood_tags", "day_minutes", "day_marks")
"""Tables in which nothing may be lost; an earlier version may not have all of them."""
COPIES = 3
"""Times the library's size that this takes at most: the copy, its log, and what is written again."""


@dataclass(frozen=True, slots=True)
class Trial:
    """How it went on the copy."""

    rows: Mapping[str, int]
    """How many there are of what an owner would miss."""
    elapsed_s: float


def version(db_path: Path) -> int:
    """The version of a library, also of one that a player uses. Raises LibraryError if it cannot be read."""
    try:
        with closing(_reading(db_path)) as library:
            found: int = library.execute("PRAGMA user_version").fetchone()[0]
            return found
    except sqlite3.Error as error:
        raise LibraryError(f"The library {db_path} cannot be read ({error}): check the file.") from error


def room(db_path: Path) -> int:
    """Bytes that a trial, or the migration itself, needs beside the library. Raises OSError."""
    log = _log(db_path)
    return COPIES * (db_path.stat().st_size + (log.stat().st_size if log.exists() else 0))


def try_on_copy(db_path: Path, copy: Path, migrations: tuple[str, ...] = MIGRATIONS) -> Trial:
    """Bring a copy of the library to the newest version; the library itself is only read.

    Raises LibraryError if that fails, or anything is missing afterwards.
    """
    make_private(copy)
    began = perf_counter()
    try:
        with closing(_reading(db_path)) as library, closing(sqlite3.connect(copy)) as made:
            library.backup(made)
            if (said := made.execute("PRAGMA integrity_check(1)").fetchone()[0]) != "ok":
                raise LibraryError(f"the library is damaged ({said})")
            made.isolation_level = None
            before = _rows(made)
            migrate(made, migrations)
            after = _rows(made)
    except sqlite3.Error as error:
        raise LibraryError(f"SQLite says: {error}") from error
    if lost := [name for name, count in before.items() if after.get(name) != count]:
        raise LibraryError(f"not all is there afterwards in {', '.join(lost)}")
    return Trial(after, perf_counter() - began)


def _reading(db_path: Path) -> sqlite3.Connection:
    """A connection that only reads; one that nobody uses gets no files beside it, which root would own."""
    how = "mode=ro" if _log(db_path).exists() else "immutable=1"
    return sqlite3.connect(f"{db_path.absolute().as_uri()}?{how}", uri=True, timeout=10)


def _log(db_path: Path) -> Path:
    """The write-ahead log, which is there while somebody uses the library, or was killed."""
    return db_path.with_name(f"{db_path.name}-wal")


def _rows(connection: sqlite3.Connection) -> dict[str, int]:
    there = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return {
        name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
        for name in KEPT
        if name in there
    }
