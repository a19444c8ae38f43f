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

from player.library.scan.tag_names import folded

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
_NUMBER = re.compile(r"^\d{1,3}\s*[-._)]*\s+(?=\D)")


def keys(
    content: str, artist: str, title: str, duration_s: float, ids: tuple[str, str] = ("", "")
) -> tuple[int, ...]:
    """The nine numbers, in the order of KEYS.

    content  hash of the sound, empty if it was not analysed
    ids      MusicBrainz recording id and ISRC, each empty if there is none
    """
    sound = zlib.crc32(content.encode()) if content else 0
    name, who = _plain(title), _plain(artist)
    by_name = [0, 0]
    if name and duration_s > 0:
        by_name = [_crc(f"{who}/{name}/{length}") for length in _lengths(duration_s, STEP_S)]
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


def _plain(text: str) -> str:
    """A name as one says it: without case, punctuation, and the number of a file on its album."""
    name = _NUMBER.sub("", folded(text).replace("_", " "))
    return " ".join(re.sub(r"[^\w\s]", " ", name).split())


def _crc(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "surrogatepass")) or 1
