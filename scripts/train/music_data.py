"""Clips with quadrant labels, and what the player hears in them: shared by training and evaluation.

A data folder holds sound files and labels.tsv with the columns `file` and `quadrant` (Q1..Q4).
"""

from __future__ import annotations

import csv
from functools import cache
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import numpy.typing as npt

from player.library.analysis.decoding import decode
from player.library.analysis.feature_extractor import QUADRANTS, FeatureExtractor


def labelled(folder: Path) -> list[tuple[Path, int]]:
    """(file, index of its quadrant) of every line of labels.tsv."""
    with (folder / "labels.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return [(folder / row["file"], QUADRANTS.index(row["quadrant"])) for row in rows]


@cache
def _extractor() -> FeatureExtractor:
    return FeatureExtractor()


def _hear(path: Path) -> npt.NDArray[np.float32]:
    return _extractor().features(decode(path).excerpts)[0]


def heard(clips: list[tuple[Path, int]], processes: int) -> npt.NDArray[np.float32]:
    """Features of every clip, (clips, 392)."""
    with Pool(processes) as pool:
        return np.stack(pool.map(_hear, [path for path, _ in clips], chunksize=8))


def scores(
    truth: npt.NDArray[np.int64], guess: npt.NDArray[np.int64], points: npt.NDArray[np.floating]
) -> dict[str, float]:
    """Macro F1 over the quadrants, and how often the signs of valence and energy are right.

    `truth` and `guess` are indices of quadrants, (n,); `points` are (valence, energy), (n, 2).
    """
    f1 = []
    for quadrant in range(len(QUADRANTS)):
        hits = np.sum((guess == quadrant) & (truth == quadrant))
        f1.append(2 * hits / max(1, np.sum(guess == quadrant) + np.sum(truth == quadrant)))
    return {
        "macro_f1": float(np.mean(f1)),
        "valence_accuracy": float(np.mean((points[:, 0] > 0) == np.isin(truth, (0, 3)))),
        "energy_accuracy": float(np.mean((points[:, 1] > 0) == np.isin(truth, (0, 1)))),
    }


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
