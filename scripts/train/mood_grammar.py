"""Sentences about venues and wishes, put together from lists of ours, that a larger reader judges."""

from __future__ import annotations

import random
import re
import tomllib
from pathlib import Path

GRAMMAR = Path(__file__).resolve().parents[1] / "data" / "mood_grammar.toml"


def composed(number: int, path: Path = GRAMMAR) -> list[str]:
    """That many sentences, all different, the same ones each time.

    A third begin with a capital and end with a full stop, as people write both. Raises ValueError if the
    lists hardly make so many.
    """
    lists = tomllib.loads(path.read_text(encoding="utf-8"))
    rng = random.Random(0)
    found: dict[str, None] = {}
    for _ in range(100 * number):
        text = re.sub(r"\{(\w+)\}", lambda name: rng.choice(lists[name[1]]), rng.choice(lists["sentences"]))
        text = text.removeprefix("in ") if text.startswith("in a") else text  # "a hotel lobby, soft lamps"
        found[text[0].upper() + text[1:] + "." if rng.random() < 1 / 3 else text] = None
        if len(found) == number:
            return list(found)
    raise ValueError(f"The lists make no {number} sentences, but {len(found)}.")
