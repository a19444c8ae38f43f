"""Words from the command line or a pipe, whatever encoding they were written in."""

from __future__ import annotations

import os
from pathlib import Path

from player.errors import ControlError
from player.library.playlists import decode


def typed(text: str) -> str:
    """An argument as text: Python hands over bytes that are not UTF-8, from an old terminal or script, as
    lone surrogates.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return decode(os.fsencode(text))
    return text


def named(file: Path) -> str:
    """The absolute name of a file that an argument means, to be sent on.

    Raises ControlError where the file's own name is not UTF-8.
    """
    path = file.absolute()
    meant = Path(typed(str(path)))
    if meant != path and path.exists():
        raise ControlError(f"{file} has a name that is not UTF-8: rename it.")
    return str(meant)
