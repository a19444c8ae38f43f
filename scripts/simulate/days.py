"""Scripted days against the tracker: false shifts, missed shifts and delay, as Markdown tables.

    python -m scripts.simulate.days                  # the tables of docs/mood.md
    python -m scripts.simulate.days --sweep distance --runs 5
    python -m scripts.simulate.days --set distance=0.4 --set half_life_s=20
    python -m scripts.simulate.days --scatter measured --taught

A day of scripts/data/days.toml is read as a camera would: every 5 s a sample, a new reading where the gate
would look (else the last one again), scattered as measured (scripts/data/reader_noise.tsv, made by
scripts/evaluate/reader_noise.py; with --taught, as in rooms that were taught) or Gaussian, with odd captions,
missing samples, outages, and a set clock.
Steady days hold each scene alone for 24 hours: there every shift but a first one is false.
The module is long because it is one experiment, from its days to its tables, and nothing else uses its parts.
"""

from __future__ import annotations

import argparse
import csv
import math
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import time
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import numpy as np

from player.config.settings.dayparts import Daypart
from player.config.settings.mood import MoodSettings
from player.emotions import find, vocabularies
from player.mood.circumplex import between, clipped
from player.mood.tracker import MoodTracker
from player.types import Mood, MoodPoint

Series = dict[str, np.ndarray]
"""Scene -> (looks, 2) float64, differences of valence and energy from the median of the scene."""

DATA = Path(__file__).parents[1] / "data"
UNTAUGHT, TAUGHT = DATA / "reader_noise.tsv", DATA / "reader_noise_taught.tsv"
INTERVAL_S, REFRESH_S = 5.0, 120.0
STALE_S = MoodSettings().stale_s
DUE = 0.5
"""A change of the scene by this much must move the music ..."""
SAME = 0.2
"""... and one by less than this must not."""
ODD_AGAIN = 0.4
"""Probability that after an odd caption the next look gives one too (half the time the same)."""
STUCK = 0.65
"""Probability that a second look at an unchanged picture reads the same."""
MISSING = 0.01
"""Probability that a sample is missing."""
Scatter = tuple[float | None, float]
SCATTERS: dict[str, Scatter] = {
    "measured": (None, 0.0),
    "0.10": (0.10, 0.0),
    "0.15": (0.15, 0.0),
    "0.20": (0.20, 0.0),
    "0.15 with odd captions": (0.15, 0.003),
}
"""Sigma on each axis (None: as measured), and the probability that a look gives an odd caption."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What holds from `start_s` on."""

    start_s: float
    point: MoodPoint
    looks: float


@dataclass(frozen=True, slots=True)
class Day:
    """A script."""

    name: str
    mood: str
    scenes: tuple[Scene, ...]
    end_s: float
    outages: tuple[tuple[float, float], ...] = ()


@dataclass
class Result:
    """What a follower made of some days."""

    hours: float = 0.0
    false: int = 0
    due: int = 0
    delays: list[float] = field(default_factory=list)

    def add(self, other: Result) -> None:
        self.hours += other.hours
        self.false += other.false
        self.due += other.due
        self.delays += other.delays


class Follower(Protocol):
    """Something that decides when the music moves."""

    in_doubt: bool
    """Whether it wants another look, though the gate would save it."""

    def shifts(self, mood: Mood, now: float) -> bool:
        """Whether it moves it upon this reading."""


class Tracker:
    """The player's own."""

    in_doubt = False

    def __init__(self, settings: MoodSettings, mood: str, looks_again: bool = True) -> None:
        self._looks_again = looks_again
        self._tracker = MoodTracker(settings, (Daypart(name="day", start=time(0), mood=mood),))

    def shifts(self, mood: Mood, now: float) -> bool:
        update = self._tracker.update(mood, now, time(12))
        self.in_doubt = self._looks_again and update.in_doubt
        return update.shift is not None


class Argmax:
    """The plan's: every reading is put into one of the named moods, and another name is another mood."""

    in_doubt = False

    def __init__(self, vocabulary: str) -> None:
        self._places = {name: named.point for name, named in vocabularies()[vocabulary].items()}
        self._name: str | None = None

    def shifts(self, mood: Mood, now: float) -> bool:  # noqa: ARG002 - time is nothing to it
        name = min(self._places, key=lambda name: self._places[name].distance(mood))
        changed, self._name = name != self._name, name
        return changed


class Average:
    """A plain exponential average that shifts as soon as it is far from where it last did."""

    in_doubt = False

    def __init__(self, settings: MoodSettings, mood: str) -> None:
        self._settings = settings
        self._value: MoodPoint | None = None
        named = find(mood)
        assert named is not None
        self._anchor, self._now = named.point, 0.0

    def shifts(self, mood: Mood, now: float) -> bool:
        passed_s, self._now = max(0.0, now - self._now), now
        share = 1 - 0.5 ** (passed_s / self._settings.half_life_s)
        self._value = between(self._value or mood, mood, share)
        far = self._anchor.distance(self._value) > self._settings.shift.distance
        if far:
            self._anchor = self._value
        return far


