"""A copy of the library's file, made beside a player that uses it; and one that is to fit another machine."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from player.errors import LibraryError
from player.library.database.schema import MIGRATIONS, connect, connect_to_read
from player.privacy.private_files import flush, make_private
from player.privacy.redaction import address

SCHEMA = len(MIGRATIONS)
"""The version of the database that this program knows."""
_PATIENCE_MS = 10_000
"""With another process that keeps the library to itself for a moment."""
_PATHS = ("tracks", "plays")
_UNDER_WAY = ">"
"""What no path and no station's name begins with."""


def copy(db_path: Path, target: Path, *, secrets: bool) -> None:
    """Write the library as it is at this moment into a new file, by SQLite's own means for that.

    Without `secrets`, addresses of stations lose what may be a password. Raises LibraryError; OSError where
    the target cannot be written.
    """
    make_private(target)
    try:
        with closing(connect_to_read(db_path)) as source:
            source.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
            # What was deleted is not copied: parts of the file that are free may hold an address of before.
            # The name as bytes: it may be no UTF-8.
            source.execute("VACUUM INTO CAST(? AS TEXT)", (os.fsencode(target.absolute()),))
        with closing(sqlite3.connect(target)) as made:
            made.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
            if not secrets:
                made.execute("PRAGMA secure_delete = ON")  # nothing of what the next line shortens stays
                made.create_function("bare", 1, address, deterministic=True)
                with made:
                    made.execute("UPDATE tracks SET url = bare(url) WHERE url <> ''")
    except sqlite3.Error as error:
        raise LibraryError(f"The library {db_path} cannot be copied ({error}).") from error
    flush(target)


def version(db_path: Path) -> int:
    """The version of a database that nobody uses. Raises LibraryError if it is damaged, or is none."""
    try:
        with closing(sqlite3.connect(f"{db_path.absolute().as_uri()}?mode=ro", uri=True)) as one:
            found: int = one.execute("PRAGMA user_version").fetchone()[0]
            if (said := one.execute("PRAGMA integrity_check(1)").fetchone()[0]) != "ok" or not found:
                raise LibraryError(f"The library in it is damaged ({said}).")
            one.execute("SELECT count(*) FROM tracks").fetchone()
            return found
    except sqlite3.Error as error:
        raise LibraryError(f"The library in it is damaged ({error}).") from error


def bring_up_to_date(db_path: Path) -> None:
    """Do to a copy what the player does to a library of an earlier version. Raises LibraryError."""
    with closing(connect(db_path)) as made:
        made.execute("PRAGMA journal_mode = DELETE")
    for beside in db_path.parent.glob(f"{db_path.name}.version-*"):
        beside.unlink()
    flush(db_path)


def move(db_path: Path, moved: Callable[[str], str]) -> int:
    """Let a copy know its music at other places; how many tracks that are. Raises LibraryError."""
    try:
        with closing(connect(db_path)) as made:
            made.create_function("moved", 1, moved, deterministic=True)
            made.execute("BEGIN IMMEDIATE")
            counts = [_moved(made, table) for table in _PATHS]
            made.execute("COMMIT")
            made.execute("PRAGMA journal_mode = DELETE")
            return counts[0]
    except sqlite3.IntegrityError as error:
        raise LibraryError(
            "Two folders of the library would become one: give each a place of its own."
        ) from error
    except sqlite3.Error as error:
        raise LibraryError(f"The library cannot be moved ({error}).") from error


def _moved(made: sqlite3.Connection, table: str) -> int:
    """Move a table's paths; how many. All leave before one arrives: a folder may take another's place."""
    count = made.execute(
        f"UPDATE {table} SET path = ? || moved(path) WHERE moved(path) <> path", (_UNDER_WAY,)
    )
    made.execute(f"UPDATE {table} SET path = substr(path, 2) WHERE substr(path, 1, 1) = ?", (_UNDER_WAY,))
    return count.rowcount
