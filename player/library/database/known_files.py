"""Which known track a file is, by its sound: what a retagged or moved file keeps depends on it."""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from functools import cached_property
from pathlib import Path

from player.library.database.connection import Database

# The hash is of the beginning alone, which an unfinished copy has in common with the whole: length counts.
# What tags say of it and what was heard differ by less than this.
_AS_LONG = "(duration_s = 0 OR ?1 = 0 OR abs(duration_s - ?1) <= max(2, 0.02 * ?1))"
_ITSELF = f"SELECT content FROM tracks WHERE path = ?2 AND content > '' AND {_AS_LONG}"
_HASHED = "SELECT 1 FROM tracks WHERE path = ? AND content > ''"
_MISSING = """
    SELECT id, content, duration_s FROM tracks WHERE missing_since IS NOT NULL AND content > ''
    ORDER BY missing_since
"""


def sounds_as_before(database: Database, path: Path, length_s: float, edited: bool = True) -> bool:
    """Whether a known file that changed has the sound it had; `length_s` by its tags, 0 if unknown.

    One that was not `edited`, as far as size and time tell, is taken to where its sound was never hashed.
    Raises LibraryError, and NotNowError if the file cannot be read at present.
    """
    rows = database.rows(_ITSELF, length_s, str(path))
    if not rows:
        return not edited and not database.rows(_HASHED, str(path))
    return bool(rows[0]["content"] == _content(path))


class Missing:
    """The tracks that are missing when they are first asked for: those that new files of a scan may be.

    They are read once, however many files are new: whoever renames the top folder has as many of both.
    """

    def __init__(self, database: Database) -> None:
        self._db = database

    def take_twin(self, path: Path, length_s: float) -> int | None:
        """The number of the track that went missing elsewhere and that a new file is, if it is one.

        It is nobody else's afterwards. The file is opened only if one of about the same length (by its tags,
        0 if unknown) is missing. Raises LibraryError, and NotNowError if it cannot be read at present.
        """
        if not self._fits(length_s):
            return None
        alike = self._by_content.get(_content(path), [])
        for row in reversed(alike):  # what went missing last
            if _as_long(row["duration_s"], length_s):
                alike.remove(row)
                return int(row["id"])
        return None

    @cached_property
    def _by_content(self) -> dict[str, list[sqlite3.Row]]:
        found: dict[str, list[sqlite3.Row]] = {}
        for row in self._db.rows(_MISSING):
            found.setdefault(row["content"], []).append(row)
        return found

    @cached_property
    def _lengths_s(self) -> list[float]:
        return sorted(row["duration_s"] for rows in self._by_content.values() for row in rows)

    def _fits(self, length_s: float) -> bool:
        """Whether one of about the same length was missing."""
        if length_s == 0 or not self._lengths_s or self._lengths_s[0] == 0:
            return bool(self._lengths_s)
        first = bisect_left(self._lengths_s, length_s - _tolerance_s(length_s))
        return first < len(self._lengths_s) and _as_long(self._lengths_s[first], length_s)


def _as_long(known_s: float, length_s: float) -> bool:
    """_AS_LONG, of two lengths in seconds."""
    return 0 in (known_s, length_s) or abs(known_s - length_s) <= _tolerance_s(length_s)


def _tolerance_s(length_s: float) -> float:
    return max(2.0, 0.02 * length_s)


def _content(path: Path) -> str:
    """What a file's sound is known by. Raises NotNowError."""
    from player.library.scan.file_identity import content_hash  # noqa: PLC0415 - see scanner._read

    return content_hash(path)
