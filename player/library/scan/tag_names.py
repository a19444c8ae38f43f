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

_OPENS, _CLOSES = re.escape("([{<【〔《〈「『〖"), re.escape(")]}>】〕》〉」』〗")
_WAVES = "~〜"
GUEST = r"(?:feat|ft|featuring|featured|starring|피처링|피쳐링)"
_WITH = (
    r"(?:(?:together|along|duet)\s+)?with|w/|mit|con|avec|com|met|med|vs|versus|meets|pres|presents"
    r"|introducing"
)
_AND = r"and|und|et|y|e|och|og|en|ve|и|x|plus|'?n'?"
_DASH = r"(?<=\s)-+(?=\s)"
_ARTISTS = re.compile(
    rf"(?:\s*(?:[;/,،|¦\\、·・&+×✕✖→{_WAVES}{_OPENS}{_CLOSES}]|{_DASH}"
    rf"|(?<=[\s{_OPENS}])(?:{_AND}|{_WITH})[.:]?(?=\s)|(?<=[{_OPENS}])guests?[.:]?(?=\s)"
    rf"|(?<!\w)(?:{GUEST}(?:[.:]+|(?=[\s{_CLOSES}]))|cv[.:]+))\s*)+"
)
_GENRES = re.compile(rf"(?:\s*(?:---|{_DASH}|[;:/,|¦+#~\\>、·・()\[\]{{}}])(?:\s*&(?=\s))?\s*)+")
_BRACKETED = re.compile(
    rf"[{_OPENS}](?:[^{_OPENS}{_CLOSES}]*?(?<![\w.])"
    rf"(?:(?:{GUEST}|{_WITH}|duet|guests?|cv(?=[.:]))(?:[.:/]+\s*|\s+)|(?:[fw]/(?!o\s)|w\.)\s*)"
    rf"|\s*(?:[&+×]\s*|(?:{_AND})\s+))([^{_CLOSES}]+)"
)
_OPEN = re.compile(
    rf"(?:(?:(?<=\W){GUEST}|\s[-{_WAVES}]\s?(?:{_WITH}))(?:[.:]+\s*|\s+)|\s[fw]/(?!o\s)\s*)"
    rf"([^{_OPENS}{_CLOSES}]+?)(?=\s-\s|[{_OPENS}{_CLOSES}]|$)"
)
_LINE = re.compile("[\0\r\n]")
_COLUMN = re.compile("[\t\v\f\x1c-\x1f\x85\u2028\u2029]")
"""Blanks that part names, or stand within one."""
_ALSO = re.compile(r"\s(?:and|\+)\s|\s?&\s?")
_EDGES = f" -{_WAVES}"
"""What may stand around a name within a list."""
_TURNED = re.compile(r"(.+), (the|a|an|die|der|das|le|la|les|el|los|las|il|gli)")
NUMBER = re.compile(r"^[(\[]?(?:\d{1,2}[-.])?\d{1,3}(?:\s*[-._)\]]+\s*|\s+)(?=\D)")
"""The number of a file on its album before its title, folded; of a disc, too."""
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


NOBODY = frozenset(map(folded, (
    "", "various", "various artist", "various artists", "va", "v.a", "v.a.", "v/a", "v. a.", "unknown",
    "unknown artist", "<unknown>", "[unknown]", "(unknown)", "verschiedene", "verschiedene interpreten",
    "verschiedene Künstler", "unbekannter Interpret", "unbekannter Künstler", "diverse", "divers",
    "artistes divers", "multi-interprètes", "artiste inconnu", "varios", "varios artistas",
    "artista desconocido", "vários artistas", "artista desconhecido", "artisti vari", "aa.vv.",
    "artista sconosciuto", "diverse artiesten", "onbekende artiest", "różni wykonawcy", "nieznany wykonawca",
    "okänd artist", "ukendt kunstner", "ukjent artist", "tuntematon esittäjä", "neznámý interpret",
    "ismeretlen előadó", "bilinmeyen sanatçı", "άγνωστος καλλιτέχνης", "разные исполнители",
    "неизвестный исполнитель", "невідомий виконавець", "여러 아티스트", "알 수 없는 아티스트",
    "알 수 없는 음악가", "여러 음악가", "不明なアーティスト", "ヴァリアス・アーティスト", "群星",
    "未知艺术家", "未知藝術家", "未知演出者",
)))  # fmt: skip
"""What stands, folded, for an artist where there is none."""


def and_names(name: str) -> tuple[str, ...]:
    """A folded name, and the same with each other sign for "and" in it."""
    plain = _ALSO.sub(" & ", name)
    return tuple(dict.fromkeys((name, *(plain.replace(" & ", one) for one in (" & ", " and ", " + ", "&")))))


def artist_names(values: Iterable[str], title: str = "") -> tuple[str, ...]:
    """Everyone whom the tags name, folded: each value as a whole, and whom it joins by `feat.`, `&` etc.

    values  of the artist tags of one file, of the album too
    title   whose "(feat. B)" counts too; without a blank it is a file's name, whose are written as _
    One empty name if there is nobody.
    """
    text = folded(title if " " in title else title.replace("_", " "))
    guests = [found[1] for pattern in (_BRACKETED, _OPEN) for found in pattern.finditer(text)]
    bare = [guest.strip(_EDGES) for guest in guests]
    return _names([*values, *guests, *bare], _ARTISTS)


def first_artist(name: str) -> str:
    """Who stands first in the name of one or several artists, folded and without an article."""
    whole = folded(name)
    first = next(filter(None, _ARTISTS.split(whole)), whole)
    return first.removeprefix("the ") or first


def names_in_title(artist: str, title: str) -> tuple[str, ...]:
    """Whom a title names before " - " where no artist is said, as in `01 - B - Song`: only a guess."""
    if folded(artist) not in NOBODY:
        return ()
    *before, _ = re.split(r"\s-+\s", folded(title.replace("_", " ")))
    names = (name for part in before for name in (part, NUMBER.sub("", part)))
    return tuple(filter(None, _names(names, _ARTISTS)))


def turned(name: str) -> str:
    """A folded name as one says it: "the beatles" for "beatles, the"."""
    found = _TURNED.fullmatch(name)
    return f"{found[2]} {found[1]}" if found else name


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
    lines = [line for value in values for line in _LINE.split(value)]
    wholes = [folded(part) for line in lines for part in dict.fromkeys((line, *_COLUMN.split(line)))]
    names = [name for whole in wholes for name in _parts(whole, separator)]
    return tuple(dict.fromkeys([*names, *map(turned, names)])) or ("",)


def _parts(whole: str, separator: re.Pattern[str]) -> Iterator[str]:
    """A list as a whole and every run of its pieces: of "a, b & c" also "a, b" and "b & c".

    A piece with dashes around it comes without them, too.
    """
    if whole:
        yield whole
    at = [0, *(edge for found in separator.finditer(whole) for edge in found.span()), len(whole)]
    pieces = [(start, end) for start, end in zip(at[::2], at[1::2], strict=True) if start < end]
    longest = len(pieces) if len(pieces) <= _MOST_PIECES else 2
    for first, (start, _) in enumerate(pieces):
        for _, end in pieces[first : first + longest]:
            piece = whole[start:end].strip()
            yield piece
            if len(pieces) > 1 and (bare := piece.strip(_EDGES)):
                yield bare
