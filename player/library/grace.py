"""What is gone from the music folders: kept for `library.grace_days`, and while its disk may be away."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from player.clock import BUILT, ClockTrust, Wall
from player.config.settings.library import LibrarySettings
from player.counting import counted
from player.library.configured_playlists import NamedMusic
from player.library.database.store import Library
from player.library.scan.first_music import first_playable
from player.log import EventLog, LogEvent

log = EventLog(__name__, LogEvent.LIBRARY)


class Grace:
    """Lets go of what is gone for long, by one set of settings. For one thread.

    running  a clock that nobody can set, in seconds
    """

    def __init__(
        self, settings: LibrarySettings, library: Library, wall: Wall, running: Callable[[], float]
    ) -> None:
        self._settings, self._library, self._wall = settings, library, wall
        self._clock_trust = ClockTrust(wall, running)
        self._places = [folder.expanduser().absolute() for folder in settings.folders]

    def forget(self, closed: Sequence[Path], named: NamedMusic) -> None:
        """After a scan: let go of files gone for long, but for those on a disk or in a folder that is away.

        closed  what the scan could not look at
        named   what the playlists name

        Raises LibraryError.
        """
        away = [*closed, *(folder for folder in self._places if first_playable((folder,)) is None)]
        if not self._clock_trust.is_sure():
            return
        before = self._wall() - timedelta(days=self._settings.grace_days)
        silent: dict[Path, bool] = {}
        forgotten = self._library.forget_missing(
            before, away, BUILT, lambda path: self._is_away(path, named, silent)
        )
        if forgotten:
            days = self._settings.grace_days
            unit = "day" if days == 1 else "days"
            log.info("library: forgot %s, gone for %g %s", counted(forgotten, "track"), days, unit)

    def _is_away(self, path: Path, named: NamedMusic, silent: dict[Path, bool]) -> bool:
        """Whether a missing file may lie on an unplugged disk.

        Below a music folder that disk is linked or mounted: the link leads nowhere, or the place is empty.
        Nobody knows what a playlist names that cannot be read: all outside of the music folders may be its.
        `silent` is what is known by now of folders: whether there is no music in them.
        """
        inside = [place for place in self._places if path.is_relative_to(place)]
        if (inside or named.missing) and os.path.lexists(path):
            return True  # it was when this scan looked; it is there again, and the next one finds it
        if inside:
            left = next(folder for folder in path.parents if folder in inside or os.path.lexists(folder))
            return left not in inside and _is_silent(left, silent)
        if named.away or not (named.missing and path.is_absolute()):
            return named.away
        return _is_silent(path.parent, silent)


def _is_silent(folder: Path, silent: dict[Path, bool]) -> bool:
    if folder not in silent:
        silent[folder] = first_playable((folder,)) is None
    return silent[folder]
