"""A playlist as others read it: M3U8 for players, JSON for programs, lines for a person."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from player.privacy.printable import on_one_line
from player.selection.playlist import Playlist, PlaylistTrack, named, tracks
from player.types import Json, is_utf8

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def as_json(playlist: Playlist) -> Json:
    """Every step by name; docs/playlist.md says what each key means."""
    return asdict(playlist)


def as_m3u(playlist: Playlist, folder: Path | None = None) -> bytes:
    """An extended M3U in UTF-8.

    What lies below `folder`, which is the playlist's own, is named from there, so that both may move
    together; everything else in full.
    """
    entries = ((step.path, step.artist, step.title, step.duration_s) for step in playlist.steps)
    return _m3u(playlist.name, entries, folder)


def json_as_m3u(found: Json) -> bytes:
    """The same for a list as `as_json` gives it."""
    entries = ((step["path"], step["artist"], step["title"], step["duration_s"]) for step in found["steps"])
    return _m3u(named(found["wish"], found["length_s"]), entries, None)


def _m3u(name: str, entries: Iterable[tuple[str, str, str, float]], folder: Path | None) -> bytes:
    lines = ["#EXTM3U", f"#PLAYLIST:{on_one_line(name)}"]
    for path, artist, title, duration_s in entries:
        said = f"{artist} - {title}" if artist else title
        lines += [f"#EXTINF:{round(duration_s)},{on_one_line(said)}", _entry(Path(path), folder)]
    return "".join(f"{line}\n" for line in lines).encode()


def _entry(path: Path, folder: Path | None) -> str:
    """A path as players read it on a line; as an address if the line could not hold it."""
    name = str(path)
    if folder is not None and path.is_relative_to(folder):
        name = str(path.relative_to(folder))
        if name.startswith("#") or _SCHEME.match(name):  # a comment or an address by its looks
            name = f"./{name}"
    plain = is_utf8(name) and name == name.strip() and all(c.isprintable() or c == " " for c in name)
    return name if plain else path.as_uri()


def as_list(playlist: Playlist) -> Iterator[str]:
    """The tracks for a person, a line each, with when they begin."""
    for number, step in enumerate(playlist.steps, 1):
        yield f"{number:>3}. {clock(step.starts_s):>8}  {_named(step)}  {clock(step.duration_s)}"


def explained(playlist: Playlist) -> Iterator[str]:
    """Every step for a person: seen, mood, target, and for each track who else was weighed; the length."""
    if playlist.seen is not None:
        people = f"; people: {playlist.seen.people}" if playlist.seen.people else ""
        yield f"seen: {playlist.seen.caption}{people} ({playlist.seen.reader} reader)"
    mood, target = playlist.mood, playlist.target
    yield f"mood: {mood.feeling} ({_point(mood.valence, mood.energy)}): {on_one_line(mood.why)}"
    yield f"music: {target.reason} ({_point(target.valence, target.energy)}); it is {playlist.daypart} now"
    for number, step in enumerate(playlist.steps, 1):
        yield f"{number}. {_named(step)}: {on_one_line(step.reason)} [{_scores(step.score)}]"
        for other in step.runners_up:
            artist = f"{on_one_line(other.artist)} - " if other.artist else ""
            yield f"     rather than {artist}{on_one_line(other.title)} [{_scores(other.score)}]"
    yield from (f"note: {note}" for note in playlist.notes)
    yield f"length: {clock(playlist.length_s)} of {clock(playlist.asked_s)}, {tracks(len(playlist.steps))}"


def clock(seconds: float) -> str:
    """1:02:03, or 2:03 below an hour."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _named(step: PlaylistTrack) -> str:
    title = on_one_line(step.title) or on_one_line(os.path.basename(step.path))
    return f"{on_one_line(step.artist)} - {title}" if step.artist else title


def _point(valence: float, energy: float) -> str:
    return f"valence {valence:+.2f}, energy {energy:+.2f}"


def _scores(score: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {part:.2f}" for name, part in score.items())
