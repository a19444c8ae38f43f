"""Which files hold the same recording: a FLAC and its MP3 mirror, a copy in another folder.

Five numbers stand for a recording: one for the sound as it lies in the file, two for artist, title and
length, by grids of lengths that lie half a step apart: files whose lengths differ by less meet in one; and
one each for the ids that tags may hold, of MusicBrainz and ISRC.
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
KEYS = ("same_sound", "same_name", "same_name_too", "same_musicbrainz_id", "same_isrc")
"""Columns of a Table; 0 if nothing is known."""

Table = npt.NDArray[np.void]
_NUMBER = re.compile(r"^\d{1,3}\s*[-._)]*\s+(?=\D)")


def keys(
    content: str, artist: str, title: str, duration_s: float, ids: tuple[str, str] = ("", "")
) -> tuple[int, int, int, int, int]:
    """The five numbers, in the order of KEYS.

    content  hash of the sound, empty if it was not analysed
    ids      MusicBrainz recording id and ISRC, each empty if there is none
    """
    sound = zlib.crc32(content.encode()) if content else 0
    musicbrainz_id, isrc = (_crc(one) if one else 0 for one in ids)
    name = _plain(title)
    who = _plain(artist)
    if not name or duration_s <= 0:
        return sound, 0, 0, musicbrainz_id, isrc
    first, second = int(duration_s / STEP_S), int(duration_s / STEP_S + 0.5)
    by_name, by_name_too = (
        _crc(f"{who}/{name}/{number}/{grid}") for grid, number in enumerate((first, second))
    )
    return sound, by_name, by_name_too, musicbrainz_id, isrc


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
