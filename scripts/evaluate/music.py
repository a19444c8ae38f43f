"""Measure the music analysis on clips that people judged, by set and genre.

    python -m scripts.evaluate.music FOLDER... [--processes 2]
    python -m scripts.evaluate.music FOLDER... --unseen [--features CACHE.npy]

Each FOLDER holds sound files and labels.tsv (scripts/train/music_data.py). Of quadrants it prints the scores,
how they are mixed up, how the two axes are spread and whether the confidence is true; of ratings the rank
correlations by genre; and what a clip takes. Clips that the mood head was trained on score too well: use
others, or `--unseen`, which judges each clip by a head trained without it (needs scikit-learn).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import cache
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import numpy.typing as npt

from player.errors import AudioFileError
from player.library.analysis.feature_extractor import QUADRANTS, Analyzer, quadrants_of
from player.library.models import CLEAR, Analysis
from scripts.train.music_data import Labels, agreement, labelled, neighbours_agree, reliability, scores


@cache
def _analyzer() -> Analyzer:
    return Analyzer(lambda _point: {})


def _analyze(path: Path) -> Analysis | AudioFileError:
    try:
        return _analyzer().analyze(path)
    except AudioFileError as error:
        return error


def unseen(folders: Sequence[Path], processes: int = 2, kept: Path | None = None) -> dict[str, float]:
    """The figures of a cross-validation on the clips that the head was trained on."""
    from scripts.train.music import cross_validate  # noqa: PLC0415 - needs scikit-learn

    return cross_validate(folders, processes, kept)[4]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--unseen", action="store_true")
    parser.add_argument("--features", type=Path, help="with --unseen: a .npy file that keeps what was heard")
    arguments = parser.parse_args()
    if arguments.unseen:
        for name, value in unseen(arguments.folders, arguments.processes, arguments.features).items():
            print(f"{name:<20}{value:8.3f}")
        return

    paths, labels = labelled(arguments.folders)
    with Pool(arguments.processes) as pool:
        answers = pool.map(_analyze, paths, chunksize=8)
    for answer in answers:
        if isinstance(answer, AudioFileError):
            print(answer)
    found = [answer for answer in answers if isinstance(answer, Analysis)]
    labels = labels.of(np.array([i for i, answer in enumerate(answers) if isinstance(answer, Analysis)]))
    points = np.array([(analysis.valence, analysis.energy) for analysis in found])
    if not labels.rated.all():
        sure = np.array([analysis.confidence for analysis in found])
        embeddings = np.array([analysis.embedding for analysis in found]) / 127
        by_quadrant(labels, points, sure, embeddings)
    if labels.rated.any():
        those = labels.rated
        for genre, by_axis in agreement(labels.rating[those], points[those], labels.kind[those]).items():
            print(f"{genre:<12}" + "".join(f"{axis:>9}{value:7.3f}" for axis, value in by_axis.items()))
    took = [analysis.elapsed_ms for analysis in found]
    print(f"{np.median(took):.0f} ms a clip (median, {arguments.processes} at once)")


def by_quadrant(
    labels: Labels,
    points: npt.NDArray[np.floating],
    sure: npt.NDArray[np.floating],
    embeddings: npt.NDArray[np.floating],
) -> None:
    """Print what clips with quadrants tell; points (n, 2), confidence (n,), embeddings (n, size) of all."""
    those = ~labels.rated
    truth, points, sure = labels.quadrant[those], points[those], sure[those]
    guess = quadrants_of(points)
    for name, value in scores(truth, points).items():
        print(f"{name:<18}{value:8.3f}")
    print("\ntruth \\ found " + " ".join(f"{name:>4}" for name in QUADRANTS))
    for row, name in enumerate(QUADRANTS):
        counts = (np.sum((truth == row) & (guess == column)) for column in range(len(QUADRANTS)))
        print(f"{name:>13} " + " ".join(f"{count:4d}" for count in counts))
    for axis, values in zip(("valence", "energy"), points.T, strict=True):
        tenths = " ".join(f"{value:+.2f}" for value in np.percentile(values, [0, 10, 25, 50, 75, 90, 100]))
        print(f"{axis:<8} percentiles 0, 10, 25, 50, 75, 90, 100: {tenths}")
    error, table = reliability(sure, guess == truth)
    print(f"expected calibration error {error:.3f}, clear {np.mean(sure >= CLEAR):.3f}\n{table}")
    print(f"quadrants of the 5 nearest by embedding agree: {neighbours_agree(embeddings[those], truth):.3f}")


if __name__ == "__main__":
    main()
