"""A config file's text without the passwords in it, for who keeps it elsewhere."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import yaml

from player.config import document
from player.config.document import Location, dotted
from player.config.editing.changes import rewritten
from player.config.editing.secrets import COMMAND, masked
from player.privacy.redaction import MASK, is_path, redacted, secrets_in, tame

EXAMPLE = "user:password@host"
"""As the comments that came with config.yaml have it: nobody's password."""
SHORTEST = 3
"""A password of fewer letters protects nothing, and stands in every second word."""
_SAID = re.compile(
    r"((?:password|passwort|passwd|pass|pwd|pw|token|secret|api[_ -]?key|비밀번호|암호)"
    r"\s*(?:[:=]|\bis\b)\s*)(?!\"\"|'')\S+",
    re.IGNORECASE,
)
"""What a comment calls a password, of a setting that is commented out or of anything else."""


def without_secrets(path: Path, text: str) -> tuple[str, tuple[str, ...]]:
    """The text, its comments too, and the keys of the settings that lost something.

    In comments the values of passwords are masked wherever they stand, and what looks like one.

    Raises ConfigError where it is no YAML, or a person alone can change it.
    """
    values = document.parse(path, text).values
    bare, lost = _bare(values, "", ())
    if lost:
        text = rewritten(path, text, values, bare)
    secrets = {*secrets_in(values), *(was for _, was in lost)}
    return _comments_without(text, secrets), tuple(dict.fromkeys(dotted(at) for at, _ in lost))


def _bare(value: Any, name: str, at: Location) -> tuple[Any, list[tuple[Location, str]]]:
    """A value without secrets, and where there were some, with what stood there."""
    if name == COMMAND and isinstance(value, str | list):
        return _bare_command(value, at)
    if isinstance(value, dict):
        pairs = {key: _bare(inner, str(key), (*at, str(key))) for key, inner in value.items()}
        return {key: pair[0] for key, pair in pairs.items()}, [a for pair in pairs.values() for a in pair[1]]
    if isinstance(value, list):
        items = [_bare(inner, name, (*at, n)) for n, inner in enumerate(value)]
        return [item[0] for item in items], [a for item in items for a in item[1]]
    shown = masked(value, name)
    if shown == value or not isinstance(value, str):
        return value, []
    if shown != MASK and is_path(value):
        return value, []
    return ("" if shown == MASK else shown.replace(f"{MASK}@", "").removesuffix("?...")), [(at, value)]


def _bare_command(value: str | list[Any], at: Location) -> tuple[Any, list[tuple[Location, str]]]:
    """The name of a program; nothing in the place of words, as half of them would be refused."""
    shown = masked(value, COMMAND)
    if shown == value:
        return value, []
    words = re.split(r"[\s=:'\"]+", value if isinstance(value, str) else " ".join(map(str, value)))
    telling = [word for word in words if not tame(word) and "{file}" not in word]
    return ([] if isinstance(value, list) else shown), [(at, word) for word in ("", *telling)]


def standing(secrets: Collection[str]) -> re.Pattern[str]:
    """Finds each of these passwords where it stands by itself, be it a usual word, if it is long enough."""
    longest_first = sorted((each for each in secrets if len(each) >= SHORTEST), key=len, reverse=True)
    return re.compile("|".join(rf"(?<!\w){re.escape(secret)}(?!\w)" for secret in longest_first) or r"(?!)")


def _comments_without(text: str, secrets: set[str]) -> str:
    known, kept, place = standing(secrets), list[str](), 0
    for start, end in _comments(text):
        parts = text[start + 1 : end].split(EXAMPLE)
        kept += [text[place : start + 1], EXAMPLE.join(_masked(part, known) for part in parts)]
        place = end
    return "".join([*kept, text[place:]])


def _masked(comment: str, known: re.Pattern[str]) -> str:
    return _SAID.sub(rf"\1{MASK}", redacted(known.sub(MASK, comment)))


def _comments(text: str) -> Iterator[tuple[int, int]]:
    """Where comments begin and end: from a # between two parts of the YAML to the end of its line."""
    place = 0
    for token in yaml.scan(text):
        yield from _within(text, place, token.start_mark.index)
        place = token.end_mark.index
        if isinstance(token, yaml.ScalarToken) and token.style in ("|", ">"):
            # The line that opens a block of text may have a comment behind its sign.
            line_end = text.find("\n", token.start_mark.index)
            yield from _within(text, token.start_mark.index, line_end if line_end >= 0 else place)
    yield from _within(text, place, len(text))


def _within(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    return (found.span() for found in re.compile(r"#[^\r\n]*").finditer(text, start, end))