def clock(text: str) -> float:
    """ "07:30" in seconds; hours beyond 24 are the next day's."""
    hours, minutes = text.split(":")
    return int(hours) * 3600.0 + int(minutes) * 60.0


def scripted_days(path: Path = DATA / "days.toml") -> list[Day]:
    """The days of the file. Raises ValueError if a change is neither clear nor small."""
    days = []
    for entry in tomllib.loads(path.read_text(encoding="utf-8"))["day"]:
        scenes = tuple(
            Scene(clock(scene["start"]), MoodPoint(scene["valence"], scene["energy"]), scene["looks"])
            for scene in entry["scene"]
        )
        outages = tuple((clock(start), clock(start) + 60.0 * minutes) for start, minutes in entry["outages"])
        days.append(Day(entry["name"], entry["mood"], scenes, scenes[-1].start_s + 3600, outages))
        unclear = [at / 3600 for at, due in due_changes(days[-1]) if due is None]
        if unclear:
            raise ValueError(
                f"{path}: {entry['name']}: the changes at {unclear} h are neither clear nor small"
            )
    return days


def steady_days(days: Sequence[Day]) -> list[Day]:
    """Each scene of the days alone, for 24 hours."""
    return [
        Day(day.name, day.mood, (Scene(0.0, scene.point, scene.looks),), 86400.0)
        for day in days
        for scene in day.scenes
    ]


def due_changes(day: Day) -> list[tuple[float, bool | None]]:
    """The instants from which a new room is seen, and whether a shift is due there; None if it may be."""
    named = find(day.mood)
    assert named is not None
    held, changes = named.point, []
    afresh = [end for start, end in day.outages if end - start > STALE_S]
    for at in sorted([*(scene.start_s for scene in day.scenes), *afresh]):
        if at in afresh:
            held = named.point
        point = scene_at(day, at).point
        distance = held.distance(point)
        changes.append((at, None if SAME < distance < DUE else distance >= DUE))
        held = point if distance >= DUE else held
    return changes


def scene_at(day: Day, at: float) -> Scene:
    return [scene for scene in day.scenes if scene.start_s <= at][-1]


class Noise:
    """How readings of one scene scatter around its mood."""

    def __init__(self, scatter: Scatter, random: np.random.Generator, series: Series) -> None:
        """`scatter`: one of SCATTERS; where it is the measured one, that of a scene of the file."""
        (self._sigma, self._odds), self._random = scatter, random
        names = sorted(series)
        self._name = names[random.integers(len(names))]
        self._series = series[self._name]
        self._at = int(random.integers(len(self._series)))
        self._odd: MoodPoint | None = None

    def reading(self, point: MoodPoint) -> Mood:
        """A look at a scene whose mood is `point`."""
        if self._random.random() < (self._odds if self._odd is None else ODD_AGAIN):
            if self._odd is None or self._random.random() < 0.5:
                self._odd = MoodPoint(*self._random.uniform(-0.8, 0.8, 2))
            return Mood(self._odd.valence, self._odd.energy)
        self._odd = None
        if self._sigma is not None:
            offset = self._random.normal(0, self._sigma, 2)
        else:
            # Clips in their order, so that what follows upon what stays; photos have none.
            self._at = self._at + 1 if self._name.startswith("c") else int(self._random.integers(1 << 30))
            offset = self._series[self._at % len(self._series)]
        read = clipped(point.valence + float(offset[0]), point.energy + float(offset[1]))
        return Mood(read.valence, read.energy)


def measured(path: Path = UNTAUGHT) -> Series:
    """Scene -> (looks, 2) differences from its median mood."""
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader((line for line in file if line[0] != "#"), delimiter="\t"))
    series: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        series.setdefault(row["scene"], []).append((float(row["valence"]), float(row["energy"])))
    return {name: np.array(values) for name, values in series.items()}


def shifts(day: Day, scatter: Scatter, seed: int, series: Series, follower: Follower) -> Iterator[float]:
    """The true times at which the follower moves the music on such a day."""
    random = np.random.default_rng(seed)
    scene, noise, mood, looked_s = None, None, None, 0.0
    clock_off, set_at = 0.0, random.uniform(day.scenes[0].start_s, day.end_s)
    for true_s in np.arange(day.scenes[0].start_s, day.end_s, INTERVAL_S).tolist():
        missing, changed, same_again = random.random(3)
        if any(start <= true_s < end for start, end in day.outages) or missing < MISSING:
            continue
        now_scene = scene_at(day, true_s)
        if now_scene is not scene:
            scene, noise, mood = now_scene, Noise(scatter, random, series), None
        assert noise is not None
        opened = mood is None or changed < scene.looks or true_s - looked_s >= REFRESH_S
        looked = opened or follower.in_doubt
        if mood is None or opened or (looked and same_again >= STUCK):
            mood = noise.reading(scene.point)
        looked_s = true_s if looked else looked_s
        if true_s >= set_at:
            clock_off, set_at = -random.uniform(1, 60), math.inf
        if follower.shifts(mood, true_s + clock_off):
            yield true_s


