"""The playlists of the config: the files and stations that they add to the library."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from player.library.playlists import Entry, is_address, read_playlist
from player.library.stations import Station
from player.log import event
from player.mood.vocabulary import find
from player.redaction import address, learn, redacted
from player.settings import PlaylistSettings
from player.types import Mood

log = logging.getLogger(__name__)


def named_music(playlists: Iterable[PlaylistSettings]) -> tuple[dict[Path, Mood | None], list[Station]]:
    """What playlists name: files, each with the mood given to it, if any, and stations.

    A playlist that cannot be read is logged and left out.
    """
    files: dict[Path, Mood | None] = {}
    stations: dict[str, Station] = {}
    for playlist in playlists:
        named = find(playlist.mood) if playlist.mood else None
        mood = named.mood if named else None
        for entry in _entries(playlist):
            if isinstance(entry.source, Path):
                files[entry.source] = mood or files.get(entry.source)
            elif (station := _station(entry.source, entry.title, playlist, mood)) is not None:
                stations[station.url] = station
    return files, list(stations.values())


def _entries(playlist: PlaylistSettings) -> list[Entry]:
    if is_address(playlist.source):
        return [Entry(playlist.source, playlist.name)]
    try:
        return read_playlist(Path(playlist.source))
    except OSError as error:
        log.warning(
            "the playlist %s cannot be read (%s): check library.playlists",
            address(playlist.source),
            error.strerror,
            extra=event("library"),
        )
        return []
    except Exception as error:  # noqa: BLE001 - one playlist must not end the scan of all music
        log.warning("the playlist %s is left out (%r)", playlist.source, error, extra=event("library"))
        return []


def _station(url: str, title: str, playlist: PlaylistSettings, mood: Mood | None) -> Station | None:
    learn(url)
    host = urlsplit(url).hostname or "an address without a host"
    if mood is None:
        log.warning(
            "the station at %s in %s does not play: its playlist needs a mood in library.playlists",
            host,
            address(playlist.source),
            extra=event("library"),
        )
        return None
    return Station(url, redacted(title or playlist.name or host), mood, playlist.play_s)
