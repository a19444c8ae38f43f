"""Pages of a long answer: each says where the next one begins, whatever is added meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any, Generic, TypeVar

from player.errors import ArgumentError
from player.types import json_text

MOST = 200
"""Entries of a page."""
MOST_BYTES = 40_000
"""Of a page, as JSON: with what else is said it stays on a line of 64 KiB."""
MOST_LETTERS = 300
"""Of each text on a page; nobody reads a longer title."""

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class Page(Generic[Entry]):
    """A part of the answer; `following` is what the next is asked for with, None if this is the last."""

    entries: tuple[Entry, ...]
    following: str | None


def page(found: Iterable[Entry], limit: int, key: Callable[[Entry], str]) -> Page[Entry]:
    """The first of what was found, as far as a line of JSON holds them; at least one, if there is one."""
    entries: list[Entry] = []
    room = MOST_BYTES
    for entry in found:
        room -= len(json_text(asdict(entry), default=str).encode())  # type: ignore[call-overload]
        if entries and (room < 0 or len(entries) == limit):
            return Page(tuple(entries), key(entries[-1]))
        entries.append(entry)
    return Page(tuple(entries), None)


def clipped(text: object) -> str:
    """A text as a page has it."""
    return str(text or "")[:MOST_LETTERS]


def token(*place: object) -> str:
    """The place of an entry, for who asks for the next ones."""
    return json.dumps(place, ensure_ascii=False, separators=(",", ":"))


def place(said: str, *kinds: type) -> tuple[Any, ...]:
    """What `token` made one of. Raises ArgumentError if it is none."""
    try:
        found = json.loads(said)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or [type(value) for value in found] != list(kinds):
        raise ArgumentError("a page begins where the one before it said: give what stood there, or nothing.")
    if any(isinstance(value, int) and abs(value) >= 2**63 for value in found):
        raise ArgumentError("a page begins where the one before it said: give what stood there, or nothing.")
    return tuple(found)
