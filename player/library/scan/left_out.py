"""Which names in a music folder are left out: what systems, bins and downloads leave there, hidden ones."""

from __future__ import annotations

import fnmatch
import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

LEFT_OUT = Path(__file__).with_name("left_out.toml")
_TITLE = re.compile(r"\.([.\d'(\[]|[^\x00-\x7f]|.*\s)")
"""After its first dot a title has another one, a digit, or several words: "...And Justice for All", ".5: The
Gray Chapter". Other names that begin with a dot are hidden, as for all programs.
"""


def is_left_out(name: str) -> bool:
    """Whether a file or folder of this name is no music of the owner's."""
    return bool(_debris().fullmatch(name)) or (name.startswith(".") and not _TITLE.match(name))


def lies_left_out(path: Path, folders: Iterable[Path]) -> bool:
    """Whether a file is left out by its own name, or by that of a folder between it and one of `folders`.

    Of a file in none of them, its own name counts alone.
    """
    inside = next((folder for folder in folders if path.is_relative_to(folder)), path.parent)
    return any(is_left_out(part) for part in path.relative_to(inside).parts)


@cache
def _debris() -> re.Pattern[str]:
    with LEFT_OUT.open("rb") as file:
        kinds: dict[str, list[str]] = tomllib.load(file)
    exact = [f"(?-i:{fnmatch.translate(pattern)})" for pattern in kinds.pop("capitals")]
    patterns = [fnmatch.translate(pattern) for patterns in kinds.values() for pattern in patterns]
    return re.compile("|".join([*exact, *patterns]), re.IGNORECASE)
