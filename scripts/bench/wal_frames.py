"""What SQLite has written into a database's write-ahead log, by pages (sqlite.org/fileformat.html, 4.1)."""

from __future__ import annotations

import sqlite3
import struct
from collections import Counter
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
    salt: int
    """Another one after each checkpoint: the log begins again, and frames with an older one don't count."""


def frames(db_path: Path) -> list[Frame]:
    """The frames in the log beside a database since it last began again; [] if there is none."""
    try:
        log = db_path.with_name(f"{db_path.name}-wal").read_bytes()
    except FileNotFoundError:
        return []
    if len(log) < _HEADER.size:
        return []
    page_size, salt = _HEADER.unpack_from(log)[2], _HEADER.unpack_from(log)[4]
    found = []
    for start in range(_HEADER.size, len(log) - page_size - _FRAME.size + 1, page_size + _FRAME.size):
        page, pages_after, frame_salt, *_ = _FRAME.unpack_from(log, start)
        if frame_salt != salt:
            break
        found.append(Frame(page, pages_after != 0, salt))
    return found


def page_owners(db_path: Path) -> dict[int, str]:
    """Which table or index each page of a database belongs to."""
    with closing(sqlite3.connect(f"{db_path.absolute().as_uri()}?mode=ro", uri=True)) as database:
        return {page: name for name, page in database.execute("SELECT name, pageno FROM dbstat")}


def pages_by_table(db_path: Path, written: list[Frame]) -> Counter[str]:
    """How many pages of each table and index these frames hold."""
    owners = page_owners(db_path)
    return Counter(owners.get(frame.page, "free pages") for frame in written)


def commits(written: list[Frame]) -> int:
    """How many commits these frames are."""
    return sum(frame.ends_commit for frame in written)
