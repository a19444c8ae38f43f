"""The files that commands write where their user says: whole, and never over what was not meant to go."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from player.errors import PlayerError
from player.library.scan.music_files import SUFFIXES
from player.state.state_file import DATABASE, OURS

PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".avif", ".heic")
VIDEOS = (".mp4", ".mkv", ".mov", ".avi", ".webm")
KEPT_BY_THE_PLAYER = (".db", ".yaml", ".yml", ".zip")
"""Library, settings, backups."""
_HEAD_BYTES = 4096
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def write(file: Path, pieces: Iterable[bytes], what: str) -> None:
    """Put a file there as a whole, or leave what is there as it is. Raises PlayerError.

    what  is written: "table", as the sentence says it

    A song, a picture, a backup under that name was not meant to be lost; nor was what is no text at all.
    """
    if _is_named_otherwise(file) and os.path.lexists(file):
        raise PlayerError(f"{file} is no {what} and stays as it is: choose another name.")
    try:
        if file.exists() and not file.is_file():  # /dev/stdout, a pipe
            if file.is_dir():
                raise IsADirectoryError(21, "it is a folder")
            with file.open("wb") as out:
                out.writelines(pieces)
            return
        real = Path(os.path.realpath(file))
        if _is_named_otherwise(real) and real.exists():
            raise PlayerError(f"{file} leads to {real}, which is no {what} and stays: choose another name.")
        if real.exists() and not _is_text(real):
            raise PlayerError(f"{file} is no {what} and stays as it is: choose another name.")
        _beside(real, pieces)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise PlayerError(f"{file} cannot be written ({why}): choose another place.") from error


def _is_named_otherwise(file: Path) -> bool:
    others = (*SUFFIXES, *PICTURES, *VIDEOS, *KEPT_BY_THE_PLAYER)
    is_state = file.name.startswith(OURS) and file.suffix.startswith(".json")
    return file.suffix.lower() in others or file.name.startswith(DATABASE) or is_state


def _is_text(file: Path) -> bool:
    """By its beginning, as all that such commands write is. Raises OSError."""
    with file.open("rb") as there:
        head = there.read(_HEAD_BYTES)
    return b"\0" not in head or head.startswith(_UTF_16)


def _beside(real: Path, pieces: Iterable[bytes]) -> None:
    """Written beside it and moved over it. Raises OSError."""
    mode = real.stat().st_mode & 0o777 if real.exists() else 0o666 & ~_umask()
    handle, name = tempfile.mkstemp(dir=real.parent, prefix=".ambient-player-")
    try:
        with open(handle, "wb") as new:
            new.writelines(pieces)
        os.chmod(name, mode)
        os.replace(name, real)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def _umask() -> int:
    before = os.umask(0)
    os.umask(before)
    return before
