"""The library as a table of numbers, 97 bytes a track, and the mood plane it lies on."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from player.library.index.candidates import Candidates
from player.library.index.recordings import KEYS, Index, keys, share_newest
from player.library.models import EMBEDDING_SIZE
from player.types import MoodPoint

GONE = np.uint32(1 << 31)
"""Bit of a track that cannot be played any more."""
ROW = np.dtype(
    [
        ("id", np.int64),
        ("valence", np.float32),
        ("energy", np.float32),
        ("confidence", np.float32),
        ("tempo_bpm", np.float32),
        ("key", np.int8),
        ("loudness_lufs", np.float32),
        ("artist", np.uint32),
        ("embedding", np.int8, (EMBEDDING_SIZE,)),
        ("bits", np.uint32),
        ("heard_at", np.float64),
        *((key, np.uint32) for key in KEYS),
    ]
)
"""As in Candidates, and: artist is `artist_number`, bits are those of rules.py, heard_at is seconds since
1970, nan if never heard; the rest says which rows hold the same recording (recordings.py)."""


class Row(Protocol):
    """A mapping as far as it is read here: a dict, a row of SQLite."""

    def __getitem__(self, name: str, /) -> Any: ...


Table = npt.NDArray[np.void]
Rows = npt.NDArray[np.int64]
"""Places in a Table."""

SIDE = 64
"""Cells of the mood plane along each axis."""
FEW_CHANGED = 16
"""Rows whose copies are looked for one by one; for more, the whole table is gone through once."""
_PLANES = 4
"""Kept at a time: 4 MB each for a million tracks."""
_RADII = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, SIDE)
_PITCHES = {
    name: number
    for number, names in enumerate(
        ("C B#", "C# Db", "D", "D# Eb", "E Fb", "F E#", "F# Gb", "G", "G# Ab", "A", "A# Bb", "B Cb")
    )
    for name in names.split()
}


def artist_number(name: str) -> int:
    """A number that stands for an artist, whatever the case of the name; 0 for no name."""
    return zlib.crc32(name.casefold().encode("utf-8", "surrogatepass")) if name else 0


def key_number(name: str) -> int:
    """0 to 11 for C major to B major, 12 to 23 for C minor to B minor, -1 for anything else."""
    tonic, _, mode = name.partition(" ")
    if tonic not in _PITCHES or mode not in ("major", "minor"):
        return -1
    return _PITCHES[tonic] + 12 * (mode == "minor")


def table_of(rows: Sequence[Row]) -> Table:
    """A table of tracks.

    rows  with the keys id, valence, energy, confidence, tempo_bpm, key ("A minor" or empty), loudness_lufs,
          artist (a name), title, content, duration_s, musicbrainz_id, isrc, embedding (bytes or None), bits;
          None if something is unknown
    """
    table = np.zeros(len(rows), ROW)
    for name in ("valence", "energy", "confidence", "tempo_bpm", "loudness_lufs"):
        try:
            table[name] = np.array([row[name] for row in rows], dtype=np.float32)  # None becomes nan
        except (TypeError, ValueError):  # what was rescued of a damaged library may be no number
            table[name] = [row[name] if isinstance(row[name], int | float) else np.nan for row in rows]
    for name in ("id", "bits"):
        table[name] = [row[name] for row in rows]
    table["key"] = [key_number(str(row["key"] or "")) for row in rows]
    table["artist"] = [artist_number(str(row["artist"])) for row in rows]
    unknown = bytes(EMBEDDING_SIZE)
    sounds = [row["embedding"] or unknown for row in rows]
    joined = b"".join(sound if len(sound) == EMBEDDING_SIZE else unknown for sound in sounds)
    table["embedding"] = np.frombuffer(joined, np.int8).reshape(-1, EMBEDDING_SIZE)
    table["heard_at"] = np.nan
    recordings = [
        keys(
            str(row["content"] or ""),
            str(row["artist"]),
            str(row["title"]),
            _number(row["duration_s"]),
            (str(row["musicbrainz_id"] or ""), str(row["isrc"] or "")),
        )
        for row in rows
    ]
    for column, numbers in zip(KEYS, zip(*recordings, strict=True), strict=False):
        table[column] = numbers
    return table


def _number(value: Any) -> float:
    """What was rescued of a damaged library may be no number."""
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else 0.0


def candidates_of(table: Table) -> Candidates:
    """Some rows of a table as the columns that may be weighed."""
    return Candidates(**{name: table[name] for name in Candidates.__slots__})


class Plane:
    """The rows that no bit of a mask bars, sorted into the cells of the mood plane."""

    def __init__(self, table: Table, barred: int) -> None:
        rows = np.flatnonzero((table["bits"] & np.uint32(barred | int(GONE))) == 0)
        cells = _cells(table["valence"][rows], table["energy"][rows])
        # A stable sort of 16-bit numbers is a radix sort: fast, and the same each time.
        self._order = rows[np.argsort(cells, kind="stable")].astype(np.int32)
        counts = np.bincount(cells, minlength=SIDE * SIDE + 1)
        self._starts = np.concatenate(([0], np.cumsum(counts)))

    def __len__(self) -> int:
        """How many rows there are, with a mood or without."""
        return len(self._order)

    def moodless(self) -> Rows:
        """The rows that have no mood yet."""
        return self._order[self._starts[SIDE * SIDE] :].astype(np.int64)

    def around(self, point: MoodPoint, enough: int) -> Iterator[Rows]:
        """Ever wider surroundings of a point: the first holds `enough` rows, the last all with a mood."""
        x, y = (int(_steps(np.float32(axis))) for axis in (point.valence, point.energy))
        last = -1
        for radius in _RADII:
            low, high = max(0, y - radius), min(SIDE - 1, y + radius)
            ends = [
                (self._starts[column * SIDE + low], self._starts[column * SIDE + high + 1])
                for column in range(max(0, x - radius), min(SIDE, x + radius + 1))
            ]
            count = sum(int(end - start) for start, end in ends)
            if radius == SIDE or (count >= enough and count > last):
                last = count
                yield np.concatenate([self._order[start:end] for start, end in ends]).astype(np.int64)


class TrackTable:
    """A table in the order of its ids, with the planes that were asked for. For one thread at a time."""

    def __init__(self, table: Table) -> None:
        self.table, self._ids = table, np.empty(0, np.int64)
        self._last: tuple[int, Rows] | None = None
        self._sort()
        self._planes: dict[int, Plane] = {}

    def plane(self, barred: int) -> Plane:
        """The tracks without any of the bits in `barred`; built when it is asked for the first time."""
        if barred not in self._planes:
            if len(self._planes) >= _PLANES:
                self._planes.pop(next(iter(self._planes)))
            self._planes[barred] = Plane(self.table, barred)
        return self._planes[barred]

    def place(self, track_id: int) -> int | None:
        """Where in the table a track is; None if it is not."""
        place = int(np.searchsorted(self._ids, track_id))
        return place if place < len(self._ids) and self._ids[place] == track_id else None

    def bits(self, track_id: int) -> int:
        """The bits of the rules that a track carries; all if it is not in the table."""
        place = self.place(track_id)
        return ~0 if place is None else int(self.table["bits"][place])

    def hear(self, track_id: int, at: float, newest: bool = False) -> None:
        """Note when a track was played, in s since 1970; the `newest` play counts, whenever others were.

        The newest play is one of every copy of the recording; for others, `share_newest` sees to that.
        """
        if (place := self.place(track_id)) is not None:
            heard_at = self.table["heard_at"]
            if newest:
                heard_at[self._copies(place)] = at
            else:
                heard_at[place] = np.fmax(heard_at[place], at)

    def places(self, track_id: int) -> Rows | None:
        """Where in the table the copies of a recording are; None if it is not there."""
        place = self.place(track_id)
        return None if place is None else self._copies(place)

    def copies(self, track_ids: Iterable[int]) -> frozenset[int]:
        """The ids of all tracks that hold the same recordings as these, and these."""
        found = set(track_ids)
        for track_id in track_ids:
            if (place := self.place(track_id)) is not None:
                found |= set(self._ids[self._copies(place)].tolist())
        return frozenset(found)

    def _copies(self, place: int) -> Rows:
        """The places of a recording; what begins to play is asked for again when the next is chosen."""
        if self._last is None or self._last[0] != place:
            self._last = place, self._recordings.copies(place)
        return self._last[1]

    def lose(self, track_id: int) -> None:
        """A track cannot be played any more."""
        if (place := self.place(track_id)) is not None:
            self.table["bits"][place] |= GONE

    def put(self, changed: Table) -> None:
        """Take in rows, new ones or others in the place of those with the same id."""
        places = [self.place(int(track_id)) for track_id in changed["id"]]
        known = np.array([place is not None for place in places], dtype=bool)
        at = np.array([place for place in places if place is not None], dtype=np.int64)
        changed = changed.copy()
        changed["heard_at"][known] = np.fmax(changed["heard_at"][known], self.table["heard_at"][at])
        self.table[at] = changed[known]
        if not known.all():
            self.table = np.concatenate([self.table, changed[~known]])
        self._sort()
        if len(changed) <= FEW_CHANGED:
            for place in np.searchsorted(self._ids, changed["id"]).tolist():
                same = self._copies(place)
                self.table["heard_at"][same] = np.fmax.reduce(self.table["heard_at"][same])
        else:
            share_newest(self.table)
        self._planes.clear()

    def _sort(self) -> None:
        """Bring the table into the order of its ids; they are searched in an array of their own."""
        self._ids = np.ascontiguousarray(self.table["id"])
        if np.any(self._ids[1:] < self._ids[:-1]):
            order = np.argsort(self._ids, kind="stable")
            self.table, self._ids = self.table[order], self._ids[order]
        self._recordings = Index(self.table)
        self._last = None


def _steps(axis: Any) -> Any:
    return np.clip(np.floor((np.nan_to_num(axis) + 1) * (SIDE / 2)), 0, SIDE - 1)


def _cells(valence: npt.NDArray[np.float32], energy: npt.NDArray[np.float32]) -> npt.NDArray[np.uint16]:
    cells: npt.NDArray[np.uint16] = (_steps(valence) * SIDE + _steps(energy)).astype(np.uint16)
    cells[np.isnan(valence) | np.isnan(energy)] = SIDE * SIDE
    return cells
