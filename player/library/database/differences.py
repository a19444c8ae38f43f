"""How the folders differ from what the library has of them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from player.library.scan.music_files import FoundFile
from player.library.transient_errors import SHORT_OF

LOOKED_FOR = ("track_no", "artists", "composer")
"""NULL in the rows of versions that did not look for it."""
KNOWN = f"""
    SELECT path, size, mtime_ns, ctime_ns, missing_since, {", ".join(LOOKED_FOR)} FROM tracks WHERE url = ''
"""
LOOK_AGAIN = -1
"""In place of `ctime_ns`: the next scan looks at the file again, as if it had changed."""
ADOPT = "UPDATE tracks SET ctime_ns = ? WHERE path = ?"
YOUNG_S = 60.0
"""What cannot be read and has changed within so long may still be on its way here."""


@dataclass(frozen=True, slots=True)
class Differences:
    """Names of files, by what became of them."""

    known: set[str]
    present: set[str]
    """Known, and there at the last scan."""
    gone: set[str]
    edited: set[str]
    """New, or of another size or time than before."""
    touched: set[str]
    """Of the same size and time, but changed on the disk: an edit of tags, new rights, a new name."""
    again: set[str]
    """Not changed, but to be looked at again: they could not be read while they were young."""
    unnumbered: set[str]
    """Taken in by a version that did not look for their numbers, all their artists and genres, or credits."""
    unmarked: list[tuple[int, str]]
    """Change time and name of those taken in by a version that did not look at it."""


def differences(
    rows: Iterable[sqlite3.Row], found: Mapping[str, FoundFile], closed: Mapping[Path, int], wall_s: float
) -> Differences:
    """What became of the files of KNOWN; `closed` is what could not be looked at, each with its errno.

    `wall_s` is seconds since 1970.
    """
    by_path = {row["path"]: row for row in rows}
    same = {
        path
        for path, file in found.items()
        if (row := by_path.get(path)) and (row["size"], row["mtime_ns"]) == (file.size, file.mtime_ns)
    }
    other = {path for path in same if by_path[path]["ctime_ns"] not in (found[path].ctime_ns, 0)}
    again = {path for path in other if by_path[path]["ctime_ns"] == LOOK_AGAIN}
    present = {path for path, row in by_path.items() if row["missing_since"] is None}
    unseen = tuple(str(path) for path, number in closed.items() if number in SHORT_OF)
    inside = tuple(f"{path}{os.sep}" for path in unseen)
    return Differences(
        known=set(by_path),
        present=present,
        gone={p for p in present - found.keys() if p not in unseen and not p.startswith(inside)},
        edited=found.keys() - same,
        touched=other - again,
        again={path for path in again if not is_young(found[path], wall_s)},
        unnumbered={path for path in same - other if None in [by_path[path][name] for name in LOOKED_FOR]},
        unmarked=[(found[p].ctime_ns, p) for p in sorted(same) if by_path[p]["ctime_ns"] == 0],
    )


def is_young(file: FoundFile, wall_s: float) -> bool:
    """Whether a file has changed within YOUNG_S; `wall_s` is seconds since 1970."""
    return abs(wall_s - file.ctime_ns / 1e9) < YOUNG_S
