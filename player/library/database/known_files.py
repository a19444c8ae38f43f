"""Which known track a file is, by its sound: what a retagged or moved file keeps depends on it."""

from __future__ import annotations

from pathlib import Path

from player.library.database.connection import Database

# The hash is of the beginning alone, which an unfinished copy has in common with the whole: length counts.
# What tags say of it and what was heard differ by less than this.
_AS_LONG = "(duration_s = 0 OR ?1 = 0 OR abs(duration_s - ?1) <= max(2, 0.02 * ?1))"
_ITSELF = f"SELECT content FROM tracks WHERE path = ?2 AND content > '' AND {_AS_LONG}"
_HASHED = "SELECT 1 FROM tracks WHERE path = ? AND content > ''"
_MISSING = f"""
    SELECT id, content FROM tracks WHERE missing_since IS NOT NULL AND content > '' AND {_AS_LONG}
    ORDER BY missing_since DESC
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


def missing_twin(database: Database, path: Path, length_s: float) -> int | None:
    """The number of the track that went missing elsewhere and that a new file is, if it is one.

    Files are opened only if one of about the same length is missing. Raises LibraryError.
    """
    missing = database.rows(_MISSING, length_s)
    content = _content(path) if missing else ""
    for row in missing:
        if row["content"] == content:
            return int(row["id"])
    return None


def _content(path: Path) -> str:
    """What a file's sound is known by. Raises NotNowError."""
    from player.library.scan.file_identity import content_hash  # noqa: PLC0415 - see scanner._read

    return content_hash(path)
