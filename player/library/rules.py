"""The house rules as bits of every track: SQLite evaluates them when the library is loaded."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from player.config.settings.dayparts import Daypart
from player.config.settings.library import ExcludeSettings, FilterSettings, RuleSettings
from player.library.path_patterns import PathPatterns, literal
from player.library.scan.tag_names import (
    and_names,
    artist_names,
    composed,
    folded,
    genre_names,
    names_in_title,
    turned,
)

EXCLUDED = 1
"""Bit of a track that must never play."""
NOT_INCLUDED = 2
"""Bit of a track that the venue's include lists leave out."""
_ANY_OF = (
    "EXISTS (SELECT 1 FROM json_each(CASE WHEN json_valid({column}) THEN {column} ELSE {otherwise} END)"
    " WHERE value GLOB ?)"
)
_GUESSED = "EXISTS (SELECT 1 FROM json_each(names_in_title(artist, title)) WHERE value GLOB ?)"
"""What is no more than a guess excludes a track, and includes none."""


def excluded_from(part: int) -> int:
    """Bit of a track that must never play in the part of the day with this number."""
    return 4 << (2 * part)


def outside_pool(part: int) -> int:
    """Bit of a track that the include lists of a part of the day leave out."""
    return 8 << (2 * part)


@dataclass(frozen=True, slots=True)
class HouseRules:
    """A SQL expression over a row of `tracks`, and how the parts of the day that have a pool are numbered."""

    bits: str
    values: tuple[str, ...]
    """What the question marks of `bits` stand for."""
    pools: tuple[str, ...] = ()
    """Names of the dayparts with a pool; the number of each is its place here."""

    def never(self, daypart: str) -> int:
        """Bits that bar a track in a part of the day, whatever happens."""
        return EXCLUDED | (excluded_from(self.pools.index(daypart)) if daypart in self.pools else 0)

    def pool(self, daypart: str) -> int:
        """The bit of tracks outside the pool of a part of the day; 0 if it has none."""
        return outside_pool(self.pools.index(daypart)) if daypart in self.pools else 0


def compile_rules(
    rules: RuleSettings, dayparts: Sequence[Daypart], folders: Iterable[Path] = ()
) -> HouseRules:
    """The rules of the venue and its dayparts' pools, ready for SQLite.

    `folders` are the music's: their links, and those in patterns for paths, are followed here.
    """
    pools = [part for part in dayparts if part.pool != RuleSettings()]
    filters = [what for one in (rules, *(part.pool for part in pools)) for what in (one.include, one.exclude)]
    paths = PathPatterns([pattern for what in filters for pattern in what.paths], folders)
    terms: list[str] = []
    values: list[str] = []

    def add(condition: tuple[str, list[str]] | None, bit: int) -> None:
        if condition is not None:
            terms.append(f"(({condition[0]}) * {bit})")
            values.extend(condition[1])

    add(_excluded(rules.exclude, paths), EXCLUDED)
    add(_not_included(rules.include, paths), NOT_INCLUDED)
    for number, part in enumerate(pools):
        add(_excluded(part.pool.exclude, paths), excluded_from(number))
        add(_not_included(part.pool.include, paths), outside_pool(number))
    return HouseRules(" + ".join(terms) or "0", tuple(values), tuple(part.name for part in pools))


def _excluded(what: ExcludeSettings, paths: PathPatterns) -> tuple[str, list[str]] | None:
    """Any of the lists matches."""
    lists = _lists(what, paths, _GUESSED) + ([("explicit != 0", list[str]())] if what.explicit else [])
    return _joined(lists, " OR ")


def _not_included(what: FilterSettings, paths: PathPatterns) -> tuple[str, list[str]] | None:
    """One of the lists that are given does not match."""
    return _joined([(f"NOT {condition}", values) for condition, values in _lists(what, paths)], " OR ")


def _joined(lists: list[tuple[str, list[str]]], by: str) -> tuple[str, list[str]] | None:
    if not lists:
        return None
    return by.join(condition for condition, _ in lists), [value for _, values in lists for value in values]


def _lists(what: FilterSettings, paths: PathPatterns, *guesses: str) -> list[tuple[str, list[str]]]:
    """A condition and its values for each list that is given; `guesses` find artists, too."""
    tag = "EXISTS (SELECT 1 FROM mood_tags WHERE track_id = id AND tag != '' AND folded(tag) GLOB ?)"
    genre = _ANY_OF.format(column="genres", otherwise="genre_names(genre)")
    artist = _ANY_OF.format(column="artists", otherwise="artist_names(artist, title)")
    found: list[tuple[str, list[str]]] = []

    def add(conditions: Sequence[str], patterns: Sequence[str]) -> None:
        if patterns:
            either = " OR ".join(f"({condition})" for _ in patterns for condition in conditions)
            found.append((f"({either})", [pattern for pattern in patterns for _ in conditions]))

    add([genre], _globs(map(folded, what.genres)))
    add([artist, *guesses], _globs(turned(folded(pattern)) for pattern in what.artists))
    add(paths.conditions, [one for pattern in what.paths for one in paths.globs(pattern)])
    add([tag, genre], _globs(map(folded, what.tags)))
    return found


def _globs(names: Iterable[str]) -> list[str]:
    """SQLite's patterns for folded names, whichever sign for "and" a tag has in its place."""
    return [literal(one) for name in names for one in and_names(name)]


FUNCTIONS: Mapping[str, Callable[..., str]] = {
    "folded": folded,
    "composed": composed,
    "artist_names": lambda artist, title: json.dumps(artist_names([artist], title)),
    "names_in_title": lambda artist, title: json.dumps(names_in_title(artist, title)),
    "genre_names": lambda genre: json.dumps(genre_names([genre])),
}
"""What the conditions call. The names of a file are computed until a scan has read them all."""
