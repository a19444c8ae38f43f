"""Measure the bundled mood reader on labelled captions and print the table of its model card.

    python -m scripts.evaluate.mood [CAPTIONS.tsv]

Only run-time packages are needed. Without a file it reads what models_onnx/mood.onnx has never seen of the
captions and captions of photos in ../shared, and of the sentences about venues.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from player.config.settings.mood import MoodSettings
from player.emotions import MOOD7
from player.mood.onnx_reader import OnnxMoodReader
from scripts.train.mood_data import Labelled, captions, held_out, table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("captions", type=Path, nargs="?")
    path = parser.parse_args().captions
    if path:
        show(captions(path))
        return
    for items in held_out().values():
        show(items)


def show(items: Sequence[Labelled]) -> None:
    """Read the sentences and print how well."""
    reader = OnnxMoodReader(MoodSettings())
    moods, elapsed_ms = [], []
    for item in items:
        started = time.perf_counter()
        moods += reader.read([item.text])
        elapsed_ms.append(1000 * (time.perf_counter() - started))
    points = np.array([[mood.valence, mood.energy] for mood in moods])
    print(table(points, np.array([MOOD7.index(mood.mood7) for mood in moods]), items))
    print(f"{statistics.median(elapsed_ms):.1f} ms a sentence (median, 1 thread)")


if __name__ == "__main__":
    main()
