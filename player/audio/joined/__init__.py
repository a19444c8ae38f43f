"""Files that hold several pieces one after the other: stream rips, and what somebody has joined.

Ogg of several links, MP3 whose rate or channels change: libVLC plays the first piece rightly, and the others
by halves or not at all. A file is not read through to see whether it is one: it is looked at in a few places.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from player.audio.joined import mpeg, ogg
from player.audio.joined.link import ChainLink, Part

__all__ = ["ChainLink", "Part", "from_place", "is_joined", "length_s", "links"]

BUDGET_S = 0.3
"""A deck that says nothing for long counts as hanging: on a slow disk the rest is looked at later."""


def is_joined(path: Path) -> bool:
    """Whether a file holds several pieces; of one that cannot be read nobody knows."""
    with suppress(OSError), path.open("rb", buffering=0) as file:
        if file.read(4) == b"OggS":
            return bool(ogg.links(file, budget_s=0.0))
        return mpeg.changes(file)
    return False


def links(path: Path) -> list[ChainLink]:
    """The links of a file that is Ogg of several, in order; else none.

    After BUDGET_S what is left is one more, which `from_place` looks into. Raises OSError if it cannot be
    read.
    """
    with path.open("rb", buffering=0) as file:
        return ogg.links(file, budget_s=BUDGET_S) if file.read(4) == b"OggS" else []


def length_s(path: Path) -> float:
    """Length of a joined file, in seconds, estimated if it is very long; 0 of another, or if nobody knows."""
    with suppress(OSError), path.open("rb", buffering=0) as file:
        if file.read(4) == b"OggS":
            return found[-1].end_s if (found := ogg.links(file, budget_s=BUDGET_S)) else 0.0
        return mpeg.length_s(file, BUDGET_S) if mpeg.changes(file) else 0.0
    return 0.0


def from_place(path: Path, found: list[ChainLink], start_s: float) -> Iterator[tuple[ChainLink, float]]:
    """The links from a place on, and how many seconds of each are left out. Raises OSError."""
    ahead = list(found)
    while ahead:
        link = ahead.pop(0)
        if not link.whole:
            with path.open("rb", buffering=0) as file:
                ahead = ogg.links(file, link.start, link.start_s) or [replace(link, whole=True)]
        elif start_s < link.end_s or not ahead:
            yield link, max(0.0, start_s - link.start_s)
