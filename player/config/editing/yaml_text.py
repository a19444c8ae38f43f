"""Values as they are written into config.yaml, so that every reader of YAML finds just them."""

from __future__ import annotations

import json
import math
import re
from datetime import date
from typing import Any

import yaml

from player.config.document import Loader

_LOOKS_OTHERWISE = re.compile(r"[-+.]?\d|[-?:yn]$", re.IGNORECASE)
"""Times, numbers, signs and YAML 1.0's y and n: some reader of YAML takes them for something else."""
_UNSEEN = re.compile("[\x7f-\xa0\xad\u2028\u2029\ufeff\ufffe\uffff]")
"""Characters that are line breaks to YAML, or that nobody sees."""


def flow(value: Any, style: str | None = None, in_flow: bool = False) -> str:
    """A value on one line.

    style    how what stood there was written: " or ' or None
    in_flow  whether it stands within brackets
    """
    match value:
        case dict():
            text = ", ".join(f"{key(name)}: {flow(inner, None, True)}" for name, inner in value.items())
            return f"{{{text}}}"
        case list() | tuple():
            return "[" + ", ".join(flow(inner, style, True) for inner in value) + "]"
        case str():
            return _text(value, style, in_flow)
    return _simple(value)


def _simple(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case float():
            return _number(value)
        case date():
            return value.isoformat()
    return str(value)


def key(name: str, style: str | None = None) -> str:
    """A key, which is always text."""
    return _text(name, style, in_flow=True)


def _number(value: float) -> str:
    if not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    digits, exponent, power = repr(value).partition("e")
    return digits + ("" if "." in digits else ".0") + exponent + power


def _text(text: str, style: str | None, in_flow: bool) -> str:
    if style == "'" and text.isprintable() and not _UNSEEN.search(text):
        return "'" + text.replace("'", "''") + "'"
    if style != '"' and _is_plain(text, in_flow):
        return text
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def _is_plain(text: str, in_flow: bool) -> bool:
    """Whether a text without quotes is that text to every reader of YAML."""
    if not text.isprintable() or _LOOKS_OTHERWISE.match(text) or _UNSEEN.search(text):
        return False
    around = f"[{text}, x]" if in_flow else f"x: {text}\n"
    for reader in (Loader, yaml.SafeLoader):
        try:
            node: Any = reader(around).get_single_node()
        except (yaml.YAMLError, ValueError):
            return False
        found = node.value[0] if in_flow else node.value[0][1]
        if not (
            len(node.value) == (2 if in_flow else 1)
            and isinstance(found, yaml.ScalarNode)
            and (found.tag, found.value, found.style) == ("tag:yaml.org,2002:str", text, None)
        ):
            return False
    return True
