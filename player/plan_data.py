"""What the library shows of itself without a running player: its picture."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from player import state
from player.errors import PlayerError
from player.library.store import Library
from player.mood_map import draw_map
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
