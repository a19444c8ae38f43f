"""Names of artists and genres: spelt in one way, and every name that a tag holds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from mutagen.id3 import TCON

_TYPED = str.maketrans(
    dict.fromkeys("‘’‚‛′ʼ`´", "'")
    | dict.fromkeys("“”„‟″«»", '"')
    | dict.fromkeys("‐‑‒–—―−", "-")
    | dict.fromkeys("•∙‧⋅●", "·")
    | dict.fromkeys("∕⁄", "/")
    | {"ı": "i", "\u0307": "", "…": "..."}
)
"""What is typed in more than one way. U+0307 is what remains of a Turkish capital I in lower case."""
_UNSEEN = ("Cf", "Cc")
"""Unicode's kinds of characters that nobody sees: joiners, marks of direction, NUL."""

_GUEST = r"(?:feat|ft|featuring)"
_ARTISTS = re.compile(
    r"(?:\s*(?:[;/,|\\、·・&+×()\[\]{}]"
    r"|(?<=\s)(?:and|und|et|y|e|och|og|и|with|mit|con|avec|com|w/|x|vs\.?|versus|meets|pres\.?|presents)(?=\s)"
    rf"|(?<!\w){_GUEST}(?:\.|(?=\s)))\s*)+"
)
_GENRES = re.compile(r"(?:\s*(?:---|[;/,|\\>、·・])(?:\s*&(?=\s))?\s*)+")
_BRACKETED = re.compile(rf"[(\[{{][^)\]}}]*?(?<!\w)(?:{_GUEST}|with|w/|vs)(?:[./]\s*|\s+)([^)\]}}]+)")
_OPEN = re.compile(rf"\s{_GUEST}(?:\.\s*|\s+)([^()\[\]{{}}]+?)(?=\s-\s|[()\[\]{{}}]|$)")
_NUMBERED = re.compile(r"\s*\(?(\d{1,3}|RX|CR)\)?(?=\W|$)")
_MOST_PIECES = 8
"""Of a longer list not every part is looked at, but the pieces and their neighbours."""


def composed(text: str) -> str:
    """A name in the one of Unicode's forms that keyboards write; some disks and Macs have the other."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """A name as it is compared: one case, one Unicode form and width, plain quotes, single blanks."""
    if text.isascii() and text.isprintable():
        return " ".join(text.casefold().replace("`", "'").split())
    text = unicodedata.normalize("NFKC", text.translate(_TYPED))
    text = unicodedata.normalize("NFKC", text.casefold().translate(_TYPED))
    seen = (" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c) not in _UNSEEN)
    return " ".join("".join(seen).split())


def artist_names(values: Iterable[str], title: str = "") -> tuple[str, ...]:
    """Everyone whom the tags name, folded: each value as a whole, and whom it joins by `feat.`, `&` etc.

    values  of the artist tags of one file, of the album too
    title   whose "(feat. B)" counts too
    One empty name if there is nobody.
    """
    text = folded(title)
    guests = [found[1] for pattern in (_BRACKETED, _OPEN) for found in pattern.finditer(text)]
    return _names([*values, *guests], _ARTISTS)


def genre_names(values: Iterable[str]) -> tuple[str, ...]:
    """Every genre that the tags name, folded: each value as a whole and in parts. One empty name for none."""
    names = _names(numbered_genres(values), _GENRES)
    return tuple(dict.fromkeys([*names, *(folded(genre) for genre in numbered_genres(names))]))


def numbered_genres(values: Iterable[str]) -> list[str]:
    """Genres, those with ID3v1's numbers (17, "(17)", "(4)Eurodisco", RX) by their names."""
    found: list[str] = []
    for value in values:
        if not _NUMBERED.match(value.upper()):
            found.append(value)
            continue
        genres: list[str] = TCON(text=[value.upper()]).genres  # type: ignore[no-untyped-call]
        if not genres or "Unknown" in genres:
            found.append(value)
        else:  # what stands behind the numbers keeps its case
            found += [value.strip()[-len(genre) :] if genre.isupper() else genre for genre in genres]
    return found


def _names(values: Iterable[str], separator: re.Pattern[str]) -> tuple[str, ...]:
    wholes = [folded(part) for value in values for part in re.split(r"[\0\r\n]", value)]
    return tuple(dict.fromkeys(name for whole in wholes for name in _parts(whole, separator))) or ("",)


def _parts(whole: str, separator: re.Pattern[str]) -> Iterator[str]:
    """A list as a whole and every run of its pieces: of "a, b & c" also "a, b" and "b & c"."""
    if whole:
        yield whole
    at = [0, *(edge for found in separator.finditer(whole) for edge in found.span()), len(whole)]
    pieces = [(start, end) for start, end in zip(at[::2], at[1::2], strict=True) if start < end]
    longest = len(pieces) if len(pieces) <= _MOST_PIECES else 2
    for first, (start, _) in enumerate(pieces):
        for _, end in pieces[first : first + longest]:
            yield whole[start:end].strip()
