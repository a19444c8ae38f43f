"""What teaching a room goes by: the tagger's features, reduced, and how many people the detector suspects."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from player.models import manifest
from player.types import Json, Look
from player.vision.compact import detector, tagger
from player.vision.compact.detector import Detection

FAINT = 0.1
"""Score from which a person is suspected: in a crowd most are seen no more clearly."""
DIRECTIONS = 128
"""Sums of features with signs: they keep the angles between pictures."""
PEOPLE = 0.2
"""Of the root of a count, beside features of length 1 (scripts/evaluate/teach.py)."""
VERSION = 1
"""Of how the numbers are made from the networks' outputs."""

Floats = npt.NDArray[np.float32]


def made_by() -> str:
    """The networks behind the numbers, by the beginnings of their sha256. Raises ModelError.

    Of a file that gives the same numbers as an older one, by that one's: what a room was taught stays.
    """
    files = manifest()
    entries: tuple[Json, ...] = (files[tagger.MODEL], files[detector.MODEL])
    names = (str(entry.get("same_numbers_as", entry["sha256"]))[:12] for entry in entries)
    return "+".join([*names, str(VERSION)])


def look_of(features: Floats, seen: Sequence[Detection], networks: str) -> Look:
    """features: (channels, height, width), from Tagger. seen: from Detector, with FAINT and more."""
    means = features.mean(axis=(1, 2))
    reduced = _signs(len(means)) @ (means / max(float(np.linalg.norm(means)), 1e-6))
    scores = [found.score for found in seen if found.label == "person" and found.score >= FAINT]
    people = [PEOPLE * sum(scores) ** 0.5, PEOPLE * len(scores) ** 0.5]
    return Look(tuple(round(float(value), 5) for value in (*reduced, *people)), networks)


@cache
def _signs(channels: int) -> Floats:
    """(DIRECTIONS, channels) of 0, 1 and -1: each channel goes to one sum, with a sign (feature hashing).

    Made from the channel's number alone, so that no version of numpy draws it otherwise.
    """
    signs = np.zeros((DIRECTIONS, channels), np.float32)
    for channel in range(channels):
        mixed = (channel * 2654435761) & 0xFFFFFFFF
        signs[channel % DIRECTIONS, channel] = 1.0 if mixed.bit_count() % 2 else -1.0
    return signs
