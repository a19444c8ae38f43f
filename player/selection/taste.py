"""The venue's taste: how likely a track is to be heard to its end, learnt from feedback, per daypart.

A Bayesian linear regression (bayesian_ridge.py) of "liked or heard to the end" on what a track sounds like
and how far it lies from the target. Every feature counts once for the whole day and once more, a little
weaker, for its own daypart. How far the weights may go is found from the feedback itself, and if chance
explains it about as well, nothing is concluded at all.
Exploration is Thompson sampling: the weights are drawn from their posterior, again after every feedback.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from player.library.database.feedback import Feedback, Outcome, TrainingData
from player.library.index.candidates import Candidates
from player.library.models import EMBEDDING_SIZE
from player.selection.bayesian_ridge import fit
from player.selection.track_record import TrackRecord
from player.types import MoodPoint

Doubles = npt.NDArray[np.float64]

NEWEST = 2000
"""How much feedback is taken into account: months of it."""
FEWEST = 8
"""So much feedback is needed before anything is concluded from it."""
EVIDENCE = 3.0
"""Nats by which the log evidence must beat "it is chance": 20 to 1. Until then the mood decides alone."""
EXPLORE = 0.25
"""Of the posterior's standard deviation: what Thompson sampling takes."""
NEAR = 2.5
"""What is chosen lies near the target: its differences are enlarged, to count as others."""
OWN_DAYPART = 0.7
"""How much weaker a daypart's own weights are expected to be than those of the whole day."""

REWARD = {Outcome.FINISHED: 1.0, Outcome.LIKED: 1.0, Outcome.SKIPPED: 0.0, Outcome.WRONG_MOOD: 0.0}
WEIGHT = {Outcome.FINISHED: 1.0, Outcome.LIKED: 3.0, Outcome.SKIPPED: 1.0, Outcome.WRONG_MOOD: 2.0}
"""A hand on a button says more than a track that ran out in a room that may have been empty."""

_OF_SOUND = (
    "valence",
    "energy",
    "tempo",
    "loudness",
    "happier than asked",
    "livelier than asked",
    "distance",
)
NAMES = (*_OF_SOUND, *(f"sound {i + 1}" for i in range(EMBEDDING_SIZE)))


@dataclass(frozen=True, eq=False)
class TasteModel:
    """What was learnt: a `candidates.Taste`. It never changes: `learn` makes another one."""

    learnt_from: int
    """How much feedback."""
    usual: float
    """Share of tracks that are heard to the end or liked, 0 to 1."""
    weights: Mapping[str, Doubles]
    """Daypart -> (len(NAMES),) what a feature changes there; under "" for a daypart without feedback."""
    drawn: Mapping[str, Doubles]
    """The same, drawn from the posterior: what the scores are made with."""
    record: TrackRecord
    record_weights: tuple[float, float]
    """How far a track's own record counts: of the whole day, and of the same daypart."""

    def scores(
        self, candidates: Candidates, daypart: str, target: MoodPoint | None
    ) -> npt.NDArray[np.float32]:
        """How likely each of n tracks is to be heard to its end, (n,) float32 in [0, 1]."""
        weights = self.drawn.get(daypart, self.drawn[""])
        valence = np.full(len(candidates.id), np.nan if target is None else target.valence)
        energy = np.full(len(candidates.id), np.nan if target is None else target.energy)
        score = self.usual + features(candidates, valence, energy) @ weights
        whole_day, own = self.record.of(candidates.id, daypart)
        score += self.record_weights[0] * whole_day + self.record_weights[1] * own
        return np.clip(score, 0.0, 1.0).astype(np.float32)


def nothing_learnt() -> TasteModel:
    """The taste of a house that has said nothing yet: every track scores 0.5."""
    weights = {"": np.zeros(len(NAMES))}
    return TasteModel(0, 0.5, weights, weights, TrackRecord(), (0.0, 0.0))


def learn(training_data: TrainingData, half_life_days: float, seed: int = 0) -> TasteModel:
    """Everything that can be learnt from the feedback; the same training data and seed give the same taste.

    Feedback has lost half its weight when the newest one is `half_life_days` younger.
    """
    feedback = training_data.feedback
    rewards = np.array([REWARD[one.kind] for one in feedback])
    if len(feedback) < FEWEST or len(set(rewards)) < 2:
        return nothing_learnt()
    with threadpool_limits(1):  # on all cores such small matrices take longer, and the music has them
        return _learn(training_data, rewards, half_life_days, seed)


