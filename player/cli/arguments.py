"""Words from the command line or a pipe, whatever encoding they were written in."""

from __future__ import annotations

import os
from pathlib import Path

from player.errors import ControlError
from player.types import is_utf8


def typed(text: str) -> str:
    """An argument as text: Python hands over bytes that are not UTF-8, from an old terminal or script, as
    lone surrogates.
    """
    return text if is_utf8(text) else decode(os.fsencode(text))


def decode(data: bytes) -> str:
    """Bytes as text: UTF-8 with or without a mark, UTF-16 with one, CP949, or else Latin-1."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def named(file: Path) -> str:
    """The absolute name of a file that an argument means, to be sent on.

    Raises ControlError if the file's own name is not UTF-8.
    """
    path = file.absolute()
    meant = Path(typed(str(path)))
    if meant != path and path.exists():
        raise ControlError(f"{file} has a name that is not UTF-8: rename it.")
    return str(meant)
