"""The first piece of music in folders: whether they hold any, without a database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from player.errors import AudioFileError
from player.library.scan.music_files import BEGINNINGS, Walk

MOST_READ = 20
"""So many files are read at most of those that begin as nothing known."""


def first_playable(folders: Iterable[Path]) -> Path | None:
    """One music file, found within milliseconds for the very first start; None if there is none.

    Its first bytes are those of one of the known containers; whether it really plays, playing shows. Where no
    file begins so, it is the first that can be read.
    """
    odd: list[Path] = []
    for found in Walk(folders):
        if _begins_as_music(found.path):
            return found.path
        if found.size and len(odd) < MOST_READ:
            odd.append(found.path)
    return _readable(odd)


def _begins_as_music(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except OSError:
        return False
    return head.startswith(BEGINNINGS) or head[4:] == b"ftyp"


def _readable(paths: Sequence[Path]) -> Path | None:
    if not paths:
        return None
    # ffmpeg takes 15 MB: it comes when a file is to be read.
    from player.library.scan.reading import read_file  # noqa: PLC0415

    for path in paths:
        try:
            read_file(path)
        except AudioFileError:
            continue
        return path
    return None
