"""One SQLite connection for all threads: every access in a transaction, every failure a LibraryError."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from player.errors import LibraryError
from player.library.schema import connect


class Database:
    """The library's file. Every method may be called from any thread and may raise LibraryError."""

    def __init__(self, path: Path) -> None:
        """Open the database or begin one; a damaged one is set aside (`schema.connect`)."""
        self.path = path
        self.lock = threading.RLock()
        """Held during each transaction; hold it longer to do several things in one go."""
        self._connection = connect(path)

    def close(self) -> None:
        """Close the database; the object is of no use afterwards."""
        with self.lock:
            self._connection.close()

    def rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        """All rows that a query gives."""
        with self.transaction() as connection:
            return connection.execute(query, values).fetchall()

    def write(self, statement: str, *values: Any) -> int:
        """Execute one statement; the id of the row it inserted, if it did."""
        with self.transaction() as connection:
            return connection.execute(statement, values).lastrowid or 0

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """The connection for one thread, in one transaction that a failure takes back."""
        with self.lock:
            try:
                self._connection.execute("BEGIN")
                with self._connection:
                    yield self._connection
            except (sqlite3.Error, UnicodeEncodeError) as error:
                raise LibraryError(
                    f"The library {self.path} cannot be used ({error}): check its disk."
                ) from error
