"""The text of config.yaml: into values and their lines, with a sentence for all that can be wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from player.errors import ConfigError, ConfigFileError
from player.privacy.redaction import key, learn, shown
from player.system.player_name import player_name, suffix
from player.system.probes import run_with_timeout
from player.types import Json

Location = tuple[str | int, ...]

ANSWER_S = 5.0
"""A pipe that nobody writes to and a lost mount never answer."""
LARGEST = 256 * 1024
"""Bytes; the one in the checkout has 14,000."""
DEEPEST = 40
MOST = 20_000
"""Values, each counted wherever an alias repeats it: a few lines of aliases can stand for billions."""
_YAML = "tag:yaml.org,2002:"
_PLAIN = {
    _YAML + name for name in ("str", "int", "float", "bool", "null", "timestamp", "seq", "map", "merge")
}
_CONTROL = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FLOAT = re.compile(
    r"[-+]?(?:[0-9]+\.[0-9_]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_HINTS = {
    "cannot start any token": "a value that begins with this sign needs quotes",
    "undefined alias": "a value that begins with * needs quotes",
    "constructor for the tag": "a value that begins with ! needs quotes",
    "tag handle": "a value that begins with ! needs quotes",
}


@dataclass(frozen=True, slots=True)
class Document:
    """What stands in a config file."""

    path: Path
    values: Json
    lines: dict[Location, int]
    """Where each key and each item of a list stands, counted from 1."""

    def problem(self, at: Location, text: str) -> tuple[int, str]:
        """A sentence about what stands at a key path, with its line, or that of the nearest one around it."""
        line = next((self.lines[at[:n]] for n in range(len(at), 0, -1) if at[:n] in self.lines), 1)
        return line, f"{dotted(at) or 'the whole'}: {text}"

    def error(self, problems: list[tuple[int, str]]) -> ConfigError:
        """All problems in the order of the file."""
        return ConfigError([f"{self.path}:{line}: {text}" for line, text in sorted(problems)])


def dotted(at: Location) -> str:
    """camera.fps, dayparts[2].start"""
    parts = (f"[{part}]" if isinstance(part, int) else f".{key(part)}" for part in at)
    return "".join(parts).removeprefix(".")


def read(path: Path) -> Document:
    """Read a config file; an empty one has no values. Raises ConfigError."""
    return parse(path, decode(path, contents(path)))


def parse(path: Path, text: str) -> Document:
    """What a text says that stands in a config file, or is to stand there. Raises ConfigError."""
    try:
        root = Loader(text).get_single_node()
        lines: dict[Location, int] = {}
        problems = list(_Walk(lines).problems(root, ()))
        if problems:
            raise Document(path, {}, lines).error(problems)
        values = Loader("").construct_document(root) if root is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ConfigError([f"{path}:{mark.line + 1 if mark else 1}: {_explained(error)}."]) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigError([f"{path}: this is not YAML: {type(error).__name__}."]) from None
    learn(values)
    if values is None:
        return Document(path, {}, {})
    if not isinstance(values, dict):
        raise ConfigError(
            [f"{path}:1: found {shown(values)} where the sections (camera:, gate:, ...) are expected."]
        )
    return Document(path, values, lines)


def _remedy(path: Path) -> str:
    name = player_name()
    if name and path.name == f"config{suffix(name)}.yaml":
        return f"`ambient-player config init --name {name}` writes one"
    return "name one with --config"


def contents(path: Path) -> bytes:
    """The bytes of a config file, one too many of them if it is too large. Raises ConfigFileError."""

    def beginning() -> bytes:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)

    try:
        return run_with_timeout(beginning, ANSWER_S)
    except TimeoutError:
        raise ConfigFileError([f"{path}: does not answer; name a file on a disk that does."]) from None
    except FileNotFoundError:
        raise ConfigFileError([f"{path}: there is no such file; {_remedy(path)}."]) from None
    except IsADirectoryError:
        raise ConfigFileError([f"{path}: this is a folder; name the file in it with --config."]) from None
    except OSError as error:
        raise ConfigFileError(
            [f"{path}: cannot be read ({error.strerror}); check its permissions."]
        ) from None


def decode(path: Path, data: bytes) -> str:
    """The text of a config file, without a mark at its beginning. Raises ConfigError."""
    if len(data) > LARGEST:
        raise ConfigError(
            [f"{path}: has more than {LARGEST // 1024} kB, so it is no config; name another file."]
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ConfigError([f"{path}:1: cannot be read, as it is UTF-16; save it as UTF-8."])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError([f"{path}:{line}: cannot be read, as it is not UTF-8; save it as UTF-8."]) from None
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise ConfigError([f"{path}:{line}: holds a control character (U+{ord(found[0]):04X}); delete it."])
    return text


class Loader(yaml.SafeLoader):
    """SafeLoader for people: 11:00 is the text it looks like, not YAML 1.1's sexagesimal 660, and no date
    that does not exist, no octal and no nesting without end raises anything but a YAML error.
    """

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """As in the base class, to a certain depth."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise yaml.MarkedYAMLError(None, None, "this is nested too deeply", self._mark())
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1

    def _mark(self) -> yaml.Mark:
        mark: yaml.Mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
        return mark

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """As in the base class; the text itself if it only looks like a date."""
        try:
            return super().construct_object(node, deep)
        except (ValueError, OverflowError, LookupError, AttributeError, TypeError) as error:
            if node.tag == _YAML + "timestamp":
                return str(node.value)
            raise yaml.MarkedYAMLError(
                None, None, "a value is not what its !! says; leave that out", node.start_mark
            ) from error


