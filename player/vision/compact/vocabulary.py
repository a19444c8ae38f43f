"""The words for what the two networks see: objects.toml (COCO) and concepts.toml (ImageNet)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class ObjectWord:
    """How a COCO class stands in a sentence; objects.toml explains the roles."""

    id: int
    role: str
    say: str
    plural: str
    on: str = ""
    all_on: str = ""
    at: str = ""
    under: str = ""
    place: str = ""
    event: str = ""
    mass: bool = False


@dataclass(frozen=True, slots=True)
class Concept:
    """What some ImageNet classes together say about a place; concepts.toml explains the fields."""

    kind: str
    classes: tuple[int, ...]
    where: str = ""
    view: str = ""
    thing: str = ""


def _read(name: str) -> dict[str, dict[str, Any]]:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


@cache
def objects() -> dict[str, ObjectWord]:
    """COCO class name -> its words."""
    return {
        name: ObjectWord(**{"say": name, "plural": f"{entry.get('say', name)}s"} | entry)
        for name, entry in _read("objects.toml").items()
    }


@cache
def concepts() -> dict[str, Concept]:
    """Concept name -> its words and its ImageNet class numbers."""
    return {
        name: Concept(**entry | {"classes": _numbers(entry["classes"])})
        for name, entry in _read("concepts.toml").items()
    }


def _numbers(classes: list[int | list[int]]) -> tuple[int, ...]:
    spans = [(c, c) if isinstance(c, int) else (c[0], c[1]) for c in classes]
    return tuple(number for first, last in spans for number in range(first, last + 1))
