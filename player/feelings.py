"""The 13 feelings that music evokes, and what is felt at a point: what mood and library share.

They come from moods.toml, which holds every vocabulary; player/mood/vocabulary.py reads the others.
"""

from __future__ import annotations

import math
import tomllib
from functools import cache
from importlib import resources
from typing import Any

from player.types import MoodPoint

NEIGHBOURHOOD = 0.25
"""Standard deviation of a feeling's neighbourhood on the circumplex: just less than two of them lie apart."""


@cache
def tables() -> dict[str, dict[str, dict[str, Any]]]:
    """moods.toml: vocabulary -> mood -> its entry."""
    text = resources.files("player").joinpath("moods.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


FEELINGS: tuple[str, ...] = tuple(tables()["feelings"])
"""Their names, in the order of the mood model's last output."""

POINTS: dict[str, MoodPoint] = {
    name: MoodPoint(*entry["point"]) for name, entry in tables()["feelings"].items()
}
"""Where each lies on the circumplex."""


def feelings_at(point: MoodPoint) -> dict[str, float]:
    """Probability of each of the 13 feelings at a point; they sum to 1.

    A Gaussian of width NEIGHBOURHOOD around each feeling, normalised over the 13.
    """
    nearness = {
        name: -(place.distance(point) ** 2) / (2 * NEIGHBOURHOOD**2) for name, place in POINTS.items()
    }
    # Shifted by the nearest, so that the sum cannot vanish far out.
    nearest = max(nearness.values())
    weights = {name: math.exp(value - nearest) for name, value in nearness.items()}
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}
