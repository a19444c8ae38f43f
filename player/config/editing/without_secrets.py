"""A config file's text without the passwords in it, for who keeps it elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from player.config import document
from player.config.document import Location, dotted
from player.config.editing.changes import rewritten
from player.config.editing.secrets import masked
from player.privacy.redaction import MASK


def without_secrets(path: Path, text: str) -> tuple[str, tuple[str, ...]]:
    """The text, its comments too, and the keys of the settings that lost something.

    Raises ConfigError where it is no YAML, or a person alone can change it.
    """
    values = document.parse(path, text).values
    bare, keys = _bare(values, "", ())
    if not keys:
        return text, ()
    return rewritten(path, text, values, bare), tuple(dict.fromkeys(map(dotted, keys)))


def _bare(value: Any, name: str, at: Location) -> tuple[Any, list[Location]]:
    """A value without secrets, and where there were some."""
    if isinstance(value, dict):
        pairs = {key: _bare(inner, str(key), (*at, str(key))) for key, inner in value.items()}
        return {key: pair[0] for key, pair in pairs.items()}, [a for pair in pairs.values() for a in pair[1]]
    if isinstance(value, list):
        items = [_bare(inner, name, (*at, n)) for n, inner in enumerate(value)]
        return [item[0] for item in items], [a for item in items for a in item[1]]
    shown = masked(value, name)
    if shown == value or not isinstance(value, str):
        return value, []
    return ("" if shown == MASK else shown.replace(f"{MASK}@", "").removesuffix("?...")), [at]
