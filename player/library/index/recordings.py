"""Which files hold the same recording: a FLAC and its MP3 mirror, a copy in another folder.

Nine numbers stand for a recording: one for the sound as it lies in the file, two for artist, title and
length, by grids of lengths that lie half a step apart: files whose lengths differ by less meet in one; and
three each for the ids that tags may hold, of MusicBrainz and ISRC: with the title, and with the length, in
two such grids. By itself an id proves nothing: some taggers write one into every file of an album.
Titles keep what tells versions apart ("live", "remix"): those are other recordings.
"""

from __future__ import annotations

import re
import zlib

import numpy as np
import numpy.typing as npt

from player.library.scan.tag_names import GUEST, NOBODY, NUMBER, first_artist, folded
from player.library.search_text import plain

STEP_S = 6.0
"""Encoders and lengths stated in headers differ by less than half of this."""
ID_STEP_S = 4.0
"""The same for files with the same id."""
_BY_ID = ("title", "length", "length_too")
KEYS = (
    *("same_sound", "same_name", "same_name_too"),
    *(f"same_{kind}_and_{what}" for kind in ("musicbrainz_id", "isrc") for what in _BY_ID),
)
"""Columns of a Table; 0 if nothing is known."""

Table = npt.NDArray[np.void]
_GUEST = re.compile(
    rf"\s*[(\[{{]?(?<!\w){GUEST}(?:[.:]+\s*|\s+)[^()\[\]{{}}]*?(?:[)\]}}]|(?=\s-\s|[(\[{{]|$))"
)
_VERSION = re.compile(
    r"(?:re)?mix|live|version|edit|acoustic|unplugged|instrumental|demo|karaoke|cover|dub|master|vip|라이브|리믹스"
)
_AND = re.compile(r"\s*[&+]\s*|\s'?n'?\s")


def keys(
    content: str, artist: str, title: str, duration_s: float, ids: tuple[str, str] = ("", "")
) -> tuple[int, ...]:
    """The nine numbers, in the order of KEYS.

    content  hash of the sound, empty if it was not analysed
    ids      MusicBrainz recording id and ISRC, each empty if there is none
    """
    sound = zlib.crc32(content.encode()) if content else 0
    who, name = _names(artist, title)
    by_name = [0, 0]
    if name and duration_s > 0:
        by_name = [_crc(f"{who} {name}/{length}") for length in _lengths(duration_s, STEP_S)]
    return sound, *by_name, *(number for one in ids for number in _by_id(one, name, duration_s))


def _by_id(one: str, name: str, duration_s: float) -> list[int]:
    by_length = [0, 0]
    if one and duration_s > 0:
        by_length = [_crc(f"{one}/{length}") for length in _lengths(duration_s, ID_STEP_S)]
    return [_crc(f"{one}/{name}") if one and name else 0, *by_length]


def _lengths(duration_s: float, step_s: float) -> list[str]:
    """The places of a length in two grids that lie half a step apart."""
    return [f"{int(duration_s / step_s + 0.5 * grid)}/{grid}" for grid in (0, 1)]


class Index:
    """Finds the copies of a recording in a table; to be made again for another one."""

    def __init__(self, table: Table) -> None:
        # Columns by themselves: a look through a million of them takes a tenth of that through the table.
        self._columns = [np.ascontiguousarray(table[key]) for key in KEYS]

    def copies(self, place: int) -> npt.NDArray[np.int64]:
        """The places of all rows that hold what the row at `place` holds, its own among them."""
        found = [np.array([place])]
        found += [np.flatnonzero(column == column[place]) for column in self._columns if column[place]]
        return np.unique(np.concatenate(found))


def share_newest(table: Table) -> None:
    """Have every copy of a recording count as heard when the newest heard one was."""
    heard_at = table["heard_at"]
    for key in KEYS:
        known = np.flatnonzero(table[key])
        if not len(known):
            continue
        order = known[np.argsort(table[key][known], kind="stable")]
        starts = np.flatnonzero(np.concatenate(([True], np.diff(table[key][order]) != 0)))
        newest = np.fmax.reduceat(heard_at[order], starts)
        heard_at[order] = np.repeat(newest, np.diff(np.append(starts, len(order))))


def _names(artist: str, title: str) -> tuple[str, str]:
    """Who comes first in the name of a recording, and its title; of an untagged file both from its name."""
    name, artist = NUMBER.sub("", folded(title.replace("_", " "))), folded(artist)
    before, _, behind = name.partition(" - ")
    if behind and (artist in NOBODY or first_artist(artist) == first_artist(before)):
        artist, name = before, behind
    return _said(first_artist(artist)), _said(_without_guests(name))


def _without_guests(name: str) -> str:
    """A title less its "(feat. B)", unless that tells a version apart."""
    return _GUEST.sub(lambda found: found[0] if _VERSION.search(found[0]) else " ", name)


def _said(name: str) -> str:
    """A name as one says it: without accents, apostrophes and punctuation."""
    name = re.sub(r"['’]|(?<=\b\w)\.(?=\w\b)", "", _AND.sub(" and ", plain(name)))
    return " ".join(re.sub(r"[^\w\s]", " ", name).split())


def _crc(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "surrogatepass")) or 1
