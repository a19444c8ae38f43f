"""What of a config its owner's page shows, and what comes back from there unchanged."""

from __future__ import annotations

import re
from typing import Any

from player.config.document import Location, dotted
from player.errors import ConfigError
from player.privacy.redaction import A_COMMAND, MASK, address, is_path, program, redacted, variable

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30}:/+)")
_VARIABLES = ("api_key_env", "lastfm_key_env")
_HIDDEN = re.compile(r"\*\*\*|\?\.\.\.|:/+\.\.\.|/\.\.\.$")
"""What `masked` puts in the place of a secret."""
COMMAND, WORD = "command", "command[]"
REST = "..."
"""What is shown of all that a program is told: nobody can say what of it is a key."""
_TOLD_KEY = re.compile(
    r"""(\s*)(.*?)["']?\b(?:command["']?\s*:|(password)["']?\s*:(?!\s*(?:""|'')\s*(?:#|$)))"""
)
"""What stands behind it is not shown, but that a password is empty."""
_KEY = re.compile(r"""["']?\w+["']?\s*:(?!\S)""")
_ONLY_PROGRAM = re.compile(r"(\S+ )?\.\.\.(?!\S)")


def key_of(at: Location) -> str:
    """The key of what stands at a key path, as `masked` takes it; [] follows if it is an item of a list."""
    name = next((part for part in reversed(at) if isinstance(part, str)), "")
    return f"{name}[]" if at and isinstance(at[-1], int) else name


def masked(value: Any, name: str = "") -> Any:
    """A value of config.yaml without the passwords in it, and without what programs are told.

    `name` is its key.
    """
    if name in (COMMAND, WORD) and value:
        return _bare_command(value) if name == COMMAND else REST
    if isinstance(value, dict):
        return {str(key): masked(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [masked(inner, name) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value)
    # What is no name of a variable is the key itself.
    if text and (name == "password" or (name in _VARIABLES and variable(text) != text)):
        return MASK
    if scheme := _ADDRESS.match(text):
        bare = address(text)
        if "@" in text and not bare.endswith("://..."):
            bare = f"{scheme[1]}{MASK}@{bare.removeprefix(scheme[1])}"
        text = f"{bare}?..." if re.search(r"[?#]", text) else bare
    return redacted(text)


def _bare_command(value: Any) -> Any:
    """The name of the program, be it told in one text or in words."""
    words = list(value) if isinstance(value, list | tuple) else []
    text = str(words[0] if words else value)
    name = program(text)
    if not words and (name == text or (is_path(text) and len(text.split()) == 1)):
        return redacted(text)  # it is told nothing
    shown = [REST] if name == A_COMMAND else [name, REST]
    return shown if words else " ".join(shown)


def masked_lines(text: str) -> dict[str, str]:
    """What is shown of lines of a config file with a password or what a program is told, by what they say.

    It goes by the indentation, as the file may be broken.
    """
    shown: dict[str, str] = {}
    outer = column = -1  # of the line and of the key that one begins at; none if negative
    for line in text.splitlines():
        rest = line.lstrip()
        indent = len(line) - len(rest)
        ends = indent < column if rest.startswith("-") else indent <= outer
        if rest and (ends or (indent == column and _KEY.match(rest))):
            column = outer = -1
        if found := _TOLD_KEY.match(line):
            if "#" not in found[2]:  # a comment has no lines below it
                outer, column = len(found[1]), found.end(2)
            shown[line] = f"{line[: found.end()]} {MASK if found[3] else REST}"
        elif rest and column >= 0:
            shown[line] = line[:indent] + REST
    return shown


def unmasked(value: Any, old: Any, at: Location, name: str = "") -> Any:
    """A value that came back from a page, with the secrets of `old` that were not shown there.

    Raises ConfigError where a new value holds what stands in the place of a secret.
    """
    hidden: dict[str, str | None] = {}
    for instead, text in _hidden(old, name):
        hidden[instead] = text if hidden.get(instead, text) == text else None  # None: one of several
    return _restored(value, old, hidden, at, name)


def _restored(value: Any, old: Any, hidden: dict[str, str | None], at: Location, name: str) -> Any:
    if old and (name in (COMMAND, WORD) or isinstance(old, str)) and value == masked(old, name):
        return old
    if isinstance(value, dict):
        was = old if isinstance(old, dict) else {}
        return {
            key: _restored(inner, was.get(key), hidden, (*at, str(key)), str(key))
            for key, inner in value.items()
        }
    if isinstance(value, list):
        inner_name = WORD if name == COMMAND else name
        items = _before(value, [] if name == COMMAND else old, name)
        return [_restored(inner, items[n], hidden, (*at, n), inner_name) for n, inner in enumerate(value)]
    if not isinstance(value, str):
        return value
    if (before := hidden.get(value)) is not None:
        return before
    hides = _HIDDEN.search(value) is not None and (_ADDRESS.match(value) is not None or MASK in value)
    cut = name in (COMMAND, WORD) and _ONLY_PROGRAM.match(value) is not None
    if value in hidden or hides or cut:
        raise ConfigError([f"{dotted(at)}: part of it is hidden here; write it in full, with the password."])
    return value


def _before(value: list[Any], old: Any, name: str) -> list[Any]:
    """What each item of a list was: what was shown just as it is now, else what stood in its place, or None.

    Two commands of one program are shown alike: where one item goes, the others keep what they are told.
    """
    items = old if isinstance(old, list) else []
    shown = [masked(item, name) for item in items]
    was: dict[int, int] = {}
    for n, inner in enumerate(value if shown != items else ()):
        alike = [m for m, each in enumerate(shown) if each == inner]
        if alike and len(alike) == value.count(inner):
            was[n] = alike[value[:n].count(inner)]
    if len(items) == len(value):
        was |= {n: n for n in set(range(len(items))) - set(was) - set(was.values())}
    return [items[was[n]] if n in was else None for n in range(len(value))]


def _hidden(old: Any, name: str) -> list[tuple[str, str]]:
    """The texts with a secret, each after what is shown of it."""
    if isinstance(old, dict):
        return [pair for key, inner in old.items() for pair in _hidden(inner, str(key))]
    if isinstance(old, list) and name != COMMAND:
        return [pair for inner in old for pair in _hidden(inner, name)]
    return [(masked(old, name), old)] if isinstance(old, str) and masked(old, name) != old else []
