"""The next track: near the mood, going on from what plays, fresh, to the venue's taste, and never nothing."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy, deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt

from player.config.settings.library import ChoiceSettings
from player.emotions import describe_music
from player.errors import NoMusicError
from player.library.index.candidates import Floats, Taste
from player.library.index.track_table import GONE, Rows, Table, TrackTable, candidates_of
from player.library.rules import NOT_INCLUDED, HouseRules
from player.selection.continuity import continuity
from player.selection.relaxing import ChoiceRules, relaxing
from player.types import Target, Track

ENOUGH = 1000
"""So many of the nearest tracks that the rules allow are weighed."""
_FRESH_S = 7 * 86400.0
"""A track heard so long ago is half as fresh as one never heard."""
_UNSURE = 0.4
"""How far off, in mood distance, the mood of a track without any confidence may well be."""
_GOES_WELL = 0.75
_SET_BACK_S = 7 * 86400.0
"""What was heard so far in the future was noted by a clock that was wrong."""
MISFIT = 0.7
"""Music so much farther from the target than there is some is the wrong music: rather repeat than that."""


@dataclass(frozen=True, slots=True, eq=False)
class ChoiceContext:
    """When and after what a track is chosen."""

    now: datetime
    """Timezone-aware."""
    daypart: str = ""
    playing: Track | None = None
    taste: Taste | None = None
    artists: frozenset[int] = frozenset()
    """`artist_number`s of the last plays, as many as `choice.artist_gap` says."""
    avoid: frozenset[int] = frozenset()
    """Ids that should not come next: that of the track that plays."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A track that was weighed, and what counted for it."""

    id: int
    distance: float | None
    relaxed: tuple[str, ...]
    score: dict[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Pick:
    """What was chosen, and why."""

    id: int
    reason: str
    distance: float | None
    candidates: int
    relaxed: tuple[str, ...]
    score: dict[str, float]
    runners_up: tuple[Candidate, ...]
    """Best first."""

    @property
    def others(self) -> tuple[int, ...]:
        """Ids of the runners-up, best first."""
        return tuple(candidate.id for candidate in self.runners_up)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What there is around a target under some rules."""

    near: Rows
    passing: Rows
    """Those of `near` that the rules allow."""
    count: int
    """Tracks in the whole."""


@dataclass(slots=True)
class Weighed:
    """The candidates of one choice with what counts for each."""

    table: Table
    distance: npt.NDArray[np.float64]
    cost: npt.NDArray[np.float64]
    parts: dict[str, Floats] = field(default_factory=dict)

    def add(self, name: str, goodness: Floats, weight: float) -> None:
        """Let another part count: `goodness` in [0, 1], `weight` in units of mood distance."""
        if weight > 0:
            self.cost += weight * (1 - goodness)
            self.parts[name] = goodness


class Recommender:
    """Chooses tracks. Under `settings.seed` the same calls give the same choices."""

    def __init__(self, settings: ChoiceSettings, rules: HouseRules) -> None:
        self._settings, self._house = settings, rules
        self._random = np.random.default_rng(settings.seed)

    def twin(self) -> Recommender:
        """Another one that would choose the same from here on: who asks it uses up no chance of this one."""
        twin = copy(self)
        twin._random = deepcopy(self._random)
        return twin

    def choose(self, columns: TrackTable, target: Target, moment: ChoiceContext) -> Pick:
        """The next track for a target mood.

        The lowest sum of mood distance, lack of continuity, of freshness and of liking wins, each with its
        weight, after a random number below `settings.variety` is added so that near ones take turns. A
        track without a mood comes after all others. If no track satisfies the rules they give way in
        the order of `relaxing`; artist gap and window also if they leave nothing but music of a mood
        that is far off (MISFIT). Raises NoMusicError if there is no track that the venue's exclusions
        allow.
        """
        if moment.avoid:
            moment = replace(moment, avoid=columns.copies(moment.avoid))
        wrong: Found | None = None
        for rules in relaxing(self._settings.track_window_s):
            if wrong is not None and not rules.pool:
                break
            plane = columns.plane(self._barred(rules, moment.daypart))
            near, passing = _gather(columns.table, plane.around(target.point, ENOUGH), rules, moment)
            if not len(passing):
                near, passing = _gather(columns.table, iter([plane.moodless()]), rules, moment)
            if not len(passing):
                continue
            found = Found(near, passing, len(plane))
            if not (rules.pool and _misses(columns.table, found, target)):
                return self._best(columns.table, found, target, moment)
            wrong = wrong or found
        if wrong is not None:
            return self._best(columns.table, wrong, target, moment)
        raise NoMusicError("There is no music that may be played: see rules and library.folders.")

    def _best(self, table: Table, found: Found, target: Target, moment: ChoiceContext) -> Pick:
        passing = self._few(table, found.passing, target)
        weighed = self._weigh(table[passing], target, moment)
        return self._pick(weighed, _distances(table, found.near, target), found.count, target, moment)

    def _barred(self, rules: ChoiceRules, daypart: str) -> int:
        return (
            self._house.never(daypart)
            | (self._house.pool(daypart) if rules.pool else 0)
            | (NOT_INCLUDED if rules.include else 0)
        )

    def _few(self, table: Table, rows: Rows, target: Target) -> Rows:
        """The nearest of too many rows, or any few of those without a mood."""
        if len(rows) <= 2 * ENOUGH:
            return rows
        if np.isnan(table["valence"][rows[0]]):
            return np.unique(rows[self._random.integers(0, len(rows), ENOUGH)])
        return rows[np.argpartition(_distances(table, rows, target), ENOUGH)[:ENOUGH]]

    def _weigh(self, table: Table, target: Target, moment: ChoiceContext) -> Weighed:
        weights, candidates = self._settings.weights, candidates_of(table)
        distance = _distances(table, np.arange(len(table)), target)
        sure = np.nan_to_num(table["confidence"], nan=0.5).astype(np.float64)
        expected = np.hypot(distance, _UNSURE * (1 - sure))
        weighed = Weighed(table, distance, np.nan_to_num(weights.mood * expected))
        weighed.parts["mood"] = (1 - distance / (2 * np.sqrt(2))).astype(np.float32)
        if moment.playing is not None:
            weighed.add("continuity", continuity(candidates, moment.playing)[0], weights.continuity)
        weighed.add("freshness", _freshness(table, moment.now), weights.freshness)
        if moment.taste is not None:
            learned = moment.taste.scores(candidates, moment.daypart, target.point)
            weighed.add("learned", learned, weights.learned)
        weighed.cost += self._random.random(len(table)) * self._settings.variety
        return weighed

    def _pick(
        self,
        weighed: Weighed,
        nearer: npt.NDArray[np.float64],
        count: int,
        target: Target,
        moment: ChoiceContext,
    ) -> Pick:
        order = np.argsort(weighed.cost, kind="stable")[:9]
        best, *others = (self._candidate(weighed, int(index), moment) for index in order)
        place = int(order[0])
        heard_s = float(_heard_s(weighed.table["heard_at"][place : place + 1], moment.now)[0])
        score, relaxed, distance = best.score, best.relaxed, best.distance
        if distance is None:
            reason = f"not analysed yet, one of {count}"
        else:
            rank = 1 + int(np.count_nonzero(nearer < distance))
            nearest = "closest" if rank == 1 else f"number {rank} in closeness"
            reason = f"{nearest} to {describe_music(target.point)} music among {count}"
        reason += "".join(f"; {word}" for word in _words(score, weighed.table[place : place + 1], moment))
        if not np.isnan(heard_s):
            reason += f"; not heard for {_span(heard_s)}"
        if relaxed:
            reason += f"; gave way: {', '.join(relaxed)}"
        return Pick(best.id, reason, distance, count, relaxed, score, tuple(others))

    def _candidate(self, weighed: Weighed, index: int, moment: ChoiceContext) -> Candidate:
        row, distance = weighed.table[index], float(weighed.distance[index])
        heard_s = float(_heard_s(weighed.table["heard_at"][index : index + 1], moment.now)[0])
        score = {name: round(float(part[index]), 3) for name, part in weighed.parts.items()}
        if np.isnan(distance):
            score.pop("mood")
        shown = None if np.isnan(distance) else distance
        return Candidate(int(row["id"]), shown, self._broken(row, heard_s, moment), score)

    def _broken(self, row: np.void, heard_s: float, moment: ChoiceContext) -> tuple[str, ...]:
        """Which rules the chosen track does not keep."""
        broken = {
            "artist gap": int(row["artist"]) in moment.artists,
            "track window": heard_s < self._settings.track_window_s,
            "daypart pool": bool(int(row["bits"]) & self._house.pool(moment.daypart)),
            "include lists": bool(int(row["bits"]) & NOT_INCLUDED),
            "avoid": int(row["id"]) in moment.avoid,
        }
        return tuple(name for name, is_broken in broken.items() if is_broken)


def _gather(
    table: Table, surroundings: Iterator[Rows], rules: ChoiceRules, moment: ChoiceContext
) -> tuple[Rows, Rows]:
    """The smallest surroundings with enough tracks that the rules allow, and those tracks."""
    near = passing = np.empty(0, np.int64)
    for near in surroundings:
        allowed = (table["bits"][near] & GONE) == 0
        allowed &= ~(_heard_s(table["heard_at"][near], moment.now) < rules.window_s)  # nan is allowed
        if rules.artists and moment.artists:
            allowed &= ~np.isin(table["artist"][near], list(moment.artists))
        if rules.avoid and moment.avoid:
            allowed &= ~np.isin(table["id"][near], list(moment.avoid))
        passing = near[allowed]
        if len(passing) >= ENOUGH:
            break
    return near, passing


def _misses(table: Table, found: Found, target: Target) -> bool:
    """Whether even the nearest that the rules allow is the wrong music, beside what there is."""
    there = found.near[(table["bits"][found.near] & GONE) == 0]
    nearest, allowed = (_distances(table, rows, target) for rows in (there, found.passing))
    if np.isnan(allowed).all():  # not analysed yet: nobody knows that it is wrong
        return False
    return bool(np.nanmin(allowed) > np.nanmin(nearest, initial=np.inf) + MISFIT)


def _heard_s(heard_at: npt.NDArray[np.float64], now: datetime) -> npt.NDArray[np.float64]:
    """How long ago, at least 0 should the clock have gone back; nan if never, or nobody knows when."""
    passed = now.timestamp() - heard_at
    return np.where(passed > -_SET_BACK_S, np.maximum(passed, 0), np.nan)


def _distances(table: Table, rows: Rows, target: Target) -> npt.NDArray[np.float64]:
    """Distance of the mood of some rows to the target; nan if they have none."""
    valence, energy = table["valence"][rows], table["energy"][rows]
    return np.hypot(valence - target.point.valence, energy - target.point.energy).astype(np.float64)


def _freshness(table: Table, now: datetime) -> Floats:
    """1 for a track never heard, 0 for one just heard, half after _FRESH_S."""
    heard_s = _heard_s(table["heard_at"], now)
    return np.nan_to_num(heard_s / (heard_s + _FRESH_S), nan=1.0).astype(np.float32)


def _words(score: dict[str, float], row: Table, moment: ChoiceContext) -> Iterator[str]:
    """What else spoke for the chosen track, if it spoke clearly."""
    if moment.playing is not None and score.get("continuity", 0) >= _GOES_WELL:
        parts = continuity(candidates_of(row), moment.playing)[1]
        alike = [name for name, part in parts.items() if part[0] >= _GOES_WELL]
        yield f"goes on from {moment.playing.title} ({', '.join(alike)})"
    if score.get("learned", 0) >= _GOES_WELL:
        yield "liked here"


def _span(seconds: float) -> str:
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 172800 else f"{seconds / 86400:.0f} days"
