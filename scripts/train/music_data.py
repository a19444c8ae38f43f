"""Clips that people judged, and what the player hears in them: shared by training and evaluation.

A data folder holds sound files and labels.tsv with the column `file` and either `quadrant` (Q1..Q4) or
`valence_proxy` and `energy_proxy`, what listeners felt; their files are named GENRE_NUMBER.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import numpy.typing as npt

from player.library.analysis.decoding import decode
from player.library.analysis.feature_extractor import QUADRANTS, FeatureExtractor, quadrants_of

HIGH = np.array([[1.0, 1.0], [0.0, 1.0], [0.0, 0.0], [1.0, 0.0]])
"""Which quadrants lie on the high side of valence and of energy."""


@dataclass(frozen=True, eq=False)
class Labels:
    """What people said of n clips."""

    quadrant: npt.NDArray[np.int64]
    """(n,): index of its quadrant, -1 where the set has ratings instead."""
    rating: npt.NDArray[np.float64]
    """(n, 2): valence and energy by listeners' answers, NaN where the set has quadrants instead."""
    kind: npt.NDArray[np.str_]
    """(n,): its quadrant or its genre."""

    @property
    def rated(self) -> npt.NDArray[np.bool_]:
        """(n,): whether listeners rated it; the others have a quadrant."""
        return self.quadrant < 0

    def of(self, rows: npt.NDArray[np.int64]) -> Labels:
        """Those of some of the clips."""
        return Labels(self.quadrant[rows], self.rating[rows], self.kind[rows])


def labelled(folders: Sequence[Path]) -> tuple[list[Path], Labels]:
    """The files and labels of every line of each folder's labels.tsv."""
    paths, quadrant, rating, kind = [], [], [], []
    for folder in folders:
        with (folder / "labels.tsv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                paths.append(folder / row["file"])
                name = row.get("quadrant")
                quadrant.append(QUADRANTS.index(name) if name else -1)
                rating.append([float(row.get(f"{axis}_proxy") or "nan") for axis in ("valence", "energy")])
                kind.append(name or row["file"].partition("_")[0])
    return paths, Labels(np.array(quadrant), np.array(rating), np.array(kind))


@cache
def _extractor() -> FeatureExtractor:
    return FeatureExtractor()


def _hear(path: Path) -> npt.NDArray[np.float32]:
    return _extractor().features(decode(path).excerpts)[0]


def heard(paths: list[Path], processes: int, kept: Path | None = None) -> npt.NDArray[np.float64]:
    """Features of every clip, (clips, 1230); `kept` is a .npy file that saves hearing them again."""
    if kept and kept.exists():
        return np.load(kept).astype(np.float64)
    with Pool(processes) as pool:
        features = np.stack(pool.map(_hear, paths, chunksize=8))
    if kept:
        np.save(kept, features)
    return features.astype(np.float64)


def scores(truth: npt.NDArray[np.int64], points: npt.NDArray[np.floating]) -> dict[str, float]:
    """Macro F1 over the quadrants, and how often the signs of valence and energy are right.

    `truth` are indices of quadrants, (n,); `points` are (valence, energy), (n, 2).
    """
    guess, f1 = quadrants_of(points), []
    for quadrant in range(len(QUADRANTS)):
        hits = np.sum((guess == quadrant) & (truth == quadrant))
        f1.append(2 * hits / max(1, np.sum(guess == quadrant) + np.sum(truth == quadrant)))
    right = (points > 0) == (HIGH[truth] > 0)
    return {
        "macro_f1": float(np.mean(f1)),
        "valence_accuracy": float(right[:, 0].mean()),
        "energy_accuracy": float(right[:, 1].mean()),
    }


def agreement(
    rating: npt.NDArray[np.floating], points: npt.NDArray[np.floating], genre: npt.NDArray[np.str_]
) -> dict[str, dict[str, float]]:
    """Spearman's correlation of valence and energy with the ratings, (n, 2) each, over all and by genre."""
    return {
        name: {
            axis: float(np.corrcoef(_ranks(rating[those, i]), _ranks(points[those, i]))[0, 1])
            for i, axis in enumerate(("valence", "energy"))
        }
        for name, those in [("all", genre != ""), *((str(one), genre == one) for one in np.unique(genre))]
    }


def _ranks(values: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Ranks, (n,); equal values share the mean of theirs."""
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[which])


def reliability(
    confidence: npt.NDArray[np.floating], right: npt.NDArray[np.bool_], bins: int = 10
) -> tuple[float, str]:
    """Expected calibration error (Naeini et al. 2015), and a table of said against true shares, by tenths."""
    which = np.minimum((confidence * bins).astype(int), bins - 1)
    error, lines = 0.0, ["confidence   said   true  clips"]
    for at in np.unique(which):
        inside = which == at
        said, true = float(confidence[inside].mean()), float(right[inside].mean())
        error += abs(said - true) * float(inside.mean())
        lines.append(f"{at / bins:.1f} to {(at + 1) / bins:.1f} {said:6.3f} {true:6.3f} {inside.sum():6d}")
    return round(error, 3), "\n".join(lines)


def other_half_is_nearest(halves: npt.NDArray[np.floating]) -> float:
    """Embeddings of both halves of every clip, (clips, 2, size), unit length -> a share of the halves.

    How often the nearest of all other halves is that of the same clip.
    """
    flat = halves.reshape(-1, halves.shape[2])
    likeness = flat @ flat.T
    np.fill_diagonal(likeness, -np.inf)
    return float(np.mean(likeness.argmax(axis=1) == np.arange(len(flat)) ^ 1))


def neighbours_agree(
    embeddings: npt.NDArray[np.floating], labels: npt.NDArray[np.int64], count: int = 5
) -> float:
    """Share of the `count` nearest others that have the same quadrant, (n, size) of unit length, (n,)."""
    likeness = embeddings @ embeddings.T
    np.fill_diagonal(likeness, -np.inf)
    nearest = np.argsort(-likeness, axis=1)[:, :count]
    return float(np.mean(labels[nearest] == labels[:, None]))
