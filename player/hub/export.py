"""The plays of all rooms as one table for those who license music."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from itertools import islice
from pathlib import Path

from player.hub.storage.store import all_plays
from player.interfaces.play_exports import csv_lines
from player.library.queries.history import moment

BLOCK_LINES = 500


def plays_table(folder: Path, since: str, until: str, room: str, zone: tzinfo) -> Iterator[str]:
    """A CSV table of the plays of a time, by a clock of this zone; of one room or of all. In blocks of lines.

    docs/library/history.md has its columns, before which stands the room. Raises ArgumentError and, while it
    is read, StateError.
    """
    begin, end = moment(since, zone), moment(until, zone, end=True)
    since_s = begin.timestamp() if begin else None
    until_s = end.timestamp() if end else None
    return _in_blocks(csv_lines(all_plays(folder, since_s, until_s, room or None), ("room",)))


def _in_blocks(lines: Iterator[str]) -> Iterator[str]:
    """A web server hands each to another thread and back, which costs more than a line itself."""
    while block := "".join(islice(lines, BLOCK_LINES)):
        yield block
