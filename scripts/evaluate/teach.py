"""How far eight taught moments bring the reading of a fixed camera to what is there: correlations of energy.

    python -m scripts.evaluate.teach COUNTS_FOLDER
    python -m scripts.evaluate.teach --drawn CLIPS_FOLDER

COUNTS_FOLDER holds frames of one camera and counts.tsv (file, people, second), as the mall's of Chen et al.
(2012), which is for research: it is measured here and nothing is made from it. The moments are drawn from the
first half of the day, one from each eighth of it, and labelled by thirds of the true counts; the second half
is judged. So many draws give a mean and a spread. CLIPS_FOLDER holds videos of fixed cameras: people are
drawn into one picture of each (scripts/system/disturb.py), a room of none, four and fourteen is taught, and
the same is read at other moments, then in other light.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from player.config.settings.mood import MoodSettings
from player.config.settings.perception import VisionSettings
from player.mood.fusion import blend
from player.mood.moments import Moment
from player.mood.onnx_reader import OnnxMoodReader
from player.mood.taught import TaughtHead
from player.room.teaching import WORDS
from player.types import Frame, Image, Look, Mood
from player.vision.compact.reader import CompactReader
from scripts.system.disturb import Disturbance, dusk, lamp, people, shadow

DRAWS, MOMENTS = 100, 8
WORD_FOR = {0: "quiet", 4: "normal", 14: "lively"}
"""People drawn into a room, and what its owner calls it."""
TAUGHT_AT, READ_AT = (0, 10, 20), (35, 47, 58)
"""Frames: the drawn people have walked on in between."""
LIGHTS: dict[str, Disturbance] = {"a lamp": lamp, "dusk": dusk, "a shadow": shadow}
LATER = 20
"""A frame at which the light has changed."""


@dataclass(frozen=True)
class Read:
    """A frame as it is read without teaching, and its numbers."""

    mood: Mood
    look: Look


class Reader:
    """What the player makes of a picture."""

    def __init__(self) -> None:
        self._scenes, self._moods = CompactReader(VisionSettings()), OnnxMoodReader(MoodSettings())

    def __call__(self, image: Image) -> Read:
        """(H, W, 3) uint8 BGR."""
        scene = self._scenes.read(Frame(image, 0.0, 0, "file", live=False))
        assert scene.look is not None
        said = self._moods.read([scene.caption])[0]
        return Read(blend(said, scene.image_mood, MoodSettings().impression), scene.look)


def taught(read: Sequence[Read], truth: Sequence[float], chosen: Sequence[int]) -> TaughtHead:
    """The head after these moments, labelled by thirds of the truth up to the half."""
    low, high = np.quantile(truth[: len(truth) // 2], [1 / 3, 2 / 3])
    words = {i: "quiet" if truth[i] <= low else "lively" if truth[i] > high else "normal" for i in chosen}
    return TaughtHead(
        [
            Moment(i, 0, word, None, WORDS[word], 1, read[i].mood, read[i].look.numbers, "", ())
            for i, word in words.items()
        ]
    )


def correlations(read: Sequence[Read], truth: Sequence[float]) -> tuple[float, list[float]]:
    """Of the second half's energy with the truth: without teaching, and for each draw with it."""
    half, found = len(read) // 2, []
    later = np.array(truth[half:])
    edges = np.linspace(0, half, MOMENTS + 1).astype(int)
    for draw in range(DRAWS):
        drawn = np.random.default_rng(draw)
        chosen = [int(drawn.integers(a, b)) for a, b in pairwise(edges)]
        head = taught(read, truth, chosen)
        if head.is_ready:
            energy = [head.correct(one.mood, one.look.numbers).point.energy for one in read[half:]]
            found.append(float(np.corrcoef(energy, later)[0, 1]))
    plain = np.corrcoef([one.mood.energy for one in read[half:]], later)[0, 1]
    return float(plain), found


def moved_by_light(reader: Reader, images: Sequence[Image], head: TaughtHead) -> dict[str, float]:
    """Mean difference that a lamp and others make to the taught energy, beyond that to the untaught one."""
    moved = {}
    for name, change in LIGHTS.items():
        steps = []
        for image in images:
            before, after = reader(image), reader(change(image, LATER))
            now, then = (head.correct(one.mood, one.look.numbers).point.energy for one in (before, after))
            steps.append(abs(now - then) - abs(before.mood.energy - after.mood.energy))
        moved[name] = float(np.mean(steps))
    return moved