def _learn(training_data: TrainingData, rewards: Doubles, half_life_days: float, seed: int) -> TasteModel:
    feedback = training_data.feedback
    dayparts = sorted({one.daypart for one in feedback})
    table, record = _table(training_data, dayparts, half_life_days)
    weights = np.array([WEIGHT[one.kind] for one in feedback]) * _age_weights(feedback, half_life_days)
    weights /= weights.mean()  # smaller ones would leave the regression fewer observations than unknowns
    found, chance = (fit(columns, rewards, weights) for columns in (table, np.zeros((len(table), 1))))
    # If few judgements weigh much, there are fewer than it seems: Kish's (1965) effective sample size.
    effective = 1 / (weights**2).mean()
    if effective * (found.log_evidence - chance.log_evidence) < EVIDENCE:
        return nothing_learnt()
    mean = found.mean
    drawn = _draw(mean, found.covariance, np.random.default_rng([seed, len(feedback)]))
    return TasteModel(
        learnt_from=len(feedback),
        usual=found.intercept,
        weights=_by_daypart(mean, dayparts),
        drawn=_by_daypart(drawn, dayparts),
        record=record,
        record_weights=(float(mean[0]), float(mean[1])),
    )


def features(sounds: Candidates, target_valence: Doubles, target_energy: Doubles) -> Doubles:
    """The features NAMES of n tracks, (n, len(NAMES)) float64, each of about unit size.

    The targets are (n,); what is not known, of a track or a target, is NaN and becomes 0: of no influence.
    """
    happier = NEAR * (sounds.valence - target_valence)
    livelier = NEAR * (sounds.energy - target_energy)
    tempo = np.log2(np.maximum(sounds.tempo_bpm, 30.0) / 110.0)
    loudness = (sounds.loudness_lufs + 18.0) / 10.0
    known = (sounds.valence, sounds.energy, tempo, loudness, happier, livelier, np.hypot(happier, livelier))
    table = np.empty((len(sounds.id), len(NAMES)))
    for column, values in enumerate(known):
        table[:, column] = np.nan_to_num(values)
    # A component of a unit vector in 32 dimensions is about 1/sqrt(32) in size.
    table[:, len(known) :] = sounds.embedding * (np.sqrt(EMBEDDING_SIZE) / 127.0)
    return table


def _table(
    training_data: TrainingData, dayparts: Sequence[str], half_life_days: float
) -> tuple[Doubles, TrackRecord]:
    """What the regression sees, (n, 2 + len(NAMES) * (1 + dayparts)), and every track's record at the end.

    The record beside one piece of feedback holds only what came before it, as it does when a track is chosen.
    """
    asked = [one.target or MoodPoint(np.nan, np.nan) for one in training_data.feedback]
    heard = features(
        training_data.sounds, np.array([p.valence for p in asked]), np.array([p.energy for p in asked])
    )
    record, before = TrackRecord(half_life_days), []
    for one in training_data.feedback:
        before.append(record.of_one(one.track_id, one.daypart))
        record.add(one.track_id, one.daypart, one.at, REWARD[one.kind], WEIGHT[one.kind])
    own = [OWN_DAYPART * heard * _mask(training_data.feedback, daypart)[:, None] for daypart in dayparts]
    return np.hstack([np.array(before), heard, *own]), record


def _mask(feedback: Sequence[Feedback], daypart: str) -> Doubles:
    return np.array([float(one.daypart == daypart) for one in feedback])


def _age_weights(feedback: Sequence[Feedback], half_life_days: float) -> Doubles:
    newest: datetime = feedback[-1].at
    days = np.array([(newest - one.at).total_seconds() / 86400 for one in feedback])
    return np.exp2(-days / half_life_days)


def _draw(mean: Doubles, covariance: Doubles, random: np.random.Generator) -> Doubles:
    """One sample of the posterior, EXPLORE as wide as it is."""
    values, vectors = np.linalg.eigh(covariance)
    sample: Doubles = mean + EXPLORE * vectors @ (
        np.sqrt(np.maximum(values, 0.0)) * random.standard_normal(len(mean))
    )
    return sample


def _by_daypart(flat: Doubles, dayparts: Sequence[str]) -> dict[str, Doubles]:
    """The regression's weights, less those of the record, as what holds in each daypart altogether."""
    whole_day, *own = flat[2:].reshape(1 + len(dayparts), len(NAMES))
    return {"": whole_day} | {
        name: whole_day + OWN_DAYPART * part for name, part in zip(dayparts, own, strict=True)
    }
