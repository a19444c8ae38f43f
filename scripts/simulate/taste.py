"""Does learning pay? Simulated listeners judge what three ways of choosing play to them.

    python -m scripts.simulate.taste [--seeds 20] [--plays 320]

Everything here is made up and says so: a library in clusters of like sound, whose measured moods are off
by as much as the analysis is in reality, and listeners with preferences that no policy is told. A play is
kept with a probability that only the simulation knows; the regret of a choice is how much likelier the best
track that was free at that moment would have been kept. All policies of one seed meet the same library,
listener, rooms and luck; intervals are bootstrap percentiles over seeds, of the differences in pairs.
"""

from __future__ import annotations

import argparse
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from player.config.settings.library import ChoiceSettings, WeightSettings
from player.emotions import find
from player.library.database.feedback import Feedback, Outcome, TrainingData
from player.library.index.candidates import Candidates
from player.selection.taste import TasteModel, learn, nothing_learnt
from player.types import MoodPoint

Doubles = npt.NDArray[np.float64]

DAYPARTS = ("morning", "day", "evening", "night")
PLAYS_PER_DAYPART = 8
CLUSTERS = 24
ANALYSIS_ERROR = 0.25
"""Standard deviation of a measured mood around the one that is heard, per axis."""
PLAN_MOODS = ("happy", "romantic", "sad", "aggressive", "dramatic")
VARIETY = ChoiceSettings().variety
TASTE_WEIGHT = WeightSettings().learned
FREE_AGAIN = 40
"""Plays until a track may come again."""
LIKES = 0.1
"""Share of the plays kept that get a like, and of those not kept that are called a wrong mood."""
START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    """A library as the player sees it, and what is really so."""

    seen: Candidates
    points: npt.NDArray[np.complex128]
    """The moods as they are heard: valence + i energy."""
    cluster: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Listener:
    """What somebody in the room wants; nobody tells the player."""

    name: str
    says: str
    closeness: float = 2.0
    """Log-odds lost per unit of distance between the mood heard and the one wanted."""
    offset: tuple[complex, ...] = (0j, 0j, 0j, 0j)
    """Per daypart: what is wanted beside what the room asks for."""
    sounds: float = 0.0
    """Standard deviation of the log-odds that a cluster of sounds adds."""
    by_daypart: bool = False
    """Whether every daypart has its own favourite sounds."""
    turns_at: float = 2.0
    """Share of the plays after which the favourites are other ones."""
    coin: bool = False
    """Whether the listener skips by the toss of a coin, whatever plays."""


LISTENERS = (
    Listener("offset", "wants it calmer and happier than the room, livelier in the morning",
             offset=(0.1 + 0.6j, 0.3 - 0.3j, 0.4 - 0.5j, 0.2 - 0.6j)),
    Listener("sounds", "likes some kinds of music and not others", sounds=1.5),
    Listener("sounds by daypart", "likes other kinds in other parts of the day", sounds=1.5, by_daypart=True),
    Listener("both", "offset and sounds by daypart", sounds=1.0, by_daypart=True,
             offset=(0.1 + 0.6j, 0.3 - 0.3j, 0.4 - 0.5j, 0.2 - 0.6j)),
    Listener("fickle", "sounds, which turn into others halfway", sounds=1.5, turns_at=0.5),
    Listener("mood only", "wants exactly the room's mood: little to learn"),
    Listener("noise", "skips by the toss of a coin; regret as for mood only", coin=True),
)  # fmt: skip


def world(random: np.random.Generator, count: int) -> World:
    """Clusters of sound, each around a mood of its own; tracks scatter about both."""
    cluster = random.integers(CLUSTERS, size=count)
    centres = random.standard_normal((CLUSTERS, 32))
    vectors = centres[cluster] + 0.7 * random.standard_normal((count, 32))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    moods = random.uniform(-0.8, 0.8, (CLUSTERS, 2))[cluster] + 0.3 * random.standard_normal((count, 2))
    heard = np.clip(moods, -1, 1)
    measured = np.clip(heard + ANALYSIS_ERROR * random.standard_normal((count, 2)), -1, 1)
    bpm = np.clip(110 * np.exp2(0.4 * heard[:, 1] + 0.3 * random.standard_normal(count)), 50, 200)
    seen = Candidates(
        id=np.arange(1, count + 1, dtype=np.int64),
        valence=measured[:, 0].astype(np.float32),
        energy=measured[:, 1].astype(np.float32),
        confidence=np.ones(count, dtype=np.float32),
        tempo_bpm=bpm.astype(np.float32),
        key=np.full(count, -1, dtype=np.int8),
        loudness_lufs=(-14 + 4 * heard[:, 1] + random.standard_normal(count)).astype(np.float32),
        embedding=np.round(vectors * 127).astype(np.int8),
    )
    return World(seen, heard[:, 0] + 1j * heard[:, 1], cluster)


def kept(listener: Listener, of: World, favourites: Doubles, daypart: int, target: complex) -> Doubles:
    """Probability that each track is heard to its end, (n,)."""
    away = np.abs(of.points - (target + listener.offset[daypart]))
    liking = favourites[daypart if listener.by_daypart else 0][of.cluster]
    odds: Doubles = 1 / (1 + np.exp(-(2.0 - listener.closeness * away + listener.sounds * liking)))
    return odds


class Policy:
    """A way of choosing: `cost` of every track (n,); the cheapest free one plays."""

    def __init__(self, of: World, seed: int) -> None:
        self.world, self.random, self.seed = of, np.random.default_rng([seed, 7]), seed
        self.measured = of.seen.valence.astype(np.float64) + 1j * of.seen.energy

    def cost(self, daypart: int, target: complex) -> Doubles:
        raise NotImplementedError

    def told(self, feedback: Feedback) -> None:
        """Hear what became of the choice."""


