"""The log of the last day over a restart: written once when the player stops, so that a memory card lasts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path

from player.interfaces.recent_log import LogLine, RecentLog
from player.privacy import private_files

NAME = "recent_log.jsonl"
"""In the state folder: a line for each of the log's."""
LARGEST = 8_000_000
"""Bytes; what RecentLog keeps is less."""
LATEST_S = 4e9
"""Seconds since 1970 of a line, in 2096: beyond some thousand years no date can be told of them."""


def save(recent: RecentLog, path: Path) -> None:
    """Write what it remembers; a disk that cannot be written to costs these lines and nothing else."""
    with suppress(OSError):
        text = "".join(f"{json.dumps(astuple(line))}\n" for line in recent.dated_now())
        private_files.replace(path, text)


def load(recent: RecentLog, path: Path) -> None:
    """Remember again what was written; what is damaged is left out."""
    with suppress(OSError):
        if path.is_file() and path.stat().st_size <= LARGEST:
            recent.remember(_lines(path.read_text(encoding="utf-8", errors="replace")))


def _lines(text: str) -> Iterator[LogLine]:
    for each in text.splitlines():
        with suppress(ValueError, TypeError, OverflowError, RecursionError):
            at_s, level, *words = json.loads(each)
            if 0 <= at_s <= LATEST_S and len(words) == 3 and all(isinstance(word, str) for word in words):
                yield LogLine(float(at_s), int(level), *words)
