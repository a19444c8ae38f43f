"""Measure the compact reader's count of people, and the energy it leads to, on a fixed camera's frames.

    python -m scripts.evaluate.counts COUNTS.tsv IMAGES

COUNTS.tsv has the columns file and people, the true number. Prints Pearson's correlation of the count and of
the energy with the truth, the share of people found, and the time of a look beside one of an empty room.
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
from scripts.train.image_mood_data import read_image
from scripts.train.mood_data import rows_of


def measure(table: Path, images: Path) -> dict[str, float]:
    """Correlations of count and energy with the truth, share found, and ms of a look and an empty one."""
    rows, settings = rows_of(table), MoodSettings()
    true = np.array([float(row["people"]) for row in rows])
    reader, moods = CompactReader(VisionSettings()), OnnxMoodReader(settings)
    scenes = [reader.read(Frame(read_image(images / row["file"]), 0.0, 0, "")) for row in rows]
    people = np.array([scene.people for scene in scenes])
    energy = [
        blend(moods.read([scene.caption])[0], scene.image_mood, settings.impression).energy
        for scene in scenes
    ]
    empty = Frame(np.full((480, 640, 3), 128, np.uint8), 0.0, 0, "")
    return {
        "people_correlation": float(np.corrcoef(people, true)[0, 1]),
        "people_found": float(people.sum() / true.sum()),
        "energy_correlation": float(np.corrcoef(energy, true)[0, 1]),
        "look_ms": statistics.median(scene.elapsed_ms for scene in scenes),
        "empty_look_ms": statistics.median(reader.read(empty).elapsed_ms for _ in range(20)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("counts", type=Path)
    parser.add_argument("images", type=Path)
    arguments = parser.parse_args()
    for name, value in measure(arguments.counts, arguments.images).items():
        print(f"{name:<20} {value:8.3f}")


if __name__ == "__main__":
    main()