@dataclass(frozen=True)
class Drawn:
    """What a taught room made of people drawn into it, and of light."""

    plain: float
    """Correlation of energy with the word's for the room, untaught; `taught`: as it was taught."""
    taught: float
    light: dict[str, tuple[float, float]]
    """Mean size of the step that a light makes, in the taught energy and in the untaught one."""


def taught_by_drawing(reader: Reader, image: Image) -> TaughtHead:
    """The head after people were drawn into a room and its owner called it by WORD_FOR.

    image: (H, W, 3) uint8 BGR
    """
    moments = []
    for count, word in WORD_FOR.items():
        for frame in TAUGHT_AT:
            one = reader(people(image, frame, count))
            number = len(moments) + 1
            moments.append(Moment(number, 0, word, None, WORDS[word], 1, one.mood, one.look.numbers, "", ()))
    return TaughtHead(moments)


def drawn(reader: Reader, image: Image) -> Drawn:
    """One room with people drawn in and taken out; `image` is (H, W, 3) uint8 BGR."""
    head = taught_by_drawing(reader, image)

    def energies(light: Disturbance) -> tuple[list[float], list[float]]:
        read = [reader(light(people(image, frame, count), LATER)) for count in WORD_FOR for frame in READ_AT]
        taught = [head.correct(one.mood, one.look.numbers).point.energy for one in read]
        return taught, [one.mood.energy for one in read]

    wanted = [WORDS[word] for word in WORD_FOR.values() for _ in READ_AT]
    taught, plain = energies(lambda image, _: image)
    light = {}
    for name, change in LIGHTS.items():
        after = energies(change)
        steps = [np.abs(np.subtract(*pair)).mean() for pair in zip((taught, plain), after, strict=True)]
        light[name] = float(steps[0]), float(steps[1])
    return Drawn(float(np.corrcoef(plain, wanted)[0, 1]), float(np.corrcoef(taught, wanted)[0, 1]), light)


def rooms(folder: Path) -> dict[str, Image]:
    """The last picture of each video of a folder."""
    pictures = {}
    for path in sorted(folder.glob("*.mp4")):
        video = cv2.VideoCapture(str(path))
        video.set(cv2.CAP_PROP_POS_FRAMES, video.get(cv2.CAP_PROP_FRAME_COUNT) - 2)
        seen, image = video.read()
        if seen:
            pictures[path.stem] = np.asarray(cv2.resize(image, (640, 360)), np.uint8)
    return pictures


def print_drawn(folder: Path) -> None:
    """A line for each room."""
    reader = Reader()
    for name, image in rooms(folder).items():
        found = drawn(reader, image)
        steps = ", ".join(f"{light} {to:.2f} ({plain:.2f})" for light, (to, plain) in found.light.items())
        print(f"{name}: {found.taught:.2f} taught, {found.plain:.2f} untaught; steps by light: {steps}")


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--drawn", action="store_true", help="videos, with people drawn in and taken out")
    options = parser.parse_args()
    folder: Path = options.folder
    if options.drawn:
        print_drawn(folder)
        return
    with (folder / "counts.tsv").open(encoding="utf-8") as file:
        rows = [*csv.DictReader(file, delimiter="\t")]
    images = [np.asarray(cv2.imread(str(folder / row["file"])), np.uint8) for row in rows]
    truth, reader = [float(row["people"]) for row in rows], Reader()
    read = [reader(image) for image in images]
    plain, found = correlations(read, truth)
    print(f"energy and people, second half: {plain:.2f} without teaching")
    print(f"  {np.mean(found):.2f} +- {np.std(found):.2f} with {MOMENTS} moments ({len(found)} draws)")
    half = len(read) // 2
    head = taught(read, truth, [*range(0, half, half // MOMENTS)][:MOMENTS])
    print(f"  weight {head.weight:.2f}")
    for name, step in moved_by_light(reader, images[half::12], head).items():
        print(f"  {name} moves the taught energy by {step:+.3f} more than it moves the untaught one")


if __name__ == "__main__":
    main()
