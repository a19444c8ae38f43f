"""config.yaml: read, checked as a whole, and every mistake explained at once.

A problem names the file and line, the key, what was found and what is allowed, and for an unknown key the
one that was probably meant.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from os.path import abspath
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from player.errors import ConfigError
from player.library.playlists import is_address
from player.mood.vocabulary import find, vocabularies
from player.settings import Config
from player.types import Json

DEFAULT_PATH = Path(__file__).resolve().parent.parent / "config.yaml"
WHEREABOUTS = ("state_dir", "control")
"""The keys that say where the running player is to be found."""
Location = tuple[str | int, ...]


class _Loader(yaml.SafeLoader):
    """SafeLoader in which 11:00 is the text it looks like, not YAML 1.1's sexagesimal 660."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:int"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789"))


def load(path: Path | None = None) -> Config:
    """Read and check a config file; None is the one in the checkout.

    Relative paths in it are relative to its folder, and ~ is the user's home. Raises ConfigError with every
    problem found.
    """
    path = path or DEFAULT_PATH
    values, lines = _read(path)
    problems = [(_line(at, lines), text) for at, text in _unknown_moods(values)]
    try:
        config = Config.model_validate(values)
    except ValidationError as error:
        problems += [(_line(detail["loc"], lines), _explain(detail)) for detail in error.errors()]
    if problems:
        raise ConfigError([f"{path}:{line}: {text}" for line, text in sorted(problems)])
    return _with_absolute_paths(config, path.resolve().parent)


def whereabouts(path: Path | None = None) -> Config:
    """Of a config file that may be wrong elsewhere, what says where the running player is.

    Raises ConfigError where not even that can be read.
    """
    path = path or DEFAULT_PATH
    values, lines = _read(path)
    try:
        config = Config.model_validate({key: values[key] for key in WHEREABOUTS if key in values})
    except ValidationError as error:
        problems = [(_line(detail["loc"], lines), _explain(detail)) for detail in error.errors()]
        raise ConfigError([f"{path}:{line}: {text}" for line, text in problems]) from error
    return _with_absolute_paths(config, path.resolve().parent)


def _unknown_moods(values: Json) -> Iterator[tuple[Location, str]]:
    """Mood names that player/moods.toml does not have, with the nearest that it has."""
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
            yield here, f"{_dotted(here)}: a station needs a mood; `ambient-player moods` lists them."
    known = [name for names in vocabularies().values() for name in names]
    for at, name in named:
        if isinstance(name, str) and find(name) is None:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else "`ambient-player moods` lists those there are."
            yield at, f"{_dotted(at)}: found {name!r}, which is no mood; {hint}"


def _line(at: Location, lines: dict[Location, int]) -> int:
    """The line of a key, or of the nearest one around it that is in the file."""
    return next((lines[at[:n]] for n in range(len(at), 0, -1) if at[:n] in lines), 1)


def _read(path: Path) -> tuple[Json, dict[Location, int]]:
    """The file's values, and the line on which each key stands. An empty file is all defaults."""
    try:
        text = path.read_text(encoding="utf-8")
        root = yaml.compose(text, Loader=_Loader)
        values = yaml.load(text, Loader=_Loader)
    except FileNotFoundError as error:
        raise ConfigError([f"{path}: there is no such file; name one with --config."]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: cannot be read ({error})."]) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError([f"{path}:{line}: this is not YAML: {error.problem or error.context}."]) from error
    except yaml.YAMLError as error:
        raise ConfigError([f"{path}: this is not YAML: {error}."]) from error
    if values is None:
        return {}, {}
    if not isinstance(values, dict):
        raise ConfigError(
            [f"{path}:1: found {values!r} where the sections (camera:, gate:, ...) are expected."]
        )
    lines: dict[Location, int] = {}
    twice = _note_lines(root, (), lines)
    if twice:
        raise ConfigError(
            [f"{path}:{line}: {key}: this key stands here a second time." for line, key in twice]
        )
    return values, lines


def _note_lines(node: yaml.Node | None, at: Location, lines: dict[Location, int]) -> list[tuple[int, str]]:
    """Fill `lines` with key path -> line number; returns the keys that stand twice in one place."""
    twice: list[tuple[int, str]] = []
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*at, str(key.value))
            if here in lines:
                twice.append((key.start_mark.line + 1, _dotted(here)))
            lines[here] = key.start_mark.line + 1
            twice += _note_lines(value, here, lines)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            lines[(*at, index)] = value.start_mark.line + 1
            twice += _note_lines(value, (*at, index), lines)
    return twice


