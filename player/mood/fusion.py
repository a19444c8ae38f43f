"""The mood of a sentence and what the photo itself suggests, as one mood."""

from __future__ import annotations

import math
from collections.abc import Mapping

from player.emotions import NEIGHBOURHOOD, NEUTRAL, feelings_at, project, vocabularies
from player.mood.circumplex import between
from player.types import ImageMood, Mood, MoodPoint

PLAIN = MoodPoint(0.0, 0.0)
NEARLY_PLAIN = 0.5
"""So near to PLAIN a scene that the sentence calls neutral stays neutral: no feeling leads there."""


def blend(mood: Mood, image_mood: ImageMood | None, weight: float) -> Mood:
    """The mood moved towards the impression, as far as that one is sure of itself.

    weight: how far a fully confident impression is followed, 0 (never) to 1 (all the way). The point goes
    `weight * impression.weight` of the way (energy: `energy_weight`, if given). Every feeling becomes as
    much more probable as it now lies nearer, and mood7 changes only if another of the seven now leads
    among the feelings, and from neutral only if the point is far from it.
    """
    if image_mood is None:
        return mood
    share = weight * image_mood.weight
    lift = share if image_mood.energy_weight is None else weight * image_mood.energy_weight
    if share <= 0 and lift <= 0:
        return mood
    seen = MoodPoint(image_mood.valence, image_mood.energy)
    point = MoodPoint(between(mood, seen, share).valence, between(mood, seen, lift).energy)
    before = mood.moods or feelings_at(mood)
    after = _followed(before, mood, point)
    led, leads = _leader(before), _leader(after)
    plain = mood.mood7 == NEUTRAL and PLAIN.distance(point) < NEARLY_PLAIN
    return Mood(
        valence=point.valence,
        energy=point.energy,
        moods=after if mood.moods else {},
        mood7=mood.mood7 if leads == led or plain else leads,
    )


def _followed(moods: Mapping[str, float], before: MoodPoint, after: MoodPoint) -> dict[str, float]:
    """Probabilities of the feelings times the ratio of their Gaussian neighbourhoods at the two points."""
    places = vocabularies()["feelings"]
    nearer = {
        name: (places[name].point.distance(before) ** 2 - places[name].point.distance(after) ** 2)
        / (2 * NEIGHBOURHOOD**2)
        for name, probability in moods.items()
        if probability > 0
    }
    most = max(nearer.values())  # so that no exponential overflows
    weights = {name: p * math.exp(nearer[name] - most) if p > 0 else 0.0 for name, p in moods.items()}
    total = sum(weights.values())
    return {name: w / total for name, w in weights.items()} if total > 0 else dict(moods)


def _leader(moods: Mapping[str, float]) -> str:
    seven = project(moods, "mood7")
    return max(seven, key=lambda name: seven[name])
