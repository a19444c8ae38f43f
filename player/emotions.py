"""The moods that have names: 13 feelings that music evokes, and vocabularies that are projections of them.

They come from emotions.toml. What is felt at a point, and the way from a point to names and from one
vocabulary to another, is shared by mood, library and what a person reads.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from player.types import Mood, MoodPoint

NEIGHBOURHOOD = 0.25
"""Standard deviation of a feeling's neighbourhood on the circumplex: just less than two of them lie apart."""


@cache
def tables() -> dict[str, dict[str, dict[str, Any]]]:
    """emotions.toml: vocabulary -> mood -> its entry."""
    text = resources.files("player").joinpath("emotions.toml").read_text(encoding="utf-8")
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


NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Named:
    """A mood that has a name, in one of the vocabularies."""

    name: str
    korean: str
    vocabulary: str
    """feelings, mood7, plan5, mirex5, quadrants, tags, mirex18, rooms or music."""
    point: MoodPoint
    feelings: Mapping[str, float]
    """Weights of the 13 feelings it is made of; they sum to 1, or there are none (neutral)."""

    @property
    def mood(self) -> Mood:
        """The same as a Mood, as the reader would give it."""
        seven = project(self.feelings, "mood7")
        return Mood(
            valence=self.point.valence,
            energy=self.point.energy,
            moods=_complete(self.feelings) if self.feelings else feelings_at(self.point),
            mood7=max(seven, key=lambda name: seven[name]) if self.feelings else NEUTRAL,
        )


def _complete(weights: Mapping[str, float]) -> dict[str, float]:
    return {feeling: weights.get(feeling, 0.0) for feeling in FEELINGS}


def _normalised(weights: Mapping[str, float]) -> dict[str, float]:
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()} if total > 0 else {}


MOOD7: tuple[str, ...] = tuple(tables()["mood7"])
"""happy, romantic, sad, aggressive, dramatic, calm, neutral: the order of the model's mood7 logits."""


def _mean_point(weights: Mapping[str, float]) -> MoodPoint:
    return MoodPoint(
        valence=sum(weight * POINTS[name].valence for name, weight in weights.items()),
        energy=sum(weight * POINTS[name].energy for name, weight in weights.items()),
    )


def _named(vocabulary: str, name: str, entry: Mapping[str, Any]) -> Named:
    if vocabulary == "feelings":
        weights = {name: 1.0}
    elif "feelings" in entry:
        weights = _normalised(entry["feelings"])
    else:
        weights = feelings_at(MoodPoint(*entry["point"]))
    point = MoodPoint(*entry["point"]) if "point" in entry else _mean_point(weights)
    return Named(name, entry["korean"], vocabulary, point, weights)


@cache
def vocabularies() -> Mapping[str, Mapping[str, Named]]:
    """Every vocabulary of emotions.toml: its name -> (mood name -> Named), in the file's order."""
    return {
        vocabulary: {name: _named(vocabulary, name, entry) for name, entry in entries.items()}
        for vocabulary, entries in tables().items()
    }


@cache
def _index() -> dict[str, Named]:
    """Every spelling -> Named. Names go before other spellings, earlier vocabularies before later ones."""
    index: dict[str, Named] = {}
    entries = [
        (named, tables()[vocabulary][name])
        for vocabulary, names in vocabularies().items()
        for name, named in names.items()
    ]
    for named, _ in entries:
        index.setdefault(named.name.casefold(), named)
        index.setdefault(named.korean, named)
    for named, entry in entries:
        for spelling in entry.get("also", ()):
            index.setdefault(spelling.casefold(), named)
    return index


def find(name: str) -> Named | None:
    """The mood of that English or Korean name in any vocabulary, whatever its case; None if unknown."""
    return _index().get(" ".join(name.split()).casefold())


def mentioned(text: str) -> tuple[Named, ...]:
    """The moods whose names are words of a text, in its order, each once."""
    words = ("".join(letter for letter in word if letter.isalpha()) for word in text.split())
    found = (find(word) for word in words)
    return tuple({one.name: one for one in found if one is not None}.values())


def nearest(point: MoodPoint, vocabulary: str) -> Named:
    """The mood of a vocabulary that lies nearest to a point. Raises KeyError for an unknown vocabulary."""
    return min(vocabularies()[vocabulary].values(), key=lambda named: named.point.distance(point))


def describe_room(point: MoodPoint) -> str:
    """A plain word for a room of this mood, as people read it: lively, cosy, quiet."""
    return nearest(point, "rooms").name


def describe_music(point: MoodPoint) -> str:
    """A plain word for music of this mood, as people read it: upbeat, gentle, calm."""
    return nearest(point, "music").name


def project(moods: Mapping[str, float], vocabulary: str) -> dict[str, float]:
    """Probabilities of the 13 feelings -> probabilities of another vocabulary's names; they sum to 1.

    Each feeling's probability is shared among the names that are made of it, in proportion to its weight in
    each. What no name is made of is left out; with nothing left all are equally probable.
    Raises KeyError for a vocabulary that emotions.toml does not have.
    """
    names = vocabularies()[vocabulary]
    shares = dict.fromkeys(names, 0.0)
    for feeling, probability in moods.items():
        weights = {name: named.feelings.get(feeling, 0.0) for name, named in names.items()}
        for name, share in _normalised(weights).items():
            shares[name] += probability * share
    return _normalised(shares) or dict.fromkeys(names, 1 / len(names))
