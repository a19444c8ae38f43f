"""The status thrice: as docs/status.md promises it, as its dataclasses declare it, and as a player gives it.

Each is a dict from a key's path (`playback.decks[].name`) to the types that its value may have, in the words
of docs/status.md: {"text", "null"}.
"""

import re
import types
import typing
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import StrEnum
from typing import Any

from player.types import Json
from tests.support.daemon import ROOT

Contract = dict[str, frozenset[str]]

NULL = "null"
WORDS = {str: "text", int: "number", float: "number", bool: "true or false"}


def rows() -> Iterator[tuple[str, str, str]]:
    """Of every key that docs/status.md promises: its path, its type and its meaning."""
    text = (ROOT / "docs" / "status.md").read_text(encoding="utf-8")
    sections = re.split(r"^## `(\w+)`$", text, flags=re.MULTILINE)[1:]
    for section, body in zip(sections[::2], sections[1::2], strict=True):
        table = re.findall(r"^\| (`.*?) \| (.*?) \| (.*?) ?\|$", body, flags=re.MULTILINE)
        if not table:
            yield section, body.strip().removeprefix("A ").split(":")[0], body
            continue
        yield section, "object", ""
        for keys, kind, meaning in table:
            for key in re.findall(r"`(.*?)`", keys):
                yield f"{section}.{key}", kind, meaning


def promised() -> Contract:
    """As docs/status.md has it."""
    found: Contract = {}
    for path, kind, _ in rows():
        assert path not in found, f"{path} is promised twice"
        bare = re.sub(r",? or null$", "", kind)
        found[path] = frozenset({bare} if bare == kind else {bare, NULL})
    return found


def declared(kind: type[Any], path: str = "") -> Contract:
    """As a dataclass has it, and those that it consists of."""
    hints, found = typing.get_type_hints(kind), {}
    for each in fields(kind):
        own = f"{path}.{each.name}".lstrip(".")
        options = [hints[each.name]]
        if isinstance(hints[each.name], types.UnionType):
            options = list(typing.get_args(hints[each.name]))
        found[own] = frozenset(_word(option) for option in options)
        for option in options:
            (item, *_), mark = typing.get_args(option) or [option], "[]" if typing.get_args(option) else ""
            if is_dataclass(item):
                found |= declared(typing.cast(type[Any], item), own + mark)
    return found


def _word(option: Any) -> str:
    if option is types.NoneType:
        return NULL
    arguments = typing.get_args(option)
    if typing.get_origin(option) is tuple:
        return f"list of {_word(arguments[0])}s"
    if typing.get_origin(option) is dict:
        return f"object of {_word(arguments[1])}s"
    return "object" if is_dataclass(option) else "text" if issubclass(option, StrEnum) else WORDS[option]


def enums(kind: type[Any], path: str = "") -> dict[str, list[str]]:
    """The values of every key of a dataclass that has a few only: its enum's, or its keys' enum's."""
    found: dict[str, list[str]] = {}
    for name, hint in typing.get_type_hints(kind).items():
        own = f"{path}.{name}".lstrip(".")
        for option in typing.get_args(hint) or [hint]:
            if is_dataclass(option):
                mark = "[]" if typing.get_origin(hint) is tuple else ""
                found |= enums(typing.cast(type[Any], option), own + mark)
            elif isinstance(option, type) and issubclass(option, StrEnum):
                found[own] = [each.value for each in option]
    return found


def given(value: Json, contract: Contract, path: str = "") -> dict[str, set[str]]:
    """As a player gives it; an empty list says nothing of what it is a list of."""
    found: dict[str, set[str]] = {}
    for key, each in value.items():
        own = f"{path}.{key}".lstrip(".")
        inner: list[tuple[str, Json]] = []
        if isinstance(each, list):
            found.setdefault(own, set()).update(f"list of {_given_word(item)}s" for item in each)
            inner = [(f"{own}[]", item) for item in each if isinstance(item, dict)]
        elif isinstance(each, dict) and any(kind.startswith("object of ") for kind in contract.get(own, ())):
            found.setdefault(own, set()).update(f"object of {_given_word(item)}s" for item in each.values())
        else:
            found.setdefault(own, set()).add(_given_word(each))
            inner = [(own, each)] if isinstance(each, dict) else []
        for where, item in inner:
            for found_path, words in given(item, contract, where).items():
                found.setdefault(found_path, set()).update(words)
    return found


def _given_word(value: Json) -> str:
    if value is None:
        return NULL
    return "object" if isinstance(value, dict) else WORDS[type(value)]