_ours = ("int", "float", "value")
Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.removeprefix(_YAML) not in _ours]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver(_YAML + "int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789"))
Loader.add_implicit_resolver(_YAML + "float", re.compile(f"^(?:{_FLOAT.pattern})$"), list("-+.0123456789"))


class _Walk:
    """Looks at every node before any value is made of it, and notes the lines."""

    def __init__(self, lines: dict[Location, int]) -> None:
        self._lines, self._seen = lines, 0

    def problems(
        self, node: yaml.Node | None, at: Location, inside: frozenset[int] = frozenset()
    ) -> Iterator[tuple[int, str]]:
        """What is wrong at a node and below it."""
        if node is None:
            return
        line, self._seen = node.start_mark.line + 1, self._seen + 1
        where = f"{dotted(at)}: " if at else ""
        if id(node) in inside:
            yield line, f"{where}an alias (*) stands for what it is itself a part of; write the value out."
        elif self._seen >= MOST:
            if self._seen == MOST:
                yield line, f"{where}aliases (*) stand for more than {MOST} values; write them out."
        elif node.tag not in _PLAIN:
            yield line, f"{where}a value cannot have a type (!) of its own; if it begins with !, use quotes."
        elif isinstance(node, yaml.MappingNode):
            yield from self._keys(node, at, inside | {id(node)})
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                self._lines[(*at, index)] = value.start_mark.line + 1
                yield from self.problems(value, (*at, index), inside | {id(node)})
        elif text := _odd(node):
            yield line, where + text

    def _keys(
        self, node: yaml.MappingNode, at: Location, inside: frozenset[int]
    ) -> Iterator[tuple[int, str]]:
        for name, value in node.value:
            line = name.start_mark.line + 1
            if not isinstance(name, yaml.ScalarNode):
                yield (
                    line,
                    f"{dotted(at) or 'here'}: a key is a word, not a list or a section; check the brackets.",
                )
                continue
            merges = name.tag == _YAML + "merge"
            if not merges:
                name.tag = _YAML + "str"  # as it is written, also if YAML reads a number, a date or `off`
                if text := _odd(name):
                    yield line, f"{dotted(at) or 'here'}: {text}"
            here = (*at, str(name.value))
            if here in self._lines and not merges and self._seen < MOST:
                yield line, f"{dotted(here)}: this key stands here a second time."
            self._lines[here] = line
            yield from self.problems(value, here, inside)


def _odd(node: yaml.Node) -> str:
    """What is wrong with a single value, or nothing; it is not repeated, as it may be a password."""
    if re.search(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", node.value):
        return "holds a control character, by a \\ in quotes; write \\\\ where a \\ is meant."
    if node.tag == _YAML + "int" and len(node.value) > 18:
        return "found a number of many digits; no setting is so large."
    if node.tag == _YAML + "int" and re.fullmatch(r"[-+]?0[0-9]+", node.value):
        return "found a number that begins with 0; leave that 0 out, or use quotes if it is text."
    return ""


def _explained(error: yaml.MarkedYAMLError) -> str:
    """A sentence for YAML's own; what it quotes of the file may be a password."""
    said = str(error.problem or error.context)
    if "'\\t'" in said:
        return "a tab stands where YAML wants spaces; put spaces in its place"
    if "another document" in said:
        return "a second document begins here (---); a config is one, so delete that line"
    if said == "second occurrence":
        return (
            "this anchor (&) stands here a second time; call it something else, or use quotes if it is text"
        )
    if error.problem and (said.startswith(("this is nested", "a value is"))):
        return said
    said = re.sub(r"'([^']{2,})'", lambda quote: quote[0] if quote[1][0] == "<" else "'...'", said)
    hint = next((hint for words, hint in _HINTS.items() if words in said), "")
    return f"this is not YAML: {said}" + (f"; {hint}" if hint else "")
