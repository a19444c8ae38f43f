"""Measure how the readings of one unchanged scene scatter: scripts/data/reader_noise.tsv.

    python -m scripts.evaluate.reader_noise CLIPS PHOTOS [--photos 40] [--looks 12] [--taught]

CLIPS is a folder of fixed-camera videos, read every 5 s (a short one as often as it has different pictures);
PHOTOS one of photos, each looked at several times, every time cut, lit and grained a little otherwise, as a
camera sees a place where people and lamps move. The demo's photos are added. What is written are differences
from the scene's median mood, in the order of the looks, and nothing else: no picture, no sentence. Compact
reader and mood reader have their default settings. Run it again after either has been trained again.
With --taught each scene is first taught, with nobody, four and fourteen people drawn into it
(scripts/evaluate/teach.py), and what the player then makes of the same looks is written:
scripts/data/reader_noise_taught.tsv.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from player.camera.sources.demo import demo_photos
from player.mood.taught import TaughtHead
from player.types import Image
from scripts.evaluate.teach import Reader, taught_by_drawing

DATA = Path(__file__).parents[1] / "data"
EVERY_S = 5.0
SHORT_LOOKS = 8
"""Looks at a clip that is shorter than so many times EVERY_S."""
CUT, GAIN, GRAIN = 0.06, 0.15, 4.0
"""Of a photo: cut off at each side at most, as a share; brightness up or down; sigma of the noise, of 255."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("clips", type=Path)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--photos", dest="photo_count", type=int, default=40)
    parser.add_argument("--looks", type=int, default=12, help="looks at each photo")
    parser.add_argument("--taught", action="store_true", help="of a reader that was taught each scene")
    options = parser.parse_args()
    look = Look(options.taught)
    files = sorted(file for file in options.photos.iterdir() if file.suffix in (".jpg", ".png"))
    step = max(1, len(files) // options.photo_count)
    lines = [
        "# Differences of readings from the median of their scene, written by scripts.evaluate.reader_noise",
        f"# with the clips and {options.photo_count} photos, {options.looks} looks each. Scenes that begin "
        "with c are clips, in order of time.",
        *(["# Each scene was taught before."] if options.taught else []),
        "scene\tvalence\tenergy",
    ]
    for number, clip in enumerate(sorted(options.clips.glob("*.mp4"))):
        lines += rows(f"c{number}", look.at(frames(clip)))
    random = np.random.default_rng(0)
    for number, file in enumerate([*demo_photos(), *files[::step][: options.photo_count]]):
        lines += rows(f"p{number}", look.at(variants(file, options.looks, random)))
    out = DATA / ("reader_noise_taught.tsv" if options.taught else "reader_noise.tsv")
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{sum(line[0] in 'cp' for line in lines)} readings in {out}")


class Look:
    """The way from pictures to moods."""

    def __init__(self, taught: bool) -> None:
        self._reader, self._taught = Reader(), taught

    def at(self, images: Iterable[Image]) -> list[tuple[float, float]]:
        """(valence, energy) of each; the first is the scene that is taught."""
        shown = [*images]
        head = taught_by_drawing(self._reader, shown[0]) if self._taught else TaughtHead(())
        read = [self._reader(image) for image in shown]
        moods = [head.correct(one.mood, one.look.numbers).point for one in read]
        return [(mood.valence, mood.energy) for mood in moods]


def rows(scene: str, moods: Sequence[tuple[float, float]]) -> list[str]:
    """The lines of one scene."""
    values = np.array(moods)
    return [f"{scene}\t{v:.3f}\t{e:.3f}" for v, e in values - np.median(values, axis=0)]


def frames(clip: Path) -> Iterator[Image]:
    """A picture of the clip every EVERY_S, or SHORT_LOOKS of a short one."""
    video = cv2.VideoCapture(str(clip))
    count, fps = int(video.get(cv2.CAP_PROP_FRAME_COUNT)), video.get(cv2.CAP_PROP_FPS)
    every = max(1, min(round(EVERY_S * fps), count // SHORT_LOOKS))
    for number in range(count):
        read, image = video.read()
        if not read:
            return
        if number % every == 0:
            yield np.asarray(image, np.uint8)


def variants(file: Path, looks: int, random: np.random.Generator) -> Iterator[Image]:
    """The photo, each time a little different."""
    whole = np.asarray(cv2.imread(str(file)), np.uint8)
    height, width = whole.shape[:2]
    for _ in range(looks):
        top, left, bottom, right = random.uniform(0, CUT, 4)
        part = whole[
            int(top * height) : int((1 - bottom) * height), int(left * width) : int((1 - right) * width)
        ]
        noisy = part * random.uniform(1 - GAIN, 1 + GAIN) + random.normal(0, GRAIN, part.shape)
        yield np.clip(noisy, 0, 255).astype(np.uint8)


if __name__ == "__main__":
    main()
