"""The valence/energy plane as a picture of 200 by 200: happy is right, lively is up."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from player.types import Json

SIZE = 200.0
HUES = ((-135.0, 228.0), (-45.0, 165.0), (45.0, 38.0), (135.0, -15.0), (225.0, -132.0))
"""By direction, in degrees from "happy" to "lively": sad is indigo, calm teal, lively amber, tense rose."""


def place(point: Mapping[str, float]) -> tuple[float, float]:
    """Where what has valence and energy lies."""
    return round((point["valence"] + 1) * SIZE / 2, 1), round((1 - point["energy"]) * SIZE / 2, 1)


def box(limits: Mapping[str, Sequence[float]]) -> tuple[float, float, float, float]:
    """A range of both axes: left, top, width, height."""
    (least_v, most_v), (least_e, most_e) = limits["valence"], limits["energy"]
    left, top = place({"valence": least_v, "energy": most_e})
    return left, top, round((most_v - least_v) * SIZE / 2, 1), round((most_e - least_e) * SIZE / 2, 1)


def hue(point: Mapping[str, float]) -> int:
    """The colour of a mood, in degrees of the colour circle."""
    degrees = math.degrees(math.atan2(point["energy"], point["valence"]))
    degrees = degrees + 360 if degrees < HUES[0][0] else degrees
    for (start, here), (end, there) in pairwise(HUES):
        if start <= degrees <= end:
            return round(here + (there - here) * (degrees - start) / (end - start)) % 360
    raise AssertionError(f"{degrees} is no direction")


def plane(room: Json, tracks: Sequence[Json]) -> Mapping[str, Any]:
    """What lies where: limits, the trail of the mood, the target, what plays and what comes."""
    points = [place(track["mood"]) if track and track["mood"] else None for track in tracks]
    envelope = room["house"] if room["pinned"] else room["envelope"]
    return {
        "house": box(room["house"]),
        "envelope": box(envelope),
        "trail": [place(point) for point in room["trail"]],
        "mood": place(room["mood"]) if room["mood"] else None,
        "target": place(room["target"]),
        "playing": points[0] if points else None,
        "coming": [point for point in points[1:] if point],
    }
