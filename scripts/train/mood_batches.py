"""Rows, batches and losses of labelled sentences, for mood.py and mood_teacher.py."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its usual name

from player.emotions import MOOD7
from scripts.train.mood_data import FOLDED, Labelled, arrays
from scripts.train.mood_opinions import Opinions

BATCH = 32
PHOTO_WEIGHT = 0.5
POINT_WEIGHT, MOOD7_WEIGHT, FEELINGS_WEIGHT = 4.0, 0.3, 0.1
LABEL_SMOOTHING = 0.05  # one reader's label each
RAREST = 5.0  # a rare mood7 weighs at most this much more than the most frequent
TAUGHT = 0.5
"""Share of the larger reader's opinion in what a sentence is taken for; the rest is its labels'."""

Said = tuple[Tensor, Tensor, Tensor]
"""Of a batch: points (n, 2), logits of mood7 (n, 7) and of the feelings (n, 13)."""


def batches(ids: Sequence[list[int]], rng: random.Random) -> Iterator[list[int]]:
    """Indices in random batches of similar length, so that little is computed on padding."""
    order = rng.sample(range(len(ids)), len(ids))
    found = []
    for start in range(0, len(order), BATCH * 8):
        pool = sorted(order[start : start + BATCH * 8], key=lambda i: len(ids[i]))
        found += [pool[i : i + BATCH] for i in range(0, len(pool), BATCH)]
    rng.shuffle(found)
    yield from found


@dataclass(frozen=True)
class Rows:
    """Sentences as a network takes them, all scenes or all emotions."""

    texts: list[str]
    ids: list[list[int]]
    points: Tensor
    moods: Tensor
    feelings: Tensor
    weights: Tensor

    @classmethod
    def of(
        cls,
        items: Sequence[Labelled],
        words: Tokenizer,
        passes: Mapping[str, int],
        opinions: Opinions | None = None,
    ) -> Rows:
        """Each item as often as `passes` says of its source, with the opinions, if any, mixed in."""
        items = [item for item in items for _ in range(passes[item.source])]
        targets = arrays(items)
        if opinions:
            targets = tuple(map(_mixed, targets, opinions.of(items)))
        points, moods, feelings = (torch.from_numpy(labels) for labels in targets)
        weights = torch.tensor([PHOTO_WEIGHT if item.source == "photo" else 1.0 for item in items])
        texts = [item.text for item in items]
        return cls(texts, [words.encode(text).ids for text in texts], points, moods, feelings, weights)

    @cached_property
    def rarity(self) -> Tensor:
        """(7,) weight of each mood7."""
        counts = self.moods.sum(0).clamp(min=1)
        return (counts.max() / counts).sqrt().clamp(max=RAREST)


def _mixed(labels: np.ndarray, opinions: np.ndarray) -> np.ndarray:
    return ((1 - TAUGHT) * labels + TAUGHT * opinions).astype(np.float32)


def scene_loss(said: Said, rows: Rows, batch: list[int]) -> Tensor:
    """Of all heads."""
    point, mood7, feelings = said
    losses = (
        POINT_WEIGHT * (point - rows.points[batch]).square().mean(1)
        + MOOD7_WEIGHT * _mood7_loss(mood7, rows.moods[batch], rows.rarity)
        + FEELINGS_WEIGHT * F.cross_entropy(feelings, rows.feelings[batch], reduction="none")
    )
    return (rows.weights[batch] * losses).mean()


def emotion_loss(said: Said, rows: Rows, batch: list[int]) -> Tensor:
    """Of the mood7 head, among the plan's five."""
    five = [MOOD7.index(mood) for mood in FOLDED]
    return MOOD7_WEIGHT * _mood7_loss(said[1][:, five], rows.moods[batch][:, five], rows.rarity[five]).mean()


def _mood7_loss(logits: Tensor, shares: Tensor, rarity: Tensor) -> Tensor:
    """(n,) cross entropy, smoothed: labels are one or two readers'."""
    return F.cross_entropy(logits, shares, rarity, label_smoothing=LABEL_SMOOTHING, reduction="none")
