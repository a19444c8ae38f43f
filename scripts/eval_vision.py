"""Measure the whole path from a photo to its mood on labelled photos.

    python scripts/eval_vision.py LABELS.tsv IMAGES

LABELS.tsv has the columns file, valence and energy (any scale). Prints Spearman's rank correlation of the
bundled compact reader and mood reader with the labels, and the time a look takes. Only run-time packages
are needed.
"""

from __future__ import annotations

import argparse
import csv
import statistics
from pathlib import Path

import cv2
import numpy as np
from mood_data import spearman

from player.mood.encoder import OnnxMoodReader
from player.settings import MoodSettings, VisionSettings
from player.types import Frame
from player.vision.compact import CompactReader


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("labels", type=Path)
    parser.add_argument("images", type=Path)
    arguments = parser.parse_args()
    with arguments.labels.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    reader, moods = CompactReader(VisionSettings()), OnnxMoodReader(MoodSettings())
    scenes = [
        reader.read(Frame(np.asarray(cv2.imread(str(arguments.images / row["file"])), np.uint8), 0.0, n, ""))
        for n, row in enumerate(rows)
    ]
    read = moods.read([scene.caption for scene in scenes])
    for axis in ("valence", "energy"):
        found = np.array([getattr(mood, axis) for mood in read])
        print(axis, f"{spearman(found, np.array([float(row[axis]) for row in rows])):.3f}")
    print(f"{statistics.median(scene.elapsed_ms for scene in scenes):.0f} ms a photo (median)")


if __name__ == "__main__":
    main()
