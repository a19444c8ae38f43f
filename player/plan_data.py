"""What the library shows of itself without a running player: its picture, and the plan's table."""

from __future__ import annotations

import csv
from contextlib import closing
from pathlib import Path

from player import state
from player.errors import PlayerError
from player.library.mood_tags import MoodTags
from player.library.store import Library
from player.mood_map import draw_map
from player.mood_table import read_table, write_table
from player.settings import Config


def write_map(config: Config, file: Path, korean: bool) -> int:
    """Draw the library into an SVG file (see `draw_map`); how many tracks have a mood.

    Raises PlayerError where the file cannot be written.
    """
    with closing(Library(state.database_path(config))) as library:
        tracks = library.tracks()
    try:
        file.write_text(draw_map(tracks, korean), encoding="utf-8")
    except OSError as error:
        raise PlayerError(f"{file} cannot be written ({error.strerror}): choose another place.") from error
    return sum(track.mood is not None for track in tracks)


def export_table(config: Config, file: Path) -> int:
    """Write the library as the plan's CSV (see `write_table`), UTF-8; how many lines. Raises PlayerError."""
    path = state.database_path(config)
    with closing(Library(path)) as library, closing(MoodTags(path)) as tags:
        try:
            with file.open("w", encoding="utf-8", newline="") as out:
                return write_table(library.tracks(), tags.strongest(), out)
        except OSError as error:
            raise PlayerError(
                f"{file} cannot be written ({error.strerror}): choose another place."
            ) from error


def import_table(config: Config, file: Path) -> tuple[int, list[str]]:
    """Take moods from such a CSV (see `read_table`): how many tracks got one, and what was passed over.

    Raises PlayerError where the file cannot be read.
    """
    path = state.database_path(config)
    with closing(Library(path)) as library, closing(MoodTags(path)) as tags:
        try:
            with file.open(encoding="utf-8-sig", newline="") as table:
                moods, problems = read_table(table, library.tracks())
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise PlayerError(f"{file} cannot be read as a CSV table in UTF-8 ({error}).") from error
        tags.replace("table", {track: {name: 1.0} for track, name in moods.items()})
    return len(moods), problems