class RandomInMood(Policy):
    """The original plan's recommender: any track of the one of five moods that the room is nearest to."""

    def __init__(self, of: World, seed: int) -> None:
        super().__init__(of, seed)
        points = [named.point for name in PLAN_MOODS if (named := find(name)) is not None]
        self.centres = np.array([complex(point.valence, point.energy) for point in points])
        self.moods = np.abs(self.measured[:, None] - self.centres).argmin(axis=1)

    def cost(self, daypart: int, target: complex) -> Doubles:  # noqa: ARG002
        wrong = self.moods != np.abs(self.centres - target).argmin()
        return wrong + self.random.random(len(wrong))


class Similarity(Policy):
    """Nearest in mood, with variety, as the recommender is without a taste."""

    def cost(self, daypart: int, target: complex) -> Doubles:  # noqa: ARG002
        noise = self.random.random(len(self.measured))
        return np.abs(self.measured - target) + VARIETY * noise


class WithTaste(Similarity):
    """Similarity, and what has been learnt so far."""

    def __init__(self, of: World, seed: int) -> None:
        super().__init__(of, seed)
        self.feedback: list[Feedback] = []
        self.taste: TasteModel = nothing_learnt()

    def cost(self, daypart: int, target: complex) -> Doubles:
        point = MoodPoint(target.real, target.imag)
        scores = self.taste.scores(self.world.seen, DAYPARTS[daypart], point)
        return super().cost(daypart, target) + TASTE_WEIGHT * (1 - scores)

    def told(self, feedback: Feedback) -> None:
        self.feedback.append(feedback)
        if len(self.feedback) % PLAYS_PER_DAYPART == 0:  # the player learns after each; this saves time
            rows = np.array([one.track_id - 1 for one in self.feedback])
            seen = self.world.seen
            heard = Candidates(**{name: getattr(seen, name)[rows] for name in Candidates.__slots__})
            self.taste = learn(TrainingData(self.feedback, heard, [""] * len(rows)), 60, self.seed)


POLICIES: dict[str, Callable[[World, int], Policy]] = {
    "random in the mood": RandomInMood,
    "similarity": Similarity,
    "with taste": WithTaste,
}


def live(listener: Listener, policy: str, seed: int, plays: int, tracks: int = 2000) -> Doubles:
    """One house with one policy: the regret summed up after every play, (plays,)."""
    random = np.random.default_rng(seed)
    of = world(random, tracks)
    favourites = random.standard_normal((2, len(DAYPARTS), CLUSTERS))
    targets = np.cumsum(random.normal(0, 0.15, (plays, 2)), axis=0)
    targets = np.abs((targets + 0.7) % 2.8 - 1.4) - 0.7  # a walk, reflected at 0.7
    luck, like = random.random(plays), random.random(plays)
    chooser = POLICIES[policy](of, seed)
    blocked: deque[int] = deque(maxlen=FREE_AGAIN)
    regret = np.empty(plays)
    for play in range(plays):
        daypart = play // PLAYS_PER_DAYPART % len(DAYPARTS)
        target = complex(*targets[play])
        keep = kept(listener, of, favourites[int(play >= listener.turns_at * plays)], daypart, target)
        free = np.ones(tracks, dtype=bool)
        free[list(blocked)] = False
        chosen = int(np.where(free, chooser.cost(daypart, target), np.inf).argmin())
        blocked.append(chosen)
        regret[play] = keep[free].max() - keep[chosen]
        fine = luck[play] < (0.5 if listener.coin else keep[chosen])
        loud = like[play] < LIKES
        kind = (
            (Outcome.LIKED if loud else Outcome.FINISHED)
            if fine
            else (Outcome.WRONG_MOOD if loud else Outcome.SKIPPED)
        )
        day, of_day = divmod(play, PLAYS_PER_DAYPART * len(DAYPARTS))
        at = START + timedelta(days=day, minutes=4 * of_day)
        chooser.told(Feedback(chosen + 1, at, kind, DAYPARTS[daypart], MoodPoint(target.real, target.imag)))
    return np.cumsum(regret)


def interval(values: Doubles, seed: int = 0) -> tuple[float, float, float]:
    """Mean of (n,) values and its 95 % bootstrap percentile interval over 10,000 resamples."""
    picks = np.random.default_rng(seed).integers(len(values), size=(10_000, len(values)))
    low, high = np.percentile(values[picks].mean(axis=1), [2.5, 97.5])
    return float(values.mean()), float(low), float(high)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--plays", type=int, default=320)
    names = [listener.name for listener in LISTENERS]
    parser.add_argument("--listener", choices=names, action="append", help="all, unless some are named")
    options = parser.parse_args()
    print(f"Regret after {options.plays} plays, {options.seeds} seeds: mean and 95 % interval")
    print(f"{'listener':<18} {'policy':<20} {'regret':<24} less than similarity (paired)")
    for listener in LISTENERS:
        if options.listener and listener.name not in options.listener:
            continue
        ends = {
            policy: np.array(
                [live(listener, policy, seed, options.plays)[-1] for seed in range(options.seeds)]
            )
            for policy in POLICIES
        }
        for policy, values in ends.items():
            total = "{:6.1f} [{:6.1f}, {:6.1f}]".format(*interval(values))
            gained = "{:+6.1f} [{:+6.1f}, {:+6.1f}]".format(*interval(ends["similarity"] - values))
            print(f"{listener.name:<18} {policy:<20} {total:<24} {gained}", flush=True)


if __name__ == "__main__":
    main()
