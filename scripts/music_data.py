"""Clips with quadrant labels, and what the player hears in them: shared by train_music.py and eval_music.py.

A data folder holds sound files and labels.tsv with the columns `file` and `quadrant` (Q1..Q4).
"""

from __future__ import annotations

import csv
from functools import cache
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import numpy.typing as npt

from player.library.analysis import QUADRANTS, Listener
from player.library.decode import decode


def labelled(folder: Path) -> list[tuple[Path, int]]:
    """(file, index of its quadrant) of every line of labels.tsv."""
    with (folder / "labels.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return [(folder / row["file"], QUADRANTS.index(row["quadrant"])) for row in rows]


@cache
def _listener() -> Listener:
    return Listener()


def _hear(path: Path) -> npt.NDArray[np.float32]:
    return _listener().features(decode(path).excerpts)[0]


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
