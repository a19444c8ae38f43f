"""What a client looks for: its conditions in MPD's old and new syntax, in which order, and how much of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from player.interfaces.front.mpd import answers
from player.interfaces.front.mpd.lines import Ack, Refusal
from player.interfaces.front.mpd.tags import NAMES, TAGS, value
from player.library.search_text import plain
from player.types import Json

OPERATORS = ("==", "!=", "contains", "!contains", "starts_with", "!starts_with")
NEEDED = ("any", *(tag.lower() for tag in TAGS))
DEEPEST = 16
"""Brackets in brackets."""


class TrackFilter(Protocol):
    """What a track has to be like."""

    def fits(self, track: Json, fold: bool) -> bool:
        """Whether it is; with `fold` whatever the case and the accents."""
        ...

    def needed(self) -> Iterator[str]:
        """Texts that must stand in its names: by them the library looks for it."""
        ...

    def tags(self) -> Iterator[str]:
        """What has to be known of a track."""
        ...

    def address(self) -> str | None:
        """The one that it must have; None if it may be any."""
        ...


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag, or `any` of them, compared with a text."""

    tag: str
    operator: str
    text: str

    def fits(self, track: Json, fold: bool) -> bool:
        """See TrackFilter."""
        is_not = self.operator.startswith("!")
        return self._matches(track, fold) is not is_not

    def _matches(self, track: Json, fold: bool) -> bool:
        wanted = plain(self.text) if fold else self.text
        values = [plain(each) if fold else each for each in self._values(track)]
        if self.operator in ("==", "!="):
            return any(each == wanted for each in values)
        if self.operator.endswith("starts_with"):
            return any(each.startswith(wanted) for each in values)
        if self.tag == "any" and fold:  # "bach air" finds the Air by Bach
            return all(any(word in each for each in values) for word in wanted.split())
        return any(wanted in each for each in values)

    def _values(self, track: Json) -> list[str]:
        if self.tag == "any":
            return [value(track, tag) for tag in ("artist", "title", "album", "genre")]
        if self.tag == "file":
            return [answers.uri(track)]
        return [value(track, self.tag)]

    def needed(self) -> Iterator[str]:
        """See TrackFilter."""
        if not self.operator.startswith("!") and self.tag in NEEDED:
            yield self.text

    def tags(self) -> Iterator[str]:
        """See TrackFilter."""
        yield self.tag

    def address(self) -> str | None:
        """See TrackFilter."""
        return self.text if (self.tag, self.operator) == ("file", "==") else None


@dataclass(frozen=True, slots=True)
class Below:
    """In a folder, or in one below it."""

    folder: str

    def fits(self, track: Json, fold: bool) -> bool:  # noqa: ARG002 - a folder has one spelling
        """See TrackFilter."""
        place = f"{answers.folder(track)}/"
        return not self.folder or place.startswith(f"{self.folder}/") or answers.uri(track) == self.folder

    def needed(self) -> Iterator[str]:
        """See TrackFilter."""
        return iter(())

    def tags(self) -> Iterator[str]:
        """See TrackFilter."""
        yield "file"

    def address(self) -> str | None:
        """See TrackFilter."""
        return None


@dataclass(frozen=True, slots=True)
class All:
    """All of these; none of them is anything."""

    parts: tuple[TrackFilter, ...] = ()

    def fits(self, track: Json, fold: bool) -> bool:
        """See TrackFilter."""
        return all(part.fits(track, fold) for part in self.parts)

    def needed(self) -> Iterator[str]:
        """See TrackFilter."""
        for part in self.parts:
            yield from part.needed()

    def tags(self) -> Iterator[str]:
        """See TrackFilter."""
        for part in self.parts:
            yield from part.tags()

    def address(self) -> str | None:
        """See TrackFilter."""
        return next((found for part in self.parts if (found := part.address()) is not None), None)


@dataclass(frozen=True, slots=True)
class Not:
    """Whatever is not so."""

    part: TrackFilter

    def fits(self, track: Json, fold: bool) -> bool:
        """See TrackFilter."""
        return not self.part.fits(track, fold)

    def needed(self) -> Iterator[str]:
        """See TrackFilter."""
        return iter(())

    def tags(self) -> Iterator[str]:
        """See TrackFilter."""
        return self.part.tags()

    def address(self) -> str | None:
        """See TrackFilter."""
        return None


def condition(arguments: list[str], exact: bool) -> TrackFilter:
    """What these words ask for: TAG TEXT ..., (TAG == 'TEXT') ..., or both. Raises Refusal.

    `exact`: whether TAG TEXT means the whole text.
    """
    parts: list[TrackFilter] = []
    left = list(arguments)
    while left:
        word = left.pop(0)
        if word.startswith("("):
            parts.append(Expression(word).read())
            continue
        if not left:
            raise Refusal(Ack.ARG, "Incorrect number of filter arguments")
        parts.append(_compared(word, "==" if exact else "contains", left.pop(0)))
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _compared(name: str, operator: str, text: str) -> TrackFilter:
    tag = name.lower()
    if tag == "base":
        return Below(text.strip("/"))
    if tag not in ("any", "file", "filename", *NAMES):
        raise Refusal(Ack.ARG, f"Unknown filter type: {name[:40]}")
    return Tag("file" if tag == "filename" else tag, operator, text)


class Expression:
    """Reads one expression in brackets."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0

    def read(self) -> TrackFilter:
        """Raises Refusal if it is none."""
        found = self._bracket(DEEPEST)
        if self._at != len(self._text):
            raise Refusal(Ack.ARG, "Unparsed garbage after expression")
        return found

    def _bracket(self, deeper: int) -> TrackFilter:
        if not deeper:
            raise Refusal(Ack.ARG, "Too many brackets in brackets")
        self._take("(")
        if self._next() == "!":
            self._at += 1
            self._blanks()
            found: TrackFilter = Not(self._bracket(deeper - 1))
        elif self._next() == "(":
            parts = [self._bracket(deeper - 1)]
            while self._next() != ")":
                if self._word() != "AND":
                    raise Refusal(Ack.ARG, "'AND' expected")
                parts.append(self._bracket(deeper - 1))
            found = All(tuple(parts))
        else:
            found = self._comparison()
        self._take(")")
        return found

    def _comparison(self) -> TrackFilter:
        name = self._word()
        if name.lower() == "base":
            return _compared(name, "==", self._quoted())
        operator = self._word()
        if operator not in OPERATORS:
            raise Refusal(Ack.ARG, f"Operators here: {', '.join(OPERATORS)}")
        return _compared(name, operator, self._quoted())

    def _next(self) -> str:
        return self._text[self._at : self._at + 1]

    def _blanks(self) -> None:
        while self._next().isspace():
            self._at += 1

    def _take(self, char: str) -> None:
        if self._next() != char:
            raise Refusal(Ack.ARG, f"'{char}' expected")
        self._at += 1
        self._blanks()

    def _word(self) -> str:
        start = self._at
        while self._next() and self._next() not in " \t()'\"":
            self._at += 1
        word = self._text[start : self._at]
        self._blanks()
        if not word:
            raise Refusal(Ack.ARG, "Word expected")
        return word

    def _quoted(self) -> str:
        quote = self._next()
        if quote not in ("'", '"') or not quote:
            raise Refusal(Ack.ARG, "Quoted string expected")
        self._at += 1
        text = ""
        while (char := self._next()) and char != quote:
            if char == "\\":
                self._at += 1
                char = self._next()
            text += char
            self._at += 1
        self._take(quote)
        return text
