"""Files that do not play, each with why, and what to do."""

from __future__ import annotations

from pathlib import Path

from player.library.database.reader import Row, reading
from player.library.queries.pages import Page, clipped, page, place, token
from player.library.queries.records import ProblemFile

# They are few, and found in an index: the rows themselves are a hundred times as large.
_FOUND = """
    SELECT id, path, title, artist, unreadable, missing_since FROM tracks
    WHERE id IN (SELECT id FROM tracks INDEXED BY tracks_on_map
        WHERE id > ? AND (missing_since IS NOT NULL OR unreadable IS NOT NULL))
    AND url = '' ORDER BY id LIMIT ?
"""
_ADVISES = ("replace", "remove", "copy", "save", "export", "mend", "put", "convert", "give", "check")
_MISSING = "It is not in the music folders any more."
_PUT_BACK = "Put it back or let it go: what is known of it is kept for a while, and then forgotten."
_REPLACE = "Replace or remove it; a file that has changed is tried again by itself."


def problem_files(db_path: Path, limit: int, after: str | None) -> Page[ProblemFile]:
    """A page of them, by number. Raises LibraryError and ArgumentError."""
    start = place(after, int)[0] if after else 0
    with reading(db_path) as reader:
        rows = reader.rows(_FOUND, start, limit + 1)
    places = {row["id"]: token(row["id"]) for row in rows}
    return page(map(_problem, rows), limit, lambda file: places[file.id])


def _problem(row: Row) -> ProblemFile:
    missing = row["missing_since"] is not None
    problem, advice = (_MISSING, _PUT_BACK) if missing else parted(str(row["unreadable"]), str(row["path"]))
    return ProblemFile(
        id=row["id"],
        path=str(row["path"]),
        title=clipped(row["title"]),
        artist=clipped(row["artist"]),
        kind="missing" if missing else "unreadable",
        problem=problem,
        advice=advice,
    )


def parted(why: str, path: str) -> tuple[str, str]:
    """A reason as the scan, the analysis or a deck gave it: what is wrong, and what to do about it."""
    of_file = why.startswith(path)
    why = why.removeprefix(path).strip()
    said, _, to_do = why.rpartition(": ")
    if not said or not to_do.startswith(_ADVISES):
        said, to_do = why, _REPLACE
    return _sentence(f"It {said}" if of_file else said), _sentence(to_do)


def _sentence(text: str) -> str:
    text = clipped(text.strip().rstrip("."))
    return f"{text[:1].upper()}{text[1:]}."
