"""What is wrong with a setting, in one sentence: what was found, what is allowed, what was probably meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from pydantic_core import ErrorDetails

from player.config.document import Location
from player.config.settings.config import Config
from player.emotions import find, vocabularies
from player.privacy.redaction import kind, shown
from player.types import Json, is_address

PRIVATE = (
    r"camera|camera\.source.*|mood\.llm(\.(url|api_key_env))?|library|library\.(playlists|lastfm_key_env).*",
    r"(mqtt|fleet)(\.(host|user|password))?",
    r"announcements(\.items(\.\d+(\.command)?)?|\.voice(\.command(\.\d+)?)?)?",
)
"""Key paths at which not even a plain word is repeated: what is found there may be a password."""


def unknown_moods(values: Json) -> Iterator[tuple[Location, str]]:
    """Mood names that player/emotions.toml does not have, with the nearest that it has."""
    dayparts, mood = values.get("dayparts"), values.get("mood")
    named: list[tuple[Location, Any]] = []
    if isinstance(dayparts, list):
        named += [
            (("dayparts", n, "mood"), p.get("mood")) for n, p in enumerate(dayparts) if isinstance(p, dict)
        ]
    if isinstance(mood, dict) and isinstance(mood.get("never"), list):
        named += [(("mood", "never", n), name) for n, name in enumerate(mood["never"])]
    library = values.get("library")
    playlists = library.get("playlists") if isinstance(library, dict) else None
    for n, playlist in enumerate(playlists if isinstance(playlists, list) else []):
        if not isinstance(playlist, dict):
            continue
        named.append((("library", "playlists", n, "mood"), playlist.get("mood")))
        if is_address(str(playlist.get("source"))) and playlist.get("mood") is None:
            here: Location = ("library", "playlists", n)
            yield here, "a station needs a mood; `ambient-player moods` lists them."
    known = [name for names in vocabularies().values() for name in names]
    for at, name in named:
        if isinstance(name, str) and find(name) is None:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else "`ambient-player moods` lists those there are."
            yield at, f"found {shown(name)}, which is no mood; {hint}"


def place(detail: ErrorDetails) -> Location:
    """The key path that one of pydantic's errors is about."""
    return tuple(part for part in detail["loc"] if part != "[key]")


def explain(detail: ErrorDetails) -> str:
    """A sentence for one of pydantic's errors, without the key."""
    at = place(detail)
    if detail["type"] == "extra_forbidden":
        known = known_keys(at[:-1])
        close = difflib.get_close_matches(str(at[-1]), known, n=1, cutoff=0.5)
        hint = f"did you mean {close[0]!r}?" if close else f"allowed are {', '.join(known)}."
        return f"unknown key; {hint}"
    if detail["type"] == "missing":
        return f"missing; it needs {allowed(at)}."
    if detail["type"] == "value_error":
        return f"{detail['ctx']['error']}."
    private = any(re.fullmatch(pattern, ".".join(map(str, at))) for pattern in PRIVATE)
    found = kind(detail["input"]) if private else shown(detail["input"])
    return f"found {found}; allowed is {allowed(at) or detail['msg']}."


def schema_of(at: Sequence[str | int]) -> Json:
    """The JSON schema of the setting at a key path; {} if there is none."""
    root = whole_schema()
    schema: Json = root
    for part in at:
        schema = resolved(schema, root)
        if isinstance(part, int):
            prefix = schema.get("prefixItems")
            schema = prefix[part] if prefix and part < len(prefix) else schema.get("items", {})
        else:
            schema = schema.get("properties", {}).get(part, {})
    return resolved(schema, root)


@cache
def whole_schema() -> Json:
    """The JSON schema of all settings."""
    return Config.model_json_schema()


def resolved(schema: Json, root: Json) -> Json:
    """`schema` with a reference followed."""
    reference = schema.get("$ref")
    return root["$defs"][reference.rsplit("/", 1)[-1]] if reference else schema


def known_keys(at: Location) -> list[str]:
    """The settings that there are in a section."""
    return sorted(schema_of(at).get("properties", {}))


def allowed(at: Location) -> str:
    """What may stand at a key path, in words."""
    return _describe(schema_of(at))


_KINDS = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
    "string": "text",
    "array": "a list",
    "object": "a section of keys",
}


def _describe(schema: Json) -> str:
    """A JSON schema in a few words."""
    schema = resolved(schema, whole_schema())
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    if "anyOf" in schema:
        return " or ".join(text for option in schema["anyOf"] if (text := _describe(option)))
    if "prefixItems" in schema:
        items = schema["prefixItems"]
        return f"a list of {len(items)}, each {_describe(items[0])}"
    kind = _KINDS.get(schema.get("type", ""), "")
    if schema.get("format") == "time":
        return 'a time of day such as "07:30"'
    if "minimum" in schema and "maximum" in schema:
        return f"{kind} from {schema['minimum']:g} to {schema['maximum']:g}"
    return kind
