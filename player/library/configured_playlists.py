"""The playlists of the config: the files and stations that they add to the library."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from player.config.settings.library import LibrarySettings, PlaylistSettings
from player.emotions import find
from player.errors import PlaylistError
from player.library.database.stations import Station
from player.library.scan.entry_finder import Finder
from player.library.scan.playlists import Entry, read_playlist
from player.log import EventLog, LogEvent
from player.privacy.redaction import address, learn, redacted
from player.system.probes import run_with_timeout
from player.types import Mood, is_address

log = EventLog(__name__, LogEvent.LIBRARY)

EXAMPLES = 3
"""Entries that lead to nothing are told by so many; the playlist has the others."""
MAX_SHOWN = 80
"""Letters of an entry that are told."""
CHECK_S = 10.0
"""A check of config.yaml waits for the disks for so long."""


class NamedMusic(NamedTuple):
    """What playlists name."""

    files: dict[Path, Mood | None]
    """Each with the mood given to it, if any; also those that are not there now."""
    stations: list[Station]
    missing: list[str]
    """For each playlist that names what is not there, or nothing, or is of another kind, a sentence."""
    away: bool
    """A playlist cannot be read, or nothing that it names is here: as with an unplugged disk."""


def named_music(playlists: Iterable[PlaylistSettings], folders: Sequence[Path] = ()) -> NamedMusic:
    """What playlists name; `folders` are where the music of another machine's paths may lie here.

    A playlist that cannot be read is logged and left out.
    """
    files: dict[Path, Mood | None] = {}
    stations: dict[str, Station] = {}
    missing: list[str] = []
    away = False
    finder = Finder(folders)
    for playlist in playlists:
        named = find(playlist.mood) if playlist.mood else None
        mood = named.mood if named else None
        try:
            entries = _entries(playlist, finder)
        except PlaylistError as error:
            missing.append(redacted(str(error)))
            entries = None
        if entries is None:
            away = True
            continue
        if lost := [entry.missing for entry in entries if entry.missing]:
            missing.append(_not_here(Path(playlist.source), lost, len(entries)))
            away = away or len(lost) == len(entries)
        elif not entries:
            missing.append(f"{redacted(Path(playlist.source).name)}: it names no music")
        for entry in entries:
            if isinstance(entry.source, Path):
                files[entry.source] = mood or files.get(entry.source)
            elif (station := _station(entry.source, entry.title, playlist, mood)) is not None:
                stations[station.url] = station
    return NamedMusic(files, list(stations.values()), missing, away)


def missing_entries(library: LibrarySettings) -> list[str]:
    """For each playlist that names what is not there, or nothing, or is of another kind, a sentence; none if
    a disk does not answer.
    """
    quiet = [playlist for playlist in library.playlists if not is_address(playlist.source)]
    try:
        return run_with_timeout(lambda: named_music(quiet, library.folders).missing, CHECK_S)
    except TimeoutError:
        return []


def _not_here(playlist: Path, lost: Sequence[str], among: int) -> str:
    """How many entries of a playlist lead to nothing, with examples."""
    examples = ", ".join(_shown(name) for name in lost[:EXAMPLES])
    more = ", ..." if len(lost) > EXAMPLES else ""
    entries = "1 entry leads" if among == 1 else f"{len(lost)} of {among} entries lead"
    return f"{redacted(playlist.name)}: {entries} to no music that is here: {examples}{more}"


def _shown(name: str) -> str:
    """An entry as it may be shown: in one short line, its end rather than its beginning."""
    name = "".join(letter if letter.isprintable() else "?" for letter in name)
    name = redacted(address(name) if "://" in name and not name.lower().startswith("file:") else name)
    return name if len(name) <= MAX_SHOWN else f"...{name[-MAX_SHOWN:]}"


def _entries(playlist: PlaylistSettings, finder: Finder) -> list[Entry] | None:
    """What a playlist names; None if it cannot be read. Raises PlaylistError."""
    if is_address(playlist.source):
        return [Entry(playlist.source, playlist.name)]
    try:
        return read_playlist(Path(playlist.source), finder)
    except OSError as error:
        log.warning(
            "the playlist %s cannot be read (%s): check library.playlists",
            address(playlist.source),
            error.strerror,
        )
        return None
    except PlaylistError:
        raise
    except Exception as error:  # noqa: BLE001 - one playlist must not end the scan of all music
        log.warning("the playlist %s is left out (%r)", playlist.source, error)
        return None


def _station(url: str, title: str, playlist: PlaylistSettings, mood: Mood | None) -> Station | None:
    learn(url)
    host = urlsplit(url).hostname or "an address without a host"
    if mood is None:
        log.warning(
            "the station at %s in %s does not play: its playlist needs a mood in library.playlists",
            host,
            address(playlist.source),
        )
        return None
    return Station(url, redacted(title or playlist.name or host), mood, playlist.play_s)
