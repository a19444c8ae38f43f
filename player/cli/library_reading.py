"""The library for commands that only read it: beside a player that writes, and left as it is."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from player.config.settings.config import Config
from player.errors import LibraryError, OldLibraryError
from player.interfaces import socket
from player.library.database.store import Library
from player.state import places, state_file


def library_place(config: Config) -> Path:
    """Where the library is, or would be; nothing is created. Raises LibraryError."""
    place = state_file.state_place(config)
    if place is None:
        raise LibraryError("there is no home folder with a library (HOME is not set); set state_dir.")
    return place / state_file.DATABASE


def open_to_read(config: Config) -> Library:
    """The library as it is; nothing is created or mended. Raises LibraryError; NoLibraryError for none.

    One of an earlier version is brought up to date, unless a player runs, whose own that is to do.
    """
    path = library_place(config)
    try:
        return Library(path, read_only=True)
    except OldLibraryError:
        if socket.answering(places.sockets(config)) is not None:
            raise
    with closing(Library(path)):
        pass
    return Library(path, read_only=True)
