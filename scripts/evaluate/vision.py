"""Measure the whole path from a photo to its mood on labelled photos.

    python -m scripts.evaluate.vision LABELS.tsv IMAGES

LABELS.tsv has the columns file, valence and energy (1 to 9), or valence_1_7 and arousal_1_7. Prints
Spearman's rank correlation with the labels for the sentence of the bundled compact reader alone, for its
impression of the photo alone and for both together, as the player blends them, and the time a look takes.
Only run-time packages are needed. The impression was trained on the photos of ../shared: of those,
scripts/train/image_mood.py gives the honest figures.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path

import numpy as np

from player.config.settings.mood import MoodSettings
from player.config.settings.perception import VisionSettings
from player.mood.fusion import blend
from player.mood.onnx_reader import OnnxMoodReader
from player.types import Frame
from player.vision.compact.reader import CompactReader
from scripts.train.image_mood_data import read_image, read_labels
from scripts.train.mood_data import spearman


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("labels", type=Path)
    parser.add_argument("images", type=Path)
    arguments = parser.parse_args()
    photos = read_labels(arguments.labels, arguments.images)
    settings = MoodSettings()
    reader, moods = CompactReader(VisionSettings()), OnnxMoodReader(settings)
    scenes = [reader.read(Frame(read_image(path), 0.0, n, "")) for n, path in enumerate(photos.files)]
    sentences = moods.read([scene.caption for scene in scenes])
    pairs = list(zip(sentences, scenes, strict=True))
    ways = {
        "sentence": sentences,
        "photo": [scene.image_mood for scene in scenes],
        "both": [blend(mood, scene.image_mood, settings.impression) for mood, scene in pairs],
    }
    print("          valence  energy")
    for way, found in ways.items():
        points = np.array([[point.valence, point.energy] for point in found])
        scores = (spearman(points[:, n], photos.labels[:, n]) for n in (0, 1))
        print(f"{way:<8}", *(f"{score:7.3f}" for score in scores))
    print(f"{statistics.median(scene.elapsed_ms for scene in scenes):.0f} ms a photo (median)")


if __name__ == "__main__":
    main()
