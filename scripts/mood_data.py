"""Labelled sentences for the mood reader, and the labels that follow from the given ones."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from player.mood.vocabulary import FEELINGS, MOOD7, feelings_at, vocabularies
from player.types import MoodPoint

ROOT = Path(__file__).resolve().parent.parent
SENTENCES = ROOT / "scripts" / "data" / "mood_sentences.tsv"
CAPTIONS = ROOT.parent / "shared" / "data" / "scene_captions" / "captions.tsv"


@dataclass(frozen=True)
class Labelled:
    """A sentence, its point (both axes scaled from 1..9 to [-1, 1]) and its mood7."""

    text: str
    point: MoodPoint
    mood7: str
    picture: str
    """Sentences of the same picture never stand on both sides of a split."""
    source: str
    """coco, f8k or own."""


def _read(path: Path, source: str | None) -> list[Labelled]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        Labelled(
            text=row["caption"],
            point=MoodPoint((float(row["valence"]) - 5) / 4, (float(row["energy"]) - 5) / 4),
            mood7=row["mood"],
            picture=row["id"],
            source=source or row["id"].split(":")[0],
        )
        for row in rows
    ]


def captions(path: Path = CAPTIONS) -> list[Labelled]:
    """Captions of COCO and Flickr8k photos with their labels."""
    return _read(path, None)


def own_sentences(path: Path = SENTENCES) -> list[Labelled]:
    """The sentences written for this project."""
    return _read(path, "own")


def fold(item: Labelled, folds: int) -> int:
    """The fold a sentence's picture belongs to, the same on every machine and in every order of rows."""
    return int(hashlib.sha256(item.picture.encode()).hexdigest(), 16) % folds


def feeling_labels(item: Labelled) -> list[float]:
    """Soft labels for the 13 feelings: those near the point, and of these rather the ones mood7 is made of.

    Nothing labels the feelings directly. A tenth of the weight stays with feelings outside the mood7, since
    the borders between the seven are loose; in a scene without atmosphere every feeling may stay near its
    point but sensual, which such scenes never are.
    """
    near = feelings_at(item.point)
    made_of = dict(vocabularies()["mood7"][item.mood7].feelings)
    if not made_of:
        made_of = {name: 0.0 if name == "sensual" else 1.0 for name in FEELINGS}
    most = max(made_of.values())
    weights = np.array([near[name] * (0.1 + 0.9 * made_of.get(name, 0.0) / most) for name in FEELINGS])
    return list(weights / weights.sum())


def arrays(items: Sequence[Labelled]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points (n, 2) float32, mood7 indices (n,) int64, feelings (n, 13) float32."""
    points = np.array([[i.point.valence, i.point.energy] for i in items], np.float32)
    moods = np.array([MOOD7.index(i.mood7) for i in items], np.int64)
    return points, moods, np.array([feeling_labels(i) for i in items], np.float32)


def spearman(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman rank correlation of two (n,) arrays, ties at their mean rank."""

    def ranks(x: np.ndarray) -> np.ndarray:
        _, inverse, counts = np.unique(x, return_inverse=True, return_counts=True)
        return (np.cumsum(counts) - (counts - 1) / 2)[inverse]

    return float(np.corrcoef(ranks(a), ranks(b))[0, 1])


def scores(points: np.ndarray, moods: np.ndarray, items: Sequence[Labelled]) -> dict[str, float]:
    """Spearman of both axes, and of mood7 the accuracy and the mean recall over the moods that occur."""
    true_points, true_moods, _ = arrays(items)
    right = moods == true_moods
    recalls = [right[true_moods == mood].mean() for mood in np.unique(true_moods)]
    found = {
        "valence": spearman(points[:, 0], true_points[:, 0]),
        "energy": spearman(points[:, 1], true_points[:, 1]),
        "mood7_accuracy": right.mean(),
        "mood7_mean_recall": np.mean(recalls),
    }
    return {name: round(float(value), 4) for name, value in found.items()}


def table(points: np.ndarray, moods: np.ndarray, items: Sequence[Labelled]) -> str:
    """The scores for people to read, per source and for all."""
    sources = np.array([item.source for item in items])
    lines = ["source      n  valence  energy  mood7: accuracy  mean recall"]
    for source in (*sorted(set(sources)), "all"):
        chosen = np.ones(len(items), bool) if source == "all" else sources == source
        found = scores(points[chosen], moods[chosen], [items[i] for i in np.flatnonzero(chosen)])
        lines.append(
            "{:<7} {:>5}  {:>7.3f} {:>7.3f}  {:>15.3f}  {:>11.3f}".format(
                source, chosen.sum(), *found.values()
            )
        )
    return "\n".join(lines)
