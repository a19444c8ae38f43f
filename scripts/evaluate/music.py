"""Measure the music analysis on clips with quadrant labels.

    python -m scripts.evaluate.music FOLDER [--processes 2]

FOLDER holds sound files and labels.tsv (columns `file`, `quadrant`). Prints the scores, how the quadrants
are mixed up, how the two axes are spread, whether the confidence is true, and what a clip takes. Clips
that the mood head was trained on score too well: use others.
"""

from __future__ import annotations

import argparse
from functools import cache
from multiprocessing import Pool
from pathlib import Path

import numpy as np

from player.errors import AudioFileError
from player.library.analysis.feature_extractor import QUADRANTS, Analyzer
from player.library.models import Analysis
from scripts.train.music_data import labelled, neighbours_agree, reliability, scores


@cache
def _analyzer() -> Analyzer:
    return Analyzer(lambda _point: {})


def _analyze(path: Path) -> Analysis | AudioFileError:
    try:
        return _analyzer().analyze(path)
    except AudioFileError as error:
        return error


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()

    clips = labelled(arguments.folder)
    with Pool(arguments.processes) as pool:
        answers = pool.map(_analyze, [path for path, _ in clips], chunksize=8)
    for answer in answers:
        if isinstance(answer, AudioFileError):
            print(answer)
    found = [(a, truth) for a, (_, truth) in zip(answers, clips, strict=True) if isinstance(a, Analysis)]
    truth = np.array([quadrant for _, quadrant in found])
    guess = np.array([QUADRANTS.index(analysis.quadrant) for analysis, _ in found])
    points = np.array([(analysis.valence, analysis.energy) for analysis, _ in found])

    for name, value in scores(truth, guess, points).items():
        print(f"{name:<18}{value:8.3f}")
    print("\ntruth \\ found " + " ".join(f"{name:>4}" for name in QUADRANTS))
    for row, name in enumerate(QUADRANTS):
        counts = (np.sum((truth == row) & (guess == column)) for column in range(len(QUADRANTS)))
        print(f"{name:>13} " + " ".join(f"{count:4d}" for count in counts))
    for axis, values in zip(("valence", "energy"), points.T, strict=True):
        tenths = " ".join(f"{value:+.2f}" for value in np.percentile(values, [0, 10, 25, 50, 75, 90, 100]))
        print(f"{axis:<8} percentiles 0, 10, 25, 50, 75, 90, 100: {tenths}")
    sure = np.array([analysis.confidence for analysis, _ in found])
    error, table = reliability(sure, guess == truth)
    clear = np.mean([analysis.clear for analysis, _ in found])
    print(f"expected calibration error {error:.3f}, clear {clear:.3f}\n{table}")
    embeddings = np.array([analysis.embedding for analysis, _ in found]) / 127
    print(f"quadrants of the 5 nearest by embedding agree: {neighbours_agree(embeddings, truth):.3f}")
    took = [analysis.elapsed_ms for analysis, _ in found]
    print(f"{np.median(took):.0f} ms a clip (median, {arguments.processes} at once)")


if __name__ == "__main__":
    main()
