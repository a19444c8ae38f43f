"""House rules over house rules: what was wanted before still holds where nothing else is said."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from player.config.hub import as_yaml
from player.types import Json


@dataclass(frozen=True, slots=True)
class Difference:
    """What new settings change of what was wanted of some rooms.

    lines  as `diff -u` marks them, without its head
    """

    rooms: tuple[str, ...]
    lines: tuple[str, ...]


def merged(before: Json, more: Json) -> Json:
    """Key by key; a list takes the place of a list, and null is kept: it is the default."""

    def over(below: Any, above: Any) -> Any:
        if not (isinstance(below, dict) and isinstance(above, dict)):
            return above
        return {**below, **{name: over(below.get(name), value) for name, value in above.items()}}

    result: Json = over(before, more)
    return result


def differences(before: Iterable[tuple[str, Json]], more: Json) -> list[Difference]:
    """Rooms of which the same was wanted stand together."""
    rooms: dict[tuple[str, ...], list[str]] = {}
    for room, wanted in before:
        old, new = as_yaml(wanted).splitlines(), as_yaml(merged(wanted, more)).splitlines()
        lines = (*difflib.unified_diff(old, new, lineterm="", n=2),)[2:]
        rooms.setdefault(lines, []).append(room)
    return [Difference((*each,), lines) for lines, each in rooms.items()]
