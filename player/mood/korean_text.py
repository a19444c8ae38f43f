"""Korean text as numbers: the pieces of its words, and the stems in them that a table knows.

Korean glues endings to its words, and often words to each other. A word is therefore taken in jamo (the
letters that its syllables are composed of), in pieces, and searched for the stems that it begins with.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Container, Iterator

HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
"""A letter of Korean, whole syllable or jamo."""
_SYLLABLES = range(0xAC00, 0xD7A4)
_WORD = re.compile(r"[^\W_]+")
_LONGEST_STEM = 8
"""Syllables."""
_AFTER_ONE = re.compile(
    "(은|는|이|가|을|를|에|도|만|과|와|의|로|으로|에서|에는|에도|하고|랑|이랑|까지|부터|처럼|같은|인|이다|이라|이고"
    "|이네|이야|고|지|며|으며|자|기|음|네|던|다|니|는데|습니다|게|지만|면|으면|었다|았다|고싶다|들|들이|들은|들의"
    "|한|한잔)?"
)
"""What may follow a stem of one syllable; so short a stem begins too many other words."""


def jamo(text: str) -> str:
    """The letters of each syllable: 밤 as ㅂㅏㅁ, in the code points of composed jamo."""
    return "".join(_parts(letter) for letter in text)


def _parts(letter: str) -> str:
    code = ord(letter)
    if code not in _SYLLABLES:
        return letter
    start, rest = divmod(code - _SYLLABLES.start, 588)
    vowel, end = divmod(rest, 28)
    return chr(0x1100 + start) + chr(0x1161 + vowel) + (chr(0x11A7 + end) if end else "")


def key(piece: str) -> int:
    """32 bits that stand for a piece."""
    return zlib.crc32(piece.encode())


def words(text: str) -> list[str]:
    """The words of a text, in lower case, without their marks."""
    return _WORD.findall(text.lower())


def pieces(text: str) -> Counter[int]:
    """How often each piece of the words occurs: whole words, 1 to 3 syllables and 3 to 6 jamo."""
    found: Counter[int] = Counter()
    for word in words(text):
        found[key("w" + word)] += 1
        framed = f"<{word}>"
        found.update(key("s" + letter) for letter in word)
        for length in (2, 3):
            found.update(key("s" + run) for run in _runs(framed, length))
        letters = f"<{jamo(word)}>"
        for length in range(3, 7):
            found.update(key("j" + run) for run in _runs(letters, length))
    return found


def _runs(text: str, length: int) -> Iterator[str]:
    return (text[n : n + length] for n in range(len(text) - length + 1))


def stems(text: str, known: Container[int]) -> list[int]:
    """The keys, of those in `known`, of the longest stems found in each word, from its start on."""
    return [stem for word in words(text) for stem in _stems(word, known)]


def _stems(word: str, known: Container[int]) -> Iterator[int]:
    start = 0
    while start < len(word):
        taken, stem = _longest(word[start:], start > 0, known)
        if stem is not None:
            yield stem
        start += taken


def _longest(rest: str, inside: bool, known: Container[int]) -> tuple[int, int | None]:
    """How many syllables the longest stem at the start of `rest` takes (1 if there is none), and its key."""
    letters = jamo(rest)
    ends = len(jamo(rest[:_LONGEST_STEM]))
    shortest = len(jamo(rest[:1]))
    for end in range(ends, 0, -1):
        stem = key(letters[:end])
        if stem not in known:
            continue
        syllables = next(n for n in range(1, len(rest) + 1) if len(jamo(rest[:n])) >= end)
        if end <= shortest and (inside or not _AFTER_ONE.fullmatch(rest[1:])):
            return 1, None
        return syllables, stem
    return 1, None
