"""Which known track a file is, by its sound: what a retagged or moved file keeps depends on it."""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from player.library.database.connection import Database
from player.library.scan.music_files import FoundFile

# The hash is of the beginning alone, which an unfinished copy has in common with the whole: length counts.
# What tags say of it and what was heard mostly differ by less than this.
_AS_LONG = "(duration_s = 0 OR ?1 = 0 OR abs(duration_s - ?1) <= max(2, 0.02 * ?1))"
_ITSELF = f"SELECT content FROM tracks WHERE path = ?2 AND content > '' AND {_AS_LONG}"
_OF_OTHER_LENGTH = f"SELECT id, content FROM tracks WHERE path = ?2 AND content > '' AND NOT {_AS_LONG}"
_HASHED = "SELECT 1 FROM tracks WHERE path = ? AND content > ''"
_KNOWN_BY = "SELECT id, content, size, mtime_ns, duration_s FROM tracks"
_MISSING = f"{_KNOWN_BY} WHERE missing_since IS NOT NULL AND url = '' ORDER BY missing_since"
_PRESENT = f"{_KNOWN_BY} WHERE missing_since IS NULL AND url = '' ORDER BY id"


def sounds_as_before(database: Database, path: Path, length_s: float, edited: bool = True) -> bool:
    """Whether a known file that changed has the sound it had; `length_s` by its tags, 0 if unknown.

    One that was not `edited`, as far as size and time tell, is taken to where its sound was never hashed.
    Raises LibraryError, and NotNowError if the file cannot be read at present.
    """
    rows = database.rows(_ITSELF, length_s, str(path))
    if not rows:
        return not edited and not database.rows(_HASHED, str(path))
    return bool(rows[0]["content"] == _content(path))


def replaced(database: Database, path: Path, length_s: float) -> int | None:
    """The number of the track whose name another song has taken: one of another sound and length.

    A song that was encoded again, or mastered, keeps about its length. `length_s` by the tags of what is
    there now, 0 if unknown. Raises LibraryError, and NotNowError if it cannot be read at present.
    """
    rows = database.rows(_OF_OTHER_LENGTH, length_s, str(path))
    if not rows or _content(path) in ("", rows[0]["content"]):
        return None
    return int(rows[0]["id"])


class Alike:
    """Some tracks, to be found by what a file of theirs is known by."""

    def __init__(self, rows: Iterable[sqlite3.Row]) -> None:
        """`rows` of _KNOWN_BY; of several that sound alike the last is found."""
        self._by_sound: defaultdict[str, dict[int, sqlite3.Row]] = defaultdict(dict)
        self._by_file: defaultdict[tuple[int, int], dict[int, sqlite3.Row]] = defaultdict(dict)
        self._rows: dict[int, sqlite3.Row] = {row["id"]: row for row in rows}
        self._sizes: set[int] = set()
        lengths_s = []
        for row in self._rows.values():
            self._by_file[row["size"], row["mtime_ns"]][row["id"]] = row
            if row["content"]:
                self._by_sound[row["content"]][row["id"]] = row
                lengths_s.append(float(row["duration_s"]))
                self._sizes.add(row["size"])
        self._lengths_s = sorted(lengths_s)

    def may_sound(self, size: int, length_s: float) -> bool:
        """Whether one whose sound is known is of this size or of about this length."""
        if size in self._sizes:
            return True
        if length_s == 0 or not self._lengths_s or self._lengths_s[0] == 0:
            return bool(self._lengths_s)
        first = bisect_left(self._lengths_s, length_s - _tolerance_s(length_s))
        return first < len(self._lengths_s) and _as_long(self._lengths_s[first], length_s)

    def find(self, content: str, size: int, mtime_ns: int, length_s: float) -> int | None:
        """The number of a track of this sound; where that is not known of both, of this size and time.

        Of one size, it is of one length whatever its tags say: in some files they are wrong by minutes.
        If several are of this size and time, it is none of them: they were perhaps made by the same program.
        """
        sound = self._by_sound.get(content, {}) if content else {}
        alike = [
            number
            for number, row in sound.items()
            if row["size"] == size or _as_long(row["duration_s"], length_s)
        ]
        if alike:
            return alike[-1]
        same = [
            number
            for number, row in self._by_file.get((size, mtime_ns), {}).items()
            if not (content and row["content"]) and _as_long(row["duration_s"], length_s)
        ]
        return same[0] if len(same) == 1 else None

    def remove(self, number: int) -> None:
        """Find this track no longer."""
        row = self._rows.pop(number)
        self._by_file[row["size"], row["mtime_ns"]].pop(number)
        if row["content"]:
            self._by_sound[row["content"]].pop(number)


class Missing:
    """The tracks that are missing when they are first asked for: those that new files of a scan may be.

    They are read once, however many files are new: whoever renames the top folder has as many of both.
    """

    def __init__(self, database: Database) -> None:
        self._db = database

    def take_twin(self, file: FoundFile, length_s: float) -> int | None:
        """The number of the track that went missing elsewhere and that a new file is, if it is one.

        It is nobody else's afterwards. The file is opened only if one of its size or of about its length (by
        its tags, 0 if unknown) is missing. Raises LibraryError, and NotNowError if it cannot be read at
        present.
        """
        content = _content(file.path) if self._tracks.may_sound(file.size, length_s) else ""
        twin = self._tracks.find(content, file.size, file.mtime_ns, length_s)
        if twin is not None:
            self._tracks.remove(twin)
        return twin

    @cached_property
    def _tracks(self) -> Alike:
        return Alike(self._db.rows(_MISSING))


def heirs(database: Database, numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Of these missing tracks those whose file is present in another place, each with the number there.

    The other was found before this one went, as when music is moved to another disk. Raises LibraryError.
    """
    gone = [row for number in numbers for row in database.rows(f"{_KNOWN_BY} WHERE id = ?", number)]
    if not gone:
        return []
    present = Alike(database.rows(_PRESENT))
    found = [
        (int(row["id"]), present.find(row["content"] or "", row["size"], row["mtime_ns"], row["duration_s"]))
        for row in gone
    ]
    return [(number, heir) for number, heir in found if heir is not None]


def _as_long(known_s: float, length_s: float) -> bool:
    """_AS_LONG, of two lengths in seconds."""
    return 0 in (known_s, length_s) or abs(known_s - length_s) <= _tolerance_s(length_s)


def _tolerance_s(length_s: float) -> float:
    return max(2.0, 0.02 * length_s)


def _content(path: Path) -> str:
    """What a file's sound is known by. Raises NotNowError."""
    from player.library.scan.file_identity import content_hash  # noqa: PLC0415 - see scanner._read

    return content_hash(path)
