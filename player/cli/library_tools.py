"""What the library shows of itself without a running player: its picture, and the plan's table."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import sleep

from player.cli.arguments import decode
from player.cli.library_reading import open_to_read
from player.cli.mood_map import draw_map
from player.cli.mood_table import read_table, write_table
from player.cli.output_file import write
from player.config.settings.config import Config
from player.emotions import find
from player.errors import LibraryError, PlayerError
from player.library.database.mood_tags import MoodTags
from player.library.database.store import Library
from player.library.scan.lastfm import KEY_PAGE, LastFm, open_network
from player.privacy.redaction import variable
from player.state import state_file


def write_map(config: Config, file: Path, korean: bool) -> int:
    """Draw the library into an SVG file (see `draw_map`); how many tracks have a mood.

    Raises PlayerError if the file cannot be written.
    """
    with closing(open_to_read(config)) as library:
        tracks = library.tracks()
    write(file, [draw_map(tracks, korean).encode()], "map")
    return sum(track.mood is not None for track in tracks)


def export_table(config: Config, file: Path) -> int:
    """Write the library as the plan's CSV (see `write_table`); how many lines. Raises PlayerError.

    In UTF-8, with the mark by which spreadsheets know it.
    """
    with closing(open_to_read(config)) as library:
        table = io.StringIO()
        lines = write_table(library.tracks(), MoodTags(library.database).strongest(), table)
    write(file, [table.getvalue().encode("utf-8-sig")], "table")
    return lines


def import_table(config: Config, file: Path) -> tuple[int, list[str]]:
    """Take moods from such a CSV (see `read_table`): how many tracks got one, and what was passed over.

    Also as a spreadsheet has saved it, in CP949 say. Raises PlayerError if the file cannot be read.
    """
    try:
        table = io.StringIO(decode(file.read_bytes()), newline="")
    except OSError as error:
        raise PlayerError(f"{file} cannot be read ({error.strerror}): name a CSV table.") from error
    with closing(Library(state_file.database_path(config))) as library:
        try:
            moods, problems = read_table(table, library.tracks())
        except csv.Error as error:
            raise PlayerError(f"{file} cannot be read as a CSV table ({error}).") from error
        MoodTags(library.database).replace("table", {track: {name: 1.0} for track, name in moods.items()})
    return len(moods), problems


def mood_named(tag: str) -> str | None:
    """The English name of the mood that a tag means, if it means one."""
    named = find(tag)
    return named.name if named else None


def lastfm_tags(config: Config) -> Iterator[tuple[int, int, dict[str, float]]]:
    """Ask Last.fm, with the owner's key, about every track not yet asked about (see `fetch_tags`).

    Raises LibraryError without a key.
    """
    name = config.library.lastfm_key_env
    key = os.environ.get(name, "")
    if not key:
        raise LibraryError(f"Last.fm needs a key: make one at {KEY_PAGE} and put it into {variable(name)}.")
    yield from fetch_tags(state_file.database_path(config), LastFm(open_network(key), mood_named, sleep))


def fetch_tags(db_path: Path, service: LastFm) -> Iterator[tuple[int, int, dict[str, float]]]:
    """(done, in all, moods) after each track; each is kept at once, so that it may be stopped anywhere.

    Tracks without an artist are passed over: a title alone says nothing. Raises TagServiceError.
    """
    with closing(Library(db_path)) as library:
        tags = MoodTags(library.database)
        asked = tags.asked("lastfm")
        wanted = [track for track in library.tracks() if track.artist and track.id not in asked]
        for done, track in enumerate(wanted, start=1):
            found = service.moods(track.artist, track.title)
            tags.replace("lastfm", {track.id: found})
            yield done, len(wanted), found
