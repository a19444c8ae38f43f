"""What others call the mood of the library's tracks, beside what the analysis heard."""

from __future__ import annotations

from collections.abc import Mapping

from player.library.database.connection import Database

_KEEP = "INSERT INTO mood_tags VALUES (?, ?, ?, ?)"


class MoodTags:
    """The table mood_tags. Every method may be called from any thread and may raise LibraryError."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def strongest(self) -> dict[int, str]:
        """Track.id -> its weightiest tag; an owner's table goes before every other source."""
        rows = self._db.rows(
            "SELECT track_id, tag FROM mood_tags WHERE tag != '' ORDER BY source = 'table', weight, tag DESC"
        )
        return {row["track_id"]: row["tag"] for row in rows}

    def asked(self, source: str) -> set[int]:
        """Track.id of what that source was asked about, whether it knew a tag or not."""
        rows = self._db.rows("SELECT DISTINCT track_id FROM mood_tags WHERE source = ?", source)
        return {row["track_id"] for row in rows}

    def replace(self, source: str, tags: Mapping[int, Mapping[str, float]]) -> None:
        """Keep tags (tag -> weight, 0 to 1) for the tracks (Track.id) in place of that source's former.

        Without a tag it is kept that there is none.
        """
        rows = [
            (track, source, tag, weight)
            for track, found in tags.items()
            for tag, weight in (found or {"": 0.0}).items()
        ]
        with self._db.lock:
            former = "DELETE FROM mood_tags WHERE track_id = ? AND source = ?"
            failed = self._db.write_each((former, [(track, source) for track in tags]), (_KEEP, rows))
            # A tag that cannot be kept is as good as none; and the next run need not ask for it again.
            self._db.write_each((_KEEP, {(values[0], source, "", 0.0) for values, _ in failed}))
