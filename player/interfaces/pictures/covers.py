"""The picture of a track: found by its number, kept in memory for a while."""

from __future__ import annotations

import threading
from base64 import b64decode
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Protocol

from player.errors import MissingError
from player.library.database.reader import reading
from player.types import Json

KEEP_S = 600.0
"""A picture in a folder may be exchanged, which no scan sees."""
KEEP_BYTES = 8 * 2**20
KEEP_MOST = 2000
"""Of tracks, with what was found of each."""


@dataclass(frozen=True, slots=True)
class Cover:
    """A JPEG, and what changes if it does."""

    jpeg: bytes
    etag: str
    width: int
    height: int


class Pictures(Protocol):
    """What reads them; process.py says how."""

    def cover(self, path: Path) -> Json: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class _Kept:
    at: float
    found: Cover | str
    """Or why there is none."""

    @property
    def size(self) -> int:
        return len(self.found.jpeg) if isinstance(self.found, Cover) else len(self.found)


class CoverService:
    """Pictures of tracks that the library knows, and no others; from any thread."""

    def __init__(self, db_path: Path, pictures: Pictures, clock: Callable[[], float] = monotonic) -> None:
        self._path, self._pictures, self._clock = db_path, pictures, clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[object, ...], _Kept] = OrderedDict()
        self._bytes = 0

    def cover(self, track_id: int) -> Cover:
        """The picture in a track's file, or else in its folder. Raises MissingError and LibraryError."""
        with reading(self._path) as reader:
            rows = reader.rows(
                "SELECT path, url, size, mtime_ns, ctime_ns, missing_since FROM tracks WHERE id = ?", track_id
            )
        if not rows or rows[0]["missing_since"] is not None:
            raise MissingError(f"there is no track with the number {track_id}.")
        row = rows[0]
        if row["url"]:
            raise MissingError("a station has no picture.")
        place = (row["path"], row["size"], row["mtime_ns"], row["ctime_ns"])
        found = self._remembered(place)
        if found is None:
            found = _made(self._pictures.cover(Path(row["path"])))
            self._keep(place, found)
        if isinstance(found, str):
            raise MissingError(f"there is no picture of track {track_id}: {found}.")
        return found

    def _remembered(self, place: tuple[object, ...]) -> Cover | str | None:
        with self._lock:
            kept = self._kept.get(place)
            if kept is None or self._clock() - kept.at > KEEP_S:
                return None
            self._kept.move_to_end(place)
            return kept.found

    def _keep(self, place: tuple[object, ...], found: Cover | str) -> None:
        with self._lock:
            self._forget(place)
            self._kept[place] = kept = _Kept(self._clock(), found)
            self._bytes += kept.size
            while self._bytes > KEEP_BYTES or len(self._kept) > KEEP_MOST:
                self._forget(next(iter(self._kept)))

    def _forget(self, place: tuple[object, ...]) -> None:
        kept = self._kept.pop(place, None)
        self._bytes -= kept.size if kept is not None else 0


def _made(answer: Json) -> Cover | str:
    if "error" in answer:
        return str(answer["error"])
    jpeg = b64decode(answer["jpeg"])
    return Cover(jpeg, sha256(jpeg).hexdigest()[:32], int(answer["width"]), int(answer["height"]))
