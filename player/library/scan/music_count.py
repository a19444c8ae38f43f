"""How many music files lie in a folder, roughly and within a moment, for who chooses one."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from player.library.scan.left_out import is_left_out
from player.library.scan.music_files import SUFFIXES

MOST = 10_000
DEEP = 8
"""Folders below each other: an artist's albums on a stick are three."""


class Count(NamedTuple):
    """Music files, and whether there may be more: nobody looked further."""

    files: int
    more: bool


def count(
    folder: Path,
    until: float,
    clock: Callable[[], float] = time.monotonic,
    most: int = MOST,
    deep: int = DEEP,
) -> Count:
    """Look until the clock says `until`; links are not followed, what cannot be read counts for nothing."""
    files, more = 0, False
    waiting = [(str(folder), 0)]
    while waiting:
        path, depth = waiting.pop(0)
        if files >= most or clock() >= until:
            return Count(min(files, most), True)
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    if is_left_out(entry.name) or entry.name.startswith("."):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        more = more or depth >= deep
                        if depth < deep:
                            waiting.append((entry.path, depth + 1))
                    elif os.path.splitext(entry.name)[1].lower() in SUFFIXES:
                        files += 1
        except OSError:
            continue
    return Count(min(files, most), more or files > most)
