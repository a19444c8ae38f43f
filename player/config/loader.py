"""config.yaml: read, checked as a whole, and every mistake explained at once.

A problem names the file and line, the key, what was found and what is allowed, and for an unknown key the
one that was probably meant.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Sequence
from functools import cache
from os.path import abspath
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from player.config.document import Document, Location, read
from player.config.plausibility import ADDRESS, unlikely
from player.config.settings import Config
from player.emotions import find, vocabularies
from player.errors import ConfigError
from player.privacy.private_files import FILE_MODE, make_folder
from player.privacy.redaction import kind, shown
from player.system import resources
from player.types import Json, is_address

SHIPPED_PATH = resources.ROOT / "config.yaml"
"""Every setting with its default: the checkout's own file, or the one inside a wheel."""
WHEREABOUTS = ("state_dir", "control")
"""The keys that say where the running player is to be found."""
PRIVATE = (
    r"camera|camera\.source.*|mood\.llm(\.(url|api_key_env))?|library|library\.(playlists|lastfm_key_env).*",
    r"announcements\.items(\.\d+(\.command)?)?",
)
"""Key paths at which not even a plain word is repeated: what is found there may be a password."""


def load(path: Path | None = None) -> Config:
    """Read and check a config file; None is `default_path()`.

    Relative paths in it are relative to its folder, and ~ is the user's home. Raises ConfigError with every
    problem found.
    """
    return _loaded(read(path or default_path()))


def own_path() -> Path:
    """Where the owner's file is, or would be: in the checkout, or, if installed, in the user's folder.

    Raises ConfigError if that folder is not known.
    """
    if not resources.INSTALLED:
        return SHIPPED_PATH
    try:
        return resources.user_folder("XDG_CONFIG_HOME", "~/.config") / "config.yaml"
    except RuntimeError as error:
        raise ConfigError(["This user's home is not known: name a config file with --config."]) from error


def default_path() -> Path:
    """The file that holds if nobody names one: the owner's, or, if there is none, the shipped defaults."""
    try:
        path = own_path()
    except ConfigError:
        return SHIPPED_PATH
    return path if path.is_file() else SHIPPED_PATH


def write_own() -> Path:
    """Write the shipped file, comments and all, where the owner's is looked for; returns where that is.

    Raises ConfigError if there is one already, or it cannot be written.
    """
    path = own_path()
    try:
        make_folder(path.parent)
        # Never over what somebody has written; and its owner may write a camera's password into it.
        with open(path, "xb", opener=lambda name, flags: os.open(name, flags, FILE_MODE)) as file:
            file.write(SHIPPED_PATH.read_bytes())
    except FileExistsError as error:
        raise ConfigError([f"{path} is there already; it stays as it is."]) from error
    except OSError as error:
        raise ConfigError([f"{path} cannot be written ({error.strerror})."]) from error
    return path


def whereabouts(path: Path | None = None) -> Config:
    """Of a config file that may be wrong elsewhere, what says where the running player is.

    Raises ConfigError if not even that can be read.
    """
    document = read(path or default_path())
    return _checked(
        document, {key: document.values[key] for key in WHEREABOUTS if key in document.values}, []
    )


def doubts(path: Path | None = None) -> list[str]:
    """What is written as it may be, but cannot be meant: addresses without a host, paths to nowhere.

    The player starts in spite of it. Raises ConfigError as `load` does.
    """
    document = read(path or default_path())
    config = _loaded(document)
    found = sorted(
        document.problem(at, text)
        for at, text in unlikely(config, document.values, document.path.resolve().parent)
    )
    return [f"{document.path}:{line}: {text}" for line, text in found]


def _loaded(document: Document) -> Config:
    problems = [document.problem(at, text) for at, text in _unknown_moods(document.values)]
    return _checked(document, document.values, problems)


def _checked(document: Document, values: Json, problems: list[tuple[int, str]]) -> Config:
    """The settings, with absolute paths. Raises ConfigError with these problems and all that it finds."""
    try:
        config = Config.model_validate(values)
    except ValidationError as error:
        problems += [document.problem(_place(detail), _explain(detail)) for detail in error.errors()]
        raise document.error(problems) from None
    paths = _Paths(document.path.resolve().parent)
    config = _with_absolute_paths(config, paths)
    problems += [document.problem(at, text) for at, text in paths.problems]
    if problems:
        raise document.error(problems)
    return config


def _unknown_moods(values: Json) -> Iterator[tuple[Location, str]]:
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


