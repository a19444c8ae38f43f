"""Questions to the library's file on a connection of their own that can only read: nobody waits for them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from player.errors import LibraryError
from player.library.database.schema import connect_to_read
from player.library.search_text import names_text

Row = sqlite3.Row
PATIENCE_S = 5.0
"""A question that takes longer is given up."""
_STEPS = 20_000
"""Of SQLite's machine, between two looks at the clock: some milliseconds."""


class DatabaseReader:
    """One connection, for one thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        """All rows that a query gives."""
        return self._connection.execute(query, values).fetchall()

    def each(self, query: str, *values: Any) -> Iterator[sqlite3.Row]:
        """The same, one after the other."""
        return self._connection.execute(query, values)


@contextmanager
def reading(db_path: Path, patience_s: float = PATIENCE_S) -> Iterator[DatabaseReader]:
    """A connection for one question and those that follow it, in one state of the library.

    Raises LibraryError if there is no library, it cannot be read, or the answer takes too long.
    """
    give_up_at = monotonic() + patience_s
    try:
        with closing(connect_to_read(db_path, 1.0)) as connection:
            connection.set_progress_handler(lambda: monotonic() > give_up_at, _STEPS)
            connection.create_function("names_text", -1, names_text, deterministic=True)
            connection.execute("BEGIN")
            yield DatabaseReader(connection)
    except sqlite3.Error as error:
        if monotonic() > give_up_at:
            raise LibraryError(
                f"The library took more than {patience_s:g} s to answer: ask for less."
            ) from error
        raise LibraryError(f"The library {db_path} cannot be read now ({error}): try again.") from error
