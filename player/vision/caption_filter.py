"""Captions about persons become captions about the place, by the rules of caption_filter.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("caption_filter.toml")
LONGEST = 500
"""Characters of a caption that are read; captioners write about 60, and the rules search back and forth."""
START = r"(?:^|(?<=[.!?] ))[^\W\d_]"
"""The first letter of a sentence."""
WORD = r"[\w'’-]+"


@dataclass(frozen=True, slots=True)
class CaptionRule:
    """One rewriting, and a caption that needs it: `says` becomes `so`."""

    find: re.Pattern[str]
    put: str
    says: str
    so: str


@dataclass(frozen=True, slots=True)
class CaptionRules:
    """All of caption_filter.toml, ready for use."""

    gendered: re.Pattern[str]
    instead: Mapping[str, str]
    rules: tuple[CaptionRule, ...]

    def settle(self, text: str) -> str:
        """`text` rewritten until nothing changes: one rule makes room for another."""
        before = ""
        while before != text:
            before = text
            text = self.gendered.sub(lambda found: self.instead[found.group()], text)
            for rule in self.rules:
                text = rule.find.sub(rule.put, text)
            text = " ".join(text.split())
        return text


def about_places(caption: str) -> str:
    """`caption` without what it says of persons: feelings, looks, age, gender, origin, family.

    "a smiling woman with long hair and her sad son" becomes "two people". Places, things and animals keep
    their adjectives, and roles that tell about a place stay ("a waiter"). White space is tidied, the first
    LONGEST characters count, and a caption without persons comes back as it is. It is never emptied, and
    doing it again changes nothing.
    """
    text = " ".join(caption[:LONGEST].split())
    settled = caption_rules().settle(text.lower())
    if settled == text.lower():
        return text
    # A lone word is no sentence: it gets the article that was left out.
    settled = {"person": "a person", "people": "some people"}.get(settled, settled)
    return settled.upper() if text.isupper() else _capitals(text, settled)


@cache
def caption_rules() -> CaptionRules:
    """What caption_filter.toml says."""
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    pieces = {name: _any_of(words.split()) for name, words in data["words"].items()}
    for name, pattern in data["pieces"].items():
        pieces[name] = _filled(pattern, pieces)
    return CaptionRules(
        re.compile(_any_of(data["instead"])),
        data["instead"],
        tuple(
            CaptionRule(re.compile(_filled(r["find"], pieces)), r["put"], r["says"], r["so"])
            for r in data["rules"]
        ),
    )


def _any_of(words: Iterable[str]) -> str:
    """A pattern for any of `words` standing alone; "_" is a space or a hyphen."""
    longest_first = sorted(words, key=len, reverse=True)
    return rf"(?<![\w-])(?:{'|'.join(longest_first).replace('_', '[ -]')})(?![\w-])"


def _filled(pattern: str, pieces: Mapping[str, str]) -> str:
    """`pattern` with each {name} replaced by its piece."""
    return re.sub(r"\{([a-z_]+)\}", lambda found: pieces[found.group(1)], pattern)


def _capitals(before: str, after: str) -> str:
    """`after`, in lower case, with the capitals of `before`: names, and the beginnings of its sentences."""
    starts = [found.start() for found in re.finditer(START, before)]
    words = [found for found in re.finditer(WORD, before) if found.start() not in starts]
    names = {word.group().lower(): word.group() for word in words}
    after = re.sub(WORD, lambda word: names.get(word.group(), word.group()), after)
    if all(before[start].isupper() for start in starts):
        after = re.sub(START, lambda letter: letter.group().upper(), after)
    return after
