"""The first piece of music in folders: whether they hold any, without a database."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from player.errors import AudioFileError
from player.library.scan.music_files import BEGINNINGS, Walk

MOST_READ = 20
"""So many files are read at most of those that begin as nothing known."""
_NOT_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


def first_playable(folders: Iterable[Path]) -> Path | None:
    """One music file (see `find_music`); None if there is none, or none that may be looked at."""
    with suppress(OSError):
        return find_music(folders)
    return None


def find_music(folders: Iterable[Path]) -> Path | None:
    """One music file, found within milliseconds for the very first start; None if there is none.

    Its first bytes are those of one of the known containers; whether it really plays, playing shows. Where no
    file begins so, it is the first that can be read. Raises OSError if there is none of these either, but
    something that is there could not be looked at; its `filename` says what.
    """
    odd: list[Path] = []
    closed: dict[Path, int] = {}
    walk = Walk(folders)
    for found in walk:
        try:
            if _begins_as_music(found.path):
                return found.path
        except OSError as error:
            closed[found.path] = error.errno or 0
            continue
        if found.size and len(odd) < MOST_READ:
            odd.append(found.path)
    if path := _readable(odd):
        return path
    for place, number in (walk.closed | closed).items():
        if number and number not in _NOT_THERE:
            raise OSError(number, os.strerror(number), str(place))
    return None


def _begins_as_music(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(8)
    return head.startswith(BEGINNINGS) or head[4:] == b"ftyp"


def _readable(paths: Sequence[Path]) -> Path | None:
    """The first of these that can be read, if one can."""
    if not paths:
        return None
    # ffmpeg takes 15 MB: it comes when a file is to be read.
    from player.library.scan.reading import read_file  # noqa: PLC0415

    for path in paths:
        with suppress(AudioFileError):
            read_file(path)
            return path
    return None
