"""Which changes in the music folders matter, and which folders are there to be watched."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from player.library.scan.left_out import lies_left_out
from player.library.scan.music_files import SUFFIXES
from player.types import is_utf8

_ENDING = re.compile(r"\.[a-z][a-z0-9]{1,4}")
"""What a removed file's name ends in; "Vol. 2" was a folder, which cannot be looked at any more."""


def concerns_music(_change: object, path: str, roots: Sequence[Path] = ()) -> bool:
    """Whether a change below `roots` may matter: a music file, or a folder that came or went."""
    if lies_left_out(Path(path), roots):
        return False
    suffix = Path(path).suffix.lower()
    return suffix in SUFFIXES or not _ENDING.fullmatch(suffix) or Path(path).is_dir()


def present_places(folders: tuple[Path, ...]) -> list[tuple[Path, int]]:
    """The folders that are there, each with the disk that it is on."""
    places = []
    for folder in folders:
        try:
            if is_utf8(str(folder)) and folder.is_dir():
                places.append((folder, folder.stat().st_dev))
        except OSError:  # it went away in between
            continue
    return places
