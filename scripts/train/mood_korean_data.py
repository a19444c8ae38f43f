"""The labelled Korean sentences, and how well a model reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from player.emotions import MOOD7
from player.mood.korean_reader import Korean
from scripts.train.mood_data import SENTENCES, held, own_sentences, rows_of, spearman

KOREAN = SENTENCES.with_name("mood_sentences_ko.tsv")


@dataclass(frozen=True)
class Sentence:
    """A Korean text and its labels, the means of two readers, the axes in [-1, 1]."""

    text: str
    valence: float
    energy: float
    mood7: str
    second7: str
    """What the second reader called it."""
    kind: str
    """wish, caption, word, message, lexicon (words, for training alone) or scene (mood_sentences.tsv)."""
    split: str
    """train, or held out: test (every seventh line), other (another style), captions (of two readers)."""


def sentences() -> list[Sentence]:
    """All of them."""
    own = [
        Sentence(
            row["sentence"],
            (float(row["valence"]) + float(row["valence2"]) - 10) / 8,
            (float(row["energy"]) + float(row["energy2"]) - 10) / 8,
            row["mood7"],
            row["mood7_2"],
            row["kind"],
            row["split"],
        )
        for row in rows_of(KOREAN)
    ]
    scenes = [
        Sentence(
            item.text,
            item.point.valence,
            item.point.energy,
            item.mood7,
            item.second7,
            "scene",
            "captions" if held(item) else "train",
        )
        for item in own_sentences()
        if item.source == "ko" and item.point is not None
    ]
    return own + scenes


def labels(rows: Sequence[Sentence]) -> np.ndarray:
    """(n, 9): valence, energy, and the share of the readers who chose each mood7."""
    moods = [[(row.mood7 == mood) / 2 + (row.second7 == mood) / 2 for mood in MOOD7] for row in rows]
    return np.array([[row.valence, row.energy, *shares] for row, shares in zip(rows, moods, strict=True)])


def scores(model: Korean, rows: Sequence[Sentence]) -> dict[str, float]:
    """Spearman of both axes, and how often the mood7 is right."""
    found = np.array([model.read(row.text) for row in rows])
    wanted = labels(rows)
    return {
        "valence": round(spearman(found[:, 0], wanted[:, 0]), 4),
        "energy": round(spearman(found[:, 1], wanted[:, 1]), 4),
        "mood7_accuracy": round(float((found[:, 2:].argmax(1) == wanted[:, 2:].argmax(1)).mean()), 4),
    }