def judge(day: Day, shifted: Sequence[float]) -> Result:
    """Which shifts of a day should have been, which not, and which are missing."""
    changes = due_changes(day)
    result = Result(hours=(day.end_s - day.scenes[0].start_s) / 3600)
    for (at, due), (until, _) in pairwise([*changes, (math.inf, False)]):
        within = [shift_s - at for shift_s in shifted if at <= shift_s < until]
        result.due += due is True
        result.false += len(within[0 if due is False else 1 :])
        result.delays += within[:1] if due else []
    return result


def play(days: Sequence[Day], scatter: Scatter, runs: int, series: Series, make: Maker) -> Result:
    """Every day so many times, each time with other noise."""
    total = Result()
    for number, day in enumerate(days):
        for run in range(runs):
            total.add(judge(day, list(shifts(day, scatter, 1000 * run + number, series, make(day)))))
    return total


Maker = Callable[[Day], Follower]


def summary(steady: Result, scripted: Result) -> str:
    """False shifts an hour in steady rooms and on scripted days, missed shifts, delay (median and 95 %)."""
    missed = scripted.due - len(scripted.delays)
    late = np.percentile(scripted.delays, [50, 95]) if scripted.delays else (math.nan, math.nan)
    return (
        f"{steady.false / steady.hours:.4f} | {scripted.false / scripted.hours:.4f} "
        f"| {missed} of {scripted.due} | {late[0]:.0f} s | {late[1]:.0f} s"
    )


HEADER = (
    "| {} | false an hour, steady | false an hour, scripted | missed | delay, median | delay, 95 % |\n"
    "|---|---|---|---|---|---|"
)
SWEEPS: dict[str, tuple[float, ...]] = {
    "distance": (0.25, 0.3, 0.35, 0.4, 0.5),
    "dwell_s": (0, 5, 10, 15, 20, 30),
    "half_life_s": (5, 15, 30),
    "hysteresis": (0, 0.05, 0.1, 0.2),
    "cooldown_s": (0, 30, 60, 120),
}


def changed(values: dict[str, float]) -> MoodSettings:
    """The default settings but for these, of the mood section or of its shift."""
    shift = {key: value for key, value in values.items() if key != "half_life_s"}
    mood = {key: value for key, value in values.items() if key == "half_life_s"}
    return MoodSettings.model_validate({**mood, "shift": shift, "never": ()})


class Simulation:
    """The days, the noise, and how often each is played."""

    def __init__(self, runs: int, scenes: int, series: Series) -> None:
        """`runs` of each scripted day; `scenes` of the scripts' are held for 24 hours."""
        self._runs, self._series = runs, series
        self._days = scripted_days()
        steady = steady_days(self._days)
        self._steady = [steady[n % len(steady)] for n in range(scenes)]

    def row(self, scatter: Scatter, make: Maker) -> str:
        return summary(
            play(self._steady, scatter, 1, self._series, make),
            play(self._days, scatter, self._runs, self._series, make),
        )

    def compare(self, settings: MoodSettings, scatters: Sequence[str]) -> None:
        """The tracker against what is simpler."""
        for name in scatters:
            scatter = SCATTERS[name]
            print("\n" + HEADER.format(f"scatter {name}"), flush=True)
            makers: dict[str, Maker] = {
                "tracker": lambda day: Tracker(settings, day.mood),
                "tracker without second looks": lambda day: Tracker(settings, day.mood, looks_again=False),
                "exponential average": lambda day: Average(settings, day.mood),
                "argmax of 7 moods": lambda _: Argmax("mood7"),
                "argmax of 13 feelings": lambda _: Argmax("feelings"),
            }
            for who, make in makers.items():
                print(f"| {who} | {self.row(scatter, make)} |", flush=True)

    def sweep(self, key: str, scatters: Sequence[str]) -> None:
        """The tracker with other values of one setting."""
        for name in scatters:
            print("\n" + HEADER.format(f"{key}, scatter {name}"), flush=True)
            for value in SWEEPS[key]:
                settings = changed({key: value})
                row = self.row(SCATTERS[name], lambda day, to=settings: Tracker(to, day.mood))
                print(f"| {value:g} | {row} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=10, help="times that each scripted day is played")
    parser.add_argument("--steady", type=int, default=100, help="steady days of 24 hours")
    parser.add_argument("--sweep", choices=[*SWEEPS, "all"], help="other values of a setting")
    parser.add_argument("--scatter", action="append", choices=list(SCATTERS), help="one of those only")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="another setting")
    parser.add_argument("--taught", action="store_true", help="measured is the scatter of taught rooms")
    options = parser.parse_args()
    series = measured(TAUGHT if options.taught else UNTAUGHT)
    simulation = Simulation(options.runs, options.steady, series)
    scatters = options.scatter or list(SCATTERS)
    if options.sweep:
        for key in SWEEPS if options.sweep == "all" else [options.sweep]:
            simulation.sweep(key, scatters)
    else:
        settings = changed({key: float(value) for key, value in (each.split("=") for each in options.set)})
        simulation.compare(settings, scatters)


if __name__ == "__main__":
    main()
