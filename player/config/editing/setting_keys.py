"""The keys of settings as people and programs write them: playback.volume, dayparts.evening.volume."""

from __future__ import annotations

import difflib
import re
from functools import cache
from typing import Any

from player.config.document import Location, dotted
from player.config.explanations import resolved, whole_schema
from player.config.settings.config import Config
from player.errors import ConfigError
from player.privacy.redaction import key, shown
from player.types import Json

LONGEST_KEY = 200
"""Characters."""


def option(schema: Json) -> Json:
    """A schema with its reference followed, and without the null that may stand there instead."""
    schema = resolved(schema, whole_schema())
    options = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    return {**option(options[0]), "nullable": True} if options else schema


def schema_at(at: Location) -> Json:
    """What may stand at a key path; {} if nothing may."""
    schema = option(whole_schema())
    for part in at:
        schema = option(_below(schema, part))
    return schema


def _below(schema: Json, part: str | int) -> Json:
    if isinstance(part, int):
        items: list[Json] = schema.get("prefixItems", [])
        return items[part] if part < len(items) else schema.get("items", {})
    entries = schema.get("additionalProperties")
    found: Json = schema.get("properties", {}).get(part, entries if isinstance(entries, dict) else {})
    return found


def is_section(schema: Json) -> bool:
    """Whether it has settings of its own; a map whose keys are free (hours.open) has none."""
    return "properties" in schema


def location(written: str, values: Json) -> Location:
    """The key path that a key means in a file with these values. Raises ConfigError, in one sentence.

    An item of a list goes by its number from 0, [1] or .1, or by its name.
    """
    rest, schema, value = written.strip(), option(whole_schema()), values if isinstance(values, dict) else {}
    if not rest or len(written) > LONGEST_KEY:
        raise ConfigError(["A setting is named like playback.volume or dayparts.evening.volume."])
    at: tuple[str | int, ...] = ()
    while rest:
        part, rest = _next(rest, schema, value, at)
        at = (*at, part)
        schema = option(_below(schema, part))
        value = _value_at(value, part)
    return at


def _next(rest: str, schema: Json, value: Any, at: Location) -> tuple[str | int, str]:
    """The first step of what is left of a key, and what is left after it."""
    if is_section(schema):
        word = re.match(r"[^.\[]*", rest)
        assert word is not None
        name, after = word[0], rest[word.end() :].removeprefix(".")
        if name in schema["properties"]:
            return name, after
        raise ConfigError([f"{dotted((*at, name))}: {unknown(name, schema)}"])
    if schema.get("type") == "object":
        return rest.removeprefix("[").removesuffix("]").strip("\"'"), ""
    if schema.get("type") == "array":
        return _item(rest, value, at)
    raise ConfigError([f"{dotted(at)}: has no settings of its own; leave out what follows it."])


def _item(rest: str, value: Any, at: Location) -> tuple[int, str]:
    items = value if isinstance(value, list) else []
    names = [str(item["name"]) if isinstance(item, dict) and item.get("name") else "" for item in items]
    for fold in (str, str.casefold):
        for n, name in sorted(enumerate(names), key=lambda pair: -len(pair[1])):
            if name and re.match(rf"\[?{re.escape(fold(name))}\]?(\.|\[|$)", fold(rest)):
                rest = rest.removeprefix("[")[len(name) :].removeprefix("]")
                return n, rest.removeprefix(".")
    if (number := re.match(r"(?:\[(\d{1,6})\]|(\d{1,6}))(?=\.|\[|$)", rest)) and int(
        number[1] or number[2]
    ) <= len(items):
        return int(number[1] or number[2]), rest[number.end() :].removeprefix(".")
    there = ", ".join(key(name) for name in names if name) or f"they are numbered from 0 to {len(items) - 1}"
    raise ConfigError(
        [f"{dotted(at)}: has no item {shown(rest.strip('[]'))}; {there if items else 'it is empty'}."]
    )


def unknown(name: str, schema: Json) -> str:
    """What is to be said of a name that a section does not have."""
    known = list(schema["properties"])
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]!r}?" if close else f"allowed are {', '.join(sorted(known))}."
    return f"unknown key; {hint}"


def _value_at(value: Any, part: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(str(part))
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        return value[part]
    return None


def value_at(values: Json, written: str) -> Any:
    """What holds for a setting, or for all of a section. Raises ConfigError where there is none."""
    found: Any = values
    for part in location(written, values):
        found = _value_at(found, part)
    return found


NOTHING = object()
"""There is no default, or no value."""


def default(at: Location) -> Any:
    """What holds at a key path if the file says nothing, as it is written; NOTHING if it must say it."""
    schema = schema_at(at[:-1])
    if any(isinstance(part, int) for part in at):
        found = _below(schema, at[-1]) if is_section(schema) else {}
        return _written(found["default"]) if "default" in found else NOTHING
    value: Any = defaults()
    for part in at:
        if not isinstance(value, dict) or part not in value:
            return NOTHING
        value = value[part]
    return value


@cache
def defaults() -> Json:
    """What holds if a file says nothing, as it is written; not to be changed."""
    config = Config()
    whole: Json = _written(config.model_dump(mode="json"))
    whole["dayparts"] = [
        _written(part.model_dump(mode="json", exclude_defaults=True)) for part in config.dayparts
    ]
    return whole


def _written(value: Any) -> Any:
    """A default as config.yaml has it: 6 for 6.0, 07:00 for 07:00:00."""
    if isinstance(value, dict):
        return {name: _written(inner) for name, inner in value.items()}
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"\d\d:\d\d:00", value):
        return value[:5]
    return value


def meant(value: Any, schema: Json) -> Any:
    """A value from a form or a terminal: a number or a switch may come as text, whole numbers as 6.0."""
    kind = schema.get("type")
    if isinstance(value, str) and kind != "string" and "enum" not in schema:
        return _read(value, kind)
    if isinstance(value, float) and value.is_integer() and kind == "integer":
        return int(value)
    if isinstance(value, list) and kind == "array":
        return [meant(item, option(_below(schema, n))) for n, item in enumerate(value)]
    if isinstance(value, dict):
        return {name: meant(inner, option(_below(schema, name))) for name, inner in value.items()}
    return value


def _read(written: str, kind: str | None) -> Any:
    """A text where no text can stand."""
    text = written.strip()
    if text in ("null", "~", ""):
        return None
    if kind == "boolean":
        return _SWITCHES.get(text.lower(), written)
    if kind in ("integer", "number") and re.fullmatch(r"[-+]?\d{1,18}", text):
        return int(text)
    if kind in ("integer", "number") and re.fullmatch(r"[-+]?(\d{1,18}\.\d*|\.\d+)", text):
        return float(text)
    return written


_SWITCHES = {"true": True, "on": True, "yes": True, "false": False, "off": False, "no": False}
