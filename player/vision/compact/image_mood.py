"""The mood that a photo suggests by itself: a small network on what the tagger's has seen anyway."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from player.models import open_session
from player.types import ImageMood
from player.vision.compact.caption_builder import CROWD
from player.vision.compact.detector import Box, Detection
from player.vision.compact.tagger import Tagged
from player.vision.compact.vocabulary import objects

MODEL = "impression.onnx"
ALIVE = ("people", "animal")
"""Roles (objects.toml) of those whose doings make the mood of a photo."""

FEW = 3
"""People up to whom the head is trusted in full; from a crowd on it is not trusted at all. One in a hundred
of the photos that it has learnt from shows a crowd, and of those the sentence, which counts, is nearer to
the judgement of people (mean error of energy 0.26 against 0.32)."""

ENERGY = 0.9
"""The head's share of the energy as a part of its share of the valence: what people do is in the sentence."""
CROWDED, PER_DOUBLING = 0.3, 0.3
"""Energy of a crowd of CROWD people, and how much each doubling adds: 0.9 at 28."""

Floats = npt.NDArray[np.float32]


def cover(boxes: Sequence[Box], height: int, width: int) -> Floats:
    """(height, width) float32: the share of each cell of a grid over the picture that the best box covers."""
    rows, columns = np.arange(height), np.arange(width)
    covered = np.zeros((height, width), np.float32)
    for box in boxes:
        down = np.clip(np.minimum(rows + 1, box.bottom * height) - np.maximum(rows, box.top * height), 0, 1)
        across = np.clip(
            np.minimum(columns + 1, box.right * width) - np.maximum(columns, box.left * width), 0, 1
        )
        covered = np.maximum(covered, np.outer(down, across).astype(np.float32))
    return covered


def pooled(features: Floats, seen: Sequence[Detection]) -> Floats:
    """(channels, height, width) features -> (3 * channels,) float32, an input of impression.onnx.

    Each channel's mean, its maximum, and its mean where people and animals are (0 if there are none).
    """
    words = objects()
    _, height, width = features.shape
    where = cover([d.box for d in seen if words[d.label].role in ALIVE], height, width)
    alive = np.tensordot(features, where, axes=2) / max(float(where.sum()), 1e-6)
    return np.concatenate([features.mean(axis=(1, 2)), features.max(axis=(1, 2)), alive], dtype=np.float32)


def competence(people: int) -> float:
    """1 up to FEW people, 0 from CROWD on."""
    return min(max((CROWD - people) / (CROWD - FEW), 0.0), 1.0)


def crowd_energy(people: int) -> float:
    """How lively so many people are, -1 to 1; sentences know no more than "a crowd"."""
    return min(max(CROWDED + PER_DOUBLING * math.log2(max(people, 1) / CROWD), -1.0), 1.0)


def with_crowd(found: ImageMood, people: int) -> ImageMood:
    """The impression as far as it can be trusted among so many people, whose number takes over the energy."""
    trust = competence(people)
    energy = trust * found.energy + (1 - trust) * crowd_energy(people)
    own = found.weight if found.energy_weight is None else found.energy_weight
    return ImageMood(found.valence, energy, trust * found.weight, trust * own + 1 - trust)


class ImageMoodHead:
    """Reads valence and energy off what the tagger has seen."""

    def __init__(self, threads: int) -> None:
        """Raises ModelError and its children if impression.onnx cannot be used."""
        self._session = open_session(MODEL, threads)

    def __call__(self, tagged: Tagged, seen: Sequence[Detection], people: int) -> ImageMood:
        """tagged: from Tagger. seen: from Detector, on the same picture. people: counted."""
        inputs = {"features": pooled(tagged.features, seen)[None], "middle": tagged.middle[None]}
        point, weight = self._session.run(["point", "weight"], inputs)
        valence, energy = (float(value) for value in np.clip(point[0], -1, 1))
        sure = float(np.clip(weight[0, 0], 0, 1))
        return with_crowd(ImageMood(valence, energy, sure, ENERGY * sure), people)
