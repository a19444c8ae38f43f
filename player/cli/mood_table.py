"""The original plan's table of music and moods: seven columns, written and read as CSV."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import TextIO
from urllib.parse import quote_plus

from player.emotions import Named, find, vocabularies
from player.errors import LibraryError
from player.interfaces.play_exports import text_cell
from player.types import Track

COLUMNS = ("artist", "music_name", "duration", "lastfm_url", "youtube_url", "mood_EN", "mood_KOR")
_YOUTUBE = "https://www.youtube.com/results?search_query="
_FEATURED = re.compile(r"\s*[(\[]?\b(?:feat|ft|featuring)\b\.?\s.*$")


def write_table(tracks: Iterable[Track], tags: Mapping[int, str], out: TextIO) -> int:
    """Write a line per track, by artist and title; how many.

    `duration` is whole seconds. The addresses are made from the names: Last.fm's page, a search on YouTube.
    The mood is the track's tag (Track.id -> name), else the analysis's feeling, else empty. No text in it is
    a formula to a spreadsheet.
    """
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    ordered = sorted(tracks, key=lambda t: (t.artist, t.title, str(t.path)))
    for track in ordered:
        named = _mood(track, tags)
        artist, title = quote_plus(track.artist), quote_plus(track.title)
        writer.writerow(
            (
                text_cell(track.artist), text_cell(track.title), round(track.duration_s),
                f"https://www.last.fm/music/{artist}/_/{title}" if artist else "",
                _YOUTUBE + quote_plus(f"{track.artist} {track.title}".strip()),
                named.name if named else "", named.korean if named else "",
            )
        )  # fmt: skip
    return len(ordered)


def _mood(track: Track, tags: Mapping[int, str]) -> Named | None:
    if track.id in tags:
        return find(tags[track.id])
    return vocabularies()["feelings"].get(track.mood.name) if track.mood is not None else None


def read_table(table: TextIO, tracks: Sequence[Track]) -> tuple[dict[int, str], list[str]]:
    """Moods (Track.id -> name) that a table gives to tracks, and a sentence per line that gives none.

    A line belongs to the tracks of the same artist and title, whatever their case and Unicode form and
    without "feat." and what follows. `mood_EN` counts, and `mood_KOR` if that is empty; a line with
    neither says nothing and is passed over. Commas, semicolons or tabs may stand between the columns.
    Raises LibraryError for a table with other columns.
    """
    known = defaultdict(list)
    for track in tracks:
        names = product({track.artist, text_cell(track.artist)}, {track.title, text_cell(track.title)})
        for key in {_key(*name) for name in names}:  # as its tags have it, or as a table was written
            known[key].append(track.id)
    moods: dict[int, str] = {}
    problems = []
    delimiter = max(",;\t", key=table.readline().count)  # as spreadsheets save it, here and there
    table.seek(0)
    reader = csv.DictReader(table, restval="", delimiter=delimiter)
    if missing := {"artist", "music_name", "mood_EN"}.difference(reader.fieldnames or ()):
        raise LibraryError(
            f"The table's first line does not name {', '.join(sorted(missing))}: begin with one that"
            " `library export` writes."
        )
    for row in reader:
        word = row["mood_EN"].strip() or (row.get("mood_KOR") or "").strip()
        ids = known.get(_key(row["artist"], row["music_name"]))
        named = find(word)
        if not ids:
            problems.append(
                f"line {reader.line_num}: {row['artist']} - {row['music_name']} is not in the library"
            )
        elif word and named is None:
            problems.append(f"line {reader.line_num}: {word} is no mood that is known")
        elif named is not None:
            moods |= dict.fromkeys(ids, named.name)
    return moods, problems


def _key(artist: str, title: str) -> tuple[str, str]:
    return _plain(artist), _plain(title)


def _plain(name: str) -> str:
    return _FEATURED.sub("", " ".join(unicodedata.normalize("NFC", name).casefold().split()))