def _explain(detail: ErrorDetails) -> str:
    """A sentence for one of pydantic's errors."""
    at: Location = tuple(part for part in detail["loc"] if part != "[key]")
    key = _dotted(at) or "the whole"
    if detail["type"] == "extra_forbidden":
        known = _known_keys(at[:-1])
        close = difflib.get_close_matches(str(at[-1]), known, n=1, cutoff=0.5)
        hint = f"did you mean {close[0]!r}?" if close else f"allowed are {', '.join(known)}."
        return f"{key}: unknown key; {hint}"
    if detail["type"] == "missing":
        return f"{key}: missing; it needs {_allowed(at)}."
    if detail["type"] == "value_error":
        return f"{key}: {detail['ctx']['error']}."
    return f"{key}: found {detail['input']!r}; allowed is {_allowed(at) or detail['msg']}."


def _dotted(at: Location) -> str:
    """camera.fps, dayparts[2].start"""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in at).removeprefix(".")


def _schema(at: Sequence[str | int]) -> Json:
    """The JSON schema of the setting at a key path; {} where there is none."""
    root = Config.model_json_schema()
    schema: Json = root
    for part in at:
        schema = _resolved(schema, root)
        if isinstance(part, int):
            prefix = schema.get("prefixItems")
            schema = prefix[part] if prefix and part < len(prefix) else schema.get("items", {})
        else:
            schema = schema.get("properties", {}).get(part, {})
    return _resolved(schema, root)


def _resolved(schema: Json, root: Json) -> Json:
    """`schema` with a reference followed."""
    reference = schema.get("$ref")
    return root["$defs"][reference.rsplit("/", 1)[-1]] if reference else schema


def _known_keys(at: Location) -> list[str]:
    return sorted(_schema(at).get("properties", {}))


def _allowed(at: Location) -> str:
    """What may stand at a key path, in words."""
    return _describe(_schema(at))


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


def _expanded(path: Path) -> Path:
    """With ~ replaced; where nobody knows this user's home (a container), by one that is not there."""
    try:
        return path.expanduser()
    except RuntimeError:
        if path.parts[0] != "~":
            raise
        return Path("/nonexistent", *path.parts[1:])


def _with_absolute_paths(config: Config, base: Path) -> Config:
    """Settings that are paths, made absolute: ~ is the home, the rest is relative to the config file."""

    def absolute(path: Path) -> Path:
        return (base / _expanded(path)).resolve()

    def updated(section: Any, **changes: Any) -> Any:
        assert isinstance(section, BaseModel)
        return section.model_copy(update=changes)

    playlists = tuple(
        playlist
        if is_address(playlist.source)
        else updated(playlist, source=str(absolute(Path(playlist.source))))
        for playlist in config.library.playlists
    )
    # These may lie on a mount that never answers: no link in them is followed here.
    folders = tuple(Path(abspath(base / _expanded(folder))) for folder in config.library.folders)
    dayparts = tuple(
        updated(part, safe_folder=part.safe_folder and absolute(part.safe_folder)) for part in config.dayparts
    )
    items = tuple(
        updated(item, file=item.file and absolute(item.file)) for item in config.announcements.items
    )
    source = config.camera.source
    if "://" not in source and (base / _expanded(Path(source))).exists():
        source = str(absolute(Path(source)))
    socket = config.control.socket
    return config.model_copy(
        update={
            "camera": updated(config.camera, source=source),
            "dayparts": dayparts,
            "announcements": updated(config.announcements, items=items),
            "library": updated(config.library, folders=folders, playlists=playlists),
            "control": updated(config.control, socket=socket and absolute(socket)),
            "state_dir": config.state_dir and absolute(config.state_dir),
        }
    )
