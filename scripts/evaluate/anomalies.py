"""Measure what the ambience signals make of fixed cameras, and of what happens to their light.

    python -m scripts.evaluate.anomalies CLIPS

CLIPS is a folder of videos of fixed cameras. Each is taken for the usual day of its room: it is played for
twelve hours, over and over, then on with each disturbance for three minutes. Printed is the worst of all
clips: by how much the disturbance raises the motion (median of 5 s), the hint of most energy, and in how
many clips it reads as a busier or livelier room. Once with the player's motion, once with the plain one
(share of pixels that differ from the frame before by 18 grey levels, the median change of exposure allowed
for). Then the share of the usual hours with any hint, and the cost of a frame.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import median_low
from time import perf_counter

import cv2
import numpy as np

from player.config.settings.mood import MoodSettings
from player.config.settings.perception import VisionSettings
from player.mood.anomalies import NO_HINT, Anomalies, Hint, Signals
from player.types import Frame, Image
from player.vision.compact.reader import CompactReader
from player.vision.image_stats import MotionMeter, light, small
from scripts.system.disturb import HARMLESS, crowd

FPS = 2
FRAMES = 40
SAMPLE_S = 5.0
LOOK_EVERY = 10
"""Frames between two looks of the models."""
USUAL_S, DISTURBED_S = 12 * 3600.0, 180.0
PARTY = ("busier", "livelier")

Meter = Callable[[Image, float], float]


def frames(path: Path) -> list[Image]:
    """The clip's first FRAMES at FPS, 640 x 480."""
    video = cv2.VideoCapture(str(path))
    every = max(1, round(video.get(cv2.CAP_PROP_FPS) / FPS))
    seen = []
    while len(seen) < FRAMES * every:
        ok, image = video.read()
        if not ok:
            break
        seen.append(image)
    return [np.asarray(cv2.resize(image, (640, 480)), np.uint8) for image in seen[::every]]


def plain_motion() -> Meter:
    """What the player measured before: light is a factor, the same one everywhere."""
    before: list[np.ndarray] = []

    def update(image: Image, _now: float) -> float:
        grey = cv2.cvtColor(small(image), cv2.COLOR_BGR2GRAY).astype(np.float32)
        grey = cv2.GaussianBlur(grey, (0, 0), 1.5)
        was = before.pop() if before else grey
        before.append(grey)
        lit = was > 8
        gain = float(np.clip(np.median(grey[lit] / was[lit]), 0.25, 4)) if lit.any() else 1.0
        return float(np.mean(np.abs(grey - np.clip(was * gain, 0, 255)) > 18 * max(gain, 1.0)))

    return update


WAYS: dict[str, Callable[[], Meter]] = {"plain": plain_motion, "player": lambda: MotionMeter().update}


def people(images: list[Image], reader: CompactReader) -> list[int]:
    """People at each frame: those of the last look."""
    looks = {n: reader.read(Frame(images[n], 0.0, n, "")).people for n in range(0, len(images), LOOK_EVERY)}
    return [looks[n - n % LOOK_EVERY] for n in range(len(images))]


def signals(images: list[Image], counts: list[int], meter: Meter) -> list[Signals]:
    """What the pipeline would measure at each frame."""
    moved = [meter(image, n / FPS) for n, image in enumerate(images)]
    usual = [median_low(moved[max(0, n - 5 * FPS) : n + 1]) for n in range(len(images))]
    return [
        Signals(count, motion, light(image))
        for count, motion, image in zip(counts, usual, images, strict=True)
    ]


def hints(ambience: Anomalies, seen: list[Signals], begin: float, seconds: float) -> Iterator[Hint]:
    """The hints while the room goes on like this, a sample every SAMPLE_S."""
    for n, sample in enumerate(islice(cycle(seen), int(seconds / SAMPLE_S))):
        yield ambience.update(sample, begin + n * SAMPLE_S)


def strongest(usual: list[Signals], disturbed: list[Signals]) -> tuple[Hint, float]:
    """The hint of most energy under a disturbance, and the share of the usual hours with any reason."""
    ambience = Anomalies(MoodSettings())
    said = [bool(hint.reasons) for hint in hints(ambience, usual, 0.0, USUAL_S)]
    after = hints(ambience, disturbed, USUAL_S, DISTURBED_S)
    return max(after, key=lambda hint: hint.offset.energy, default=NO_HINT), float(np.mean(said))


@dataclass(frozen=True)
class Result:
    """What a clip with a disturbance reads as."""

    motion: float
    """By how much more moves than on the usual day."""
    energy: float
    party: bool
    falsely: float
    """Share of the usual hours with any reason."""


def results(path: Path, reader: CompactReader) -> Iterator[tuple[str, str, Result]]:
    """Disturbance, way to measure motion, and what comes of it, for one clip."""
    images = frames(path)
    long = [images[n % len(images)] for n in range(FRAMES)]
    counts = people(images, reader)
    usual = {way: signals(images, counts, make()) for way, make in WAYS.items()}
    for disturbance in (*HARMLESS, crowd):
        pictures = [disturbance(image, n) for n, image in enumerate(long)]
        counted = people(pictures, reader)
        for way, make in WAYS.items():
            seen = signals(pictures, counted, make())
            hint, falsely = strongest(usual[way], seen)
            motion = max(sample.motion for sample in seen) - max(sample.motion for sample in usual[way])
            party = any(reason.startswith(PARTY) for reason in hint.reasons)
            yield disturbance.__name__, way, Result(motion, hint.offset.energy, party, falsely)


def line(found: list[Result]) -> str:
    """The worst of all clips."""
    motion, energy = max(each.motion for each in found), max(each.energy for each in found)
    return f"motion {motion:+.3f}  energy {energy:+.2f}  a party in {sum(each.party for each in found)}"


def cost(image: Image) -> str:
    """Milliseconds a frame, for motion, light and a hint."""
    meter, ambience = MotionMeter(), Anomalies(MoodSettings())
    at_160 = small(image)
    spent = []
    for n in range(300):
        started = perf_counter()
        motion = meter.update(at_160, n / FPS)
        moved_at = perf_counter()
        ambience.update(Signals(3, motion, light(at_160)), n * SAMPLE_S)
        spent.append((moved_at - started, perf_counter() - moved_at))
    motion_ms, rest_ms = (1000 * float(np.median(times)) for times in zip(*spent, strict=True))
    return (
        f"{motion_ms:.2f} ms motion a frame, {rest_ms:.2f} ms light and hint a sample (median, 160 px wide)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("clips", type=Path)
    clips = sorted(parser.parse_args().clips.glob("*.mp4"))
    reader = CompactReader(VisionSettings())
    found: dict[str, dict[str, list[Result]]] = {}
    for path in clips:
        for name, way, result in results(path, reader):
            found.setdefault(name, {}).setdefault(way, []).append(result)
    for name, ways in found.items():
        print(f"{name:<13}", *(f"{way}: {line(of_clips)}" for way, of_clips in ways.items()), sep="  ")
    falsely = [each.falsely for each in found["sensor"]["player"]]
    print(f"usual hours with a hint: {np.mean(falsely):.3f} (mean of the clips), {max(falsely):.3f} (worst)")
    print(cost(frames(clips[0])[0]))


if __name__ == "__main__":
    main()
