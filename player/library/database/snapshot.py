"""Every playable track in memory, kept up to date row by row."""

from __future__ import annotations

from pathlib import Path

from player.library.database.connection import Database
from player.library.database.track_sql import PLAYABLE, track_of
from player.types import Track


class TrackSnapshot:
    """The playable tracks of a database, read once. Every method may be called from any thread."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._by_path: dict[str, Track] | None = None
        self._tracks: list[Track] | None = None
        self._version: tuple[int, int] | None = None

    def tracks(self) -> list[Track]:
        """All of them, by path; the same list until something changes: don't alter it."""
        with self._db.lock:
            # The second changes when another process writes.
            version = (self._db.opened, self._db.rows("PRAGMA data_version")[0][0])
            if self._by_path is None or version != self._version:
                self._version = version
                rows = self._db.rows(f"SELECT * FROM tracks WHERE {PLAYABLE} ORDER BY path")
                self._by_path = {row["path"]: track_of(row) for row in rows}
                self._tracks = None
            if self._tracks is None:
                self._tracks = list(self._by_path.values())
            return self._tracks

    def renew(self, path: Path) -> None:
        """Read the track at a path again."""
        with self._db.lock:
            if self._by_path is not None:
                rows = self._db.rows(f"SELECT * FROM tracks WHERE path = ? AND {PLAYABLE}", str(path))
                if rows:
                    self._by_path[str(path)] = track_of(rows[0])
                else:
                    self._by_path.pop(str(path), None)
                self._tracks = None

    def forget(self) -> None:
        """Read all of them again at the next call. Hold the database's lock since they were changed."""
        self._by_path = None
