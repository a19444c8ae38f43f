"""What of config.yaml a fleet's hub may set in a room: the same list at the hub's page and in the room.

All else is the room's own: its camera, its folders, its outputs, who may reach it, and every program that it
runs. A setting that is new is the room's own, too, until somebody writes it down here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from player.types import Json

Allowed: TypeAlias = "Mapping[str, Allowed] | tuple[Allowed] | None"
"""Keys with what may stand below each; a tuple of one: a list of such; None: whatever config.yaml takes."""

_PATTERNS = dict.fromkeys(("genres", "artists", "paths", "tags"))
_RULES: Allowed = {"include": _PATTERNS, "exclude": {**_PATTERNS, "explicit": None}}
_DAYPART: Allowed = {
    **dict.fromkeys(("name", "start", "mood", "valence", "energy", "volume")),
    "pool": _RULES,
    **dict.fromkeys(("transition", "crossfade_s", "night", "safe_folder")),
}
ALLOWED: Mapping[str, Allowed] = {
    "hours": dict.fromkeys(("open", "holidays", "fade_s")),
    "dayparts": (_DAYPART,),
    "rules": _RULES,
    "announcements": {
        **dict.fromkeys(("duck_db", "duck_ramp_s", "target_lufs")),
        # An announcement from the hub is a file on the room's disk: `command` is a program, as `voice` is.
        "items": (dict.fromkeys(("file", "at", "every_min")),),
    },
}
SECTIONS = (*ALLOWED,)
NO_SECTION = "found no section of keys, as config.yaml has them."


def others(settings: Json) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What of these settings is not the hub's to set: where it stands, and a sentence."""
    return _others(settings, ALLOWED, ())


def _others(
    value: object, allowed: Allowed, at: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    # Null is the default of a setting; of a whole section it would be that of the room's own settings, too.
    if allowed is None or (value is None and len(at) > 1):
        return
    if isinstance(allowed, tuple) and isinstance(value, list):
        for number, item in enumerate(value):
            yield from _others(item, allowed[0], (*at, number))
    elif isinstance(allowed, tuple) or not isinstance(value, dict):
        yield at, NO_SECTION
    else:
        for name, inner in value.items():
            if name in allowed:
                yield from _others(inner, allowed[name], (*at, name))
            else:
                yield (*at, name), f"is not for the hub to set; these are: {', '.join(allowed)}."
