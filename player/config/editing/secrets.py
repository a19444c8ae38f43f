"""What of a config its owner's page shows, and what comes back from there unchanged."""

from __future__ import annotations

import re
from typing import Any

from player.config.document import Location, dotted
from player.errors import ConfigError
from player.privacy.redaction import MASK, address, redacted, variable

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30}:/+)")
_VARIABLES = ("api_key_env", "lastfm_key_env")
_HIDDEN = re.compile(r"\*\*\*|\?\.\.\.|:/+\.\.\.|/\.\.\.$")
"""What `masked` puts in the place of a secret."""


def masked(value: Any, name: str = "") -> Any:
    """A value of config.yaml without the passwords in it. `name` is its key."""
    if isinstance(value, dict):
        return {str(key): masked(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [masked(inner, name) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value)
    if name == "password":
        return MASK if text else text
    if name in _VARIABLES:
        # What is no name of a variable is the key itself.
        return text if not text or variable(text) == text else MASK
    if (scheme := _ADDRESS.match(text)) and name != "command":
        bare = address(text)
        if "@" in text and not bare.endswith("://..."):
            bare = f"{scheme[1]}{MASK}@{bare.removeprefix(scheme[1])}"
        text = f"{bare}?..." if re.search(r"[?#]", text) else bare
    return redacted(text)


def unmasked(value: Any, old: Any, at: Location, name: str = "") -> Any:
    """A value that came back from a page, with the secrets of `old` that were not shown there.

    Raises ConfigError where a new value holds what stands in the place of a secret.
    """
    hidden: dict[str, str | None] = {}
    for instead, text in _hidden(old, name):
        hidden[instead] = text if hidden.get(instead, text) == text else None  # None: one of several
    return _restored(value, old, hidden, at, name)


def _restored(value: Any, old: Any, hidden: dict[str, str | None], at: Location, name: str) -> Any:
    if isinstance(value, dict):
        was = old if isinstance(old, dict) else {}
        return {
            key: _restored(inner, was.get(key), hidden, (*at, str(key)), str(key))
            for key, inner in value.items()
        }
    if isinstance(value, list):
        items = old if isinstance(old, list) and len(old) == len(value) else [None] * len(value)
        return [_restored(inner, items[n], hidden, (*at, n), name) for n, inner in enumerate(value)]
    if not isinstance(value, str):
        return value
    if isinstance(old, str) and value == masked(old, name):
        return old
    if (before := hidden.get(value)) is not None:
        return before
    if value in hidden or (_HIDDEN.search(value) and (_ADDRESS.match(value) or MASK in value)):
        raise ConfigError([f"{dotted(at)}: part of it is hidden here; write it in full, with the password."])
    return value


def _hidden(old: Any, name: str) -> list[tuple[str, str]]:
    """The texts with a secret, each after what is shown of it."""
    if isinstance(old, dict):
        return [pair for key, inner in old.items() for pair in _hidden(inner, str(key))]
    if isinstance(old, list):
        return [pair for inner in old for pair in _hidden(inner, name)]
    return [(masked(old, name), old)] if isinstance(old, str) and masked(old, name) != old else []
