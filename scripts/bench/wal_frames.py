"""What SQLite writes into a database's write-ahead log, by pages (sqlite.org/fileformat.html, 4.1)."""

from __future__ import annotations

import sqlite3
import struct
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

_HEADER = struct.Struct(">8I")
_FRAME = struct.Struct(">6I")


@dataclass(frozen=True, slots=True)
class Frame:
    """One page, as one commit has it."""

    page: int
    ends_commit: bool


class WalWatch:
    """Reads the log beside a database, which may be in use."""

    def __init__(self, db_path: Path) -> None:
        self._path = db_path.with_name(f"{db_path.name}-wal")
        self._salt, self._seen = 0, 0
        """The salt is another one after each checkpoint, when the log begins again."""
        self.frame_size = 0
        """Bytes that a page takes in the log."""

    def news(self) -> list[Frame]:
        """The frames since the last call; of a log that has begun again meanwhile, those since then."""
        found: list[Frame] = []
        try:
            log = self._path.open("rb")
        except FileNotFoundError:
            return found
        with log:
            header = log.read(_HEADER.size)
            if len(header) < _HEADER.size:
                return found
            _, _, page_size, _, salt, *_ = _HEADER.unpack(header)
            self.frame_size = page_size + _FRAME.size
            if salt != self._salt:
                self._salt, self._seen = salt, 0
            log.seek(_HEADER.size + self._seen * self.frame_size)
            while len(frame := log.read(self.frame_size)) == self.frame_size:
                page, pages_after, frame_salt, *_ = _FRAME.unpack_from(frame)
                if frame_salt != salt:  # from before the log began again
                    break
                found.append(Frame(page, pages_after != 0))
        self._seen += len(found)
        return found


def pages_by_table(db_path: Path, written: Iterable[Frame]) -> Counter[str]:
    """How many pages of each table and index these frames hold."""
    with closing(sqlite3.connect(f"{db_path.absolute().as_uri()}?mode=ro", uri=True)) as database:
        owners = {page: name for name, page in database.execute("SELECT name, pageno FROM dbstat")}
    return Counter(owners.get(frame.page, "free pages") for frame in written)


def commits(written: Iterable[Frame]) -> int:
    """How many commits these frames are."""
    return sum(frame.ends_commit for frame in written)
