"""Names as they are looked for: whatever their case, accents and Unicode form, in every script."""

from __future__ import annotations

import re
import unicodedata

from player.library.scan.tag_names import folded
from player.types import Track

MOST_WORDS = 16
MOST_LETTERS = 200
"""Of what is asked, in characters after folding."""
_ACCENTS = re.compile("[\u0300-\u036f]+")
"""Not Japanese voicing marks, or the vowels of Indian scripts: they make other letters."""
_LETTERS = str.maketrans({"ø": "o", "đ": "d", "ð": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h"})
"""What Unicode does not take apart."""
_MOST_NAME = 300  # characters of each; a longer one is found by its beginning


def plain(text: str) -> str:
    """Text without case, accents and odd blanks; Hangul in whole syllables."""
    text = folded(text)
    if text.isascii():
        return text
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFC", bare.translate(_LETTERS))


def names_text(*names: str | None) -> str:
    """What a track or a play is found by: a line for each of its names."""
    return "\n".join(plain((name or "")[:_MOST_NAME]) for name in names)


def names_of(track: Track) -> str:
    """The same of a track, which is ordered by it, too."""
    return names_text(track.artist, track.title, track.album, track.genre)


def words(text: str) -> list[str]:
    """The words that what is found must hold, each somewhere."""
    return list(dict.fromkeys(plain(text)[:MOST_LETTERS].split()))[:MOST_WORDS]