def _place(detail: ErrorDetails) -> Location:
    """The key path that one of pydantic's errors is about."""
    return tuple(part for part in detail["loc"] if part != "[key]")


def _explain(detail: ErrorDetails) -> str:
    """A sentence for one of pydantic's errors, without the key."""
    at = _place(detail)
    if detail["type"] == "extra_forbidden":
        known = _known_keys(at[:-1])
        close = difflib.get_close_matches(str(at[-1]), known, n=1, cutoff=0.5)
        hint = f"did you mean {close[0]!r}?" if close else f"allowed are {', '.join(known)}."
        return f"unknown key; {hint}"
    if detail["type"] == "missing":
        return f"missing; it needs {_allowed(at)}."
    if detail["type"] == "value_error":
        return f"{detail['ctx']['error']}."
    private = any(re.fullmatch(place, ".".join(map(str, at))) for place in PRIVATE)
    found = kind(detail["input"]) if private else shown(detail["input"])
    return f"found {found}; allowed is {_allowed(at) or detail['msg']}."


def _schema(at: Sequence[str | int]) -> Json:
    """The JSON schema of the setting at a key path; {} if there is none."""
    root = _whole_schema()
    schema: Json = root
    for part in at:
        schema = _resolved(schema, root)
        if isinstance(part, int):
            prefix = schema.get("prefixItems")
            schema = prefix[part] if prefix and part < len(prefix) else schema.get("items", {})
        else:
            schema = schema.get("properties", {}).get(part, {})
    return _resolved(schema, root)


@cache
def _whole_schema() -> Json:
    return Config.model_json_schema()


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


class _Paths:
    """Makes paths absolute: ~ is the home, the rest is relative to the config file's folder."""

    def __init__(self, base: Path) -> None:
        self._base = base
        self.problems: list[tuple[Location, str]] = []
        """What cannot be made absolute, by key path."""

    def absolute(self, at: Location, path: Path, follow: bool = True) -> Path:
        """A path in full; `follow` has links in it followed."""
        try:
            full = self._base / path.expanduser()
            return full.resolve() if follow else Path(abspath(full))
        except RuntimeError:
            user = path.parts[0][1:]
            if not user:  # nobody knows this user's home (a container): the music plays all the same
                return Path("/nonexistent", *path.parts[1:])
            named = f" {user}" if re.fullmatch(r"[\w.-]{1,32}", user) else " of that name"
            self.problems.append((at, f"there is no user{named}; write the path in full."))
        except (OSError, ValueError):
            self.problems.append((at, "this can be no path, or a link in it leads in a circle."))
        return path

    def exists(self, path: Path) -> bool:
        """Whether there is such a file or folder; False for what can be none."""
        try:
            return (self._base / path.expanduser()).exists()
        except (OSError, ValueError, RuntimeError):
            return False


def _with_absolute_paths(config: Config, paths: _Paths) -> Config:
    """The settings with all paths absolute, as far as that can be; `paths` keeps the problems."""

    def updated(section: Any, **changes: Any) -> Any:
        assert isinstance(section, BaseModel)
        return section.model_copy(update=changes)

    def maybe(path: Path | None, *at: str | int) -> Path | None:
        return path and paths.absolute(at, path)

    library, camera = config.library, config.camera
    playlists = tuple(
        playlist
        if ADDRESS.match(playlist.source)
        else updated(playlist, source=str(paths.absolute(("library", "playlists", n), Path(playlist.source))))
        for n, playlist in enumerate(library.playlists)
    )
    # These may lie on a mount that never answers: no link in them is followed here.
    folders = tuple(
        paths.absolute(("library", "folders", n), folder, follow=False)
        for n, folder in enumerate(library.folders)
    )
    dayparts = tuple(
        updated(part, safe_folder=maybe(part.safe_folder, "dayparts")) for part in config.dayparts
    )
    items = tuple(
        updated(item, file=maybe(item.file, "announcements", "items", n))
        for n, item in enumerate(config.announcements.items)
    )
    source = camera.source
    if source.startswith("~") or (not ADDRESS.match(source) and paths.exists(Path(source))):
        source = str(paths.absolute(("camera", "source"), Path(source)))
    return config.model_copy(
        update={
            "camera": updated(camera, source=source),
            "dayparts": dayparts,
            "announcements": updated(config.announcements, items=items),
            "library": updated(library, folders=folders, playlists=playlists),
            "control": updated(config.control, socket=maybe(config.control.socket, "control", "socket")),
            "state_dir": maybe(config.state_dir, "state_dir"),
        }
    )
