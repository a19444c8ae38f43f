"""Every setting as a form needs it: what it is, what may stand there, and what config.yaml's comment says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from player.config import document, loader
from player.config.document import Location, dotted
from player.config.editing.changes import NEED_RESTART
from player.config.editing.setting_keys import NOTHING, default, is_section, option, schema_at
from player.errors import ConfigError
from player.types import Json

UNITS = {
    "s": "s", "min": "min", "hours": "h", "days": "days", "db": "dB", "lufs": "LUFS", "percent": "%",
    "hour": "per hour", "fps": "frames per second", "volume": "%", "ceiling": "%", "width": "pixels",
    "height": "pixels",
}  # fmt: skip
"""By the last word of a setting's name."""
KINDS = {
    "integer": "whole number",
    "number": "number",
    "boolean": "switch",
    "string": "text",
    "object": "map",
}


def fields() -> list[Json]:
    """Every setting in the order of config.yaml; those of a list's items stand within the list.

    key, type (whole number, number, switch, text, time, path, choice, list, map), default, help; where there
    is one, also unit, minimum, maximum, choices, nullable, items, restart (it holds only after one).
    """
    return list(_fields((), _comments()))


def _fields(at: Location, comments: dict[str, str]) -> Iterator[Json]:
    for name in schema_at(at)["properties"]:
        here = (*at, name)
        if is_section(schema_at(here)):
            yield from _fields(here, comments)
        else:
            yield _field(here, comments)


def _field(at: Location, comments: dict[str, str]) -> Json:
    schema, name = schema_at(at), str(at[-1])
    # The items of the only list that is not empty in the shipped file explain those of others likewise.
    written = re.sub(r"\[\d+\]", "[0]", dotted(at))
    usual = default(at)
    field: Json = {"key": re.sub(r"\[\d+\]", "[]", dotted(at)), "type": _kind(schema)}
    if usual is not NOTHING:
        field["default"] = usual
    field["help"] = comments.get(written, "")
    if unit := UNITS.get(name.rsplit("_", 1)[-1]):
        field["unit"] = unit
    field |= {word: schema[word] for word in ("minimum", "maximum") if word in schema}
    if "enum" in schema:
        field["choices"] = schema["enum"]
    if schema.get("nullable"):
        field["nullable"] = True
    if schema.get("type") == "array":
        field["items"] = _items(at, schema, comments)
    if dotted(at) in NEED_RESTART:
        field["restart"] = True
    return field


def _items(at: Location, schema: Json, comments: dict[str, str]) -> Any:
    if "prefixItems" in schema:
        return [_kinds(option(item)) for item in schema["prefixItems"]]
    items = option(schema["items"])
    return list(_fields((*at, 0), comments)) if is_section(items) else _kinds(items)


def _kinds(schema: Json) -> Json:
    return {"type": _kind(schema)} | {word: schema[word] for word in ("minimum", "maximum") if word in schema}


def _kind(schema: Json) -> str:
    if "enum" in schema:
        return "choice"
    if schema.get("format") in ("time", "path"):
        return str(schema["format"])
    return "list" if schema.get("type") == "array" else KINDS.get(schema.get("type", ""), "text")


def _comments() -> dict[str, str]:
    """What the shipped file says beside each setting, and in lines of comment right below it."""
    path: Path = loader.SHIPPED_PATH
    try:
        text = document.decode(path, document.contents(path))
        lines, places = text.splitlines(), document.parse(path, text).lines
    except ConfigError:
        return {}
    return {
        dotted(at): _comment(lines, number - 1) for at, number in places.items() if isinstance(at[-1], str)
    }


def _comment(lines: list[str], n: int) -> str:
    found = re.match(r"(?:[^\"'#]|\"[^\"]*\"|'[^']*'|(?<=\S)#)*\s#\s?(.*)", lines[n])
    said = [found[1].strip()] if found else []
    column = len(lines[n]) - len(lines[n].lstrip())
    for line in lines[n + 1 :] if found else ():
        bare = line.lstrip()
        if not bare.startswith("#") or len(line) - len(bare) <= column + 2:
            break
        said.append(bare.lstrip("# "))
    return " ".join(said)
