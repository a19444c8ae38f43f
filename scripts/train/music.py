"""Train the mood head on clips with quadrants and clips with ratings, and write models_onnx/music_mood.onnx.

    python -m scripts.train.music FOLDER... [--features CACHE.npy] [--penalties 1 3 10]

Support vector machines over one kernel: six that each tell two quadrants apart, two that follow the ratings,
and one that says which of the two kinds of label suits a clip. The figures printed and recorded are those
of a cross-validation by clip, repeated; with several penalties each fold chooses one by a cross-validation
of its own, and nothing is written. Needs scikit-learn and onnx; the player needs neither.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import RepeatedStratifiedKFold, StratifiedKFold
from sklearn.svm import SVC, SVR

from player.library.analysis.feature_extractor import HEAD, QUADRANTS, quadrants_of
from player.models import MODELS_DIR
from scripts.export.manifest import record
from scripts.train.music_data import HIGH, Labels, agreement, heard, labelled, reliability, scores
from scripts.train.music_head import Array, Calibration, Space, embedding, export

PAIRS = tuple(combinations(range(len(QUADRANTS)), 2))
VOTES = np.array([[float(q == first) - float(q == second) for q in range(4)] for first, second in PAIRS])
PENALTY = 3.0
"""C of the machines that tell kinds apart."""
RATING_PENALTY, RATING_WIDTH = 1.0, 0.1
"""C and epsilon of those that follow ratings, in deviations of the ratings."""
QUADRANT_WEIGHT = np.array([2.0, 1.0])
"""How far the quadrants' valence and energy reach beside the ratings': who is sure is heard more."""
EMBEDDED = np.r_[0:250, 1003:1145]
"""Features of the embedding: those of analysis version 4, so that tracks that were listened to again can be
compared with those that wait for it and with what the house's taste was learnt from."""
FOLDS, REPEATS = 10, 2
FLOOR = 1e-3
"""Probability that no quadrant falls below: it bounds the axes."""


@dataclass
class Machines:
    """Support vector machines over the same clips; a decision is kernel @ duals + offsets."""

    where: Space
    clips: Array  # (clips, features), standardised
    duals: Array  # (clips, 6 + 2 + 1)
    offsets: Array  # (6 + 2 + 1,)

    def decide(self, features: Array) -> tuple[Array, Array, Array]:
        """(n, features) -> probabilities of the quadrants (n, 4), axes by ratings (n, 2), suits (n, 1).

        `suits` is the share of the ratings' axes in the point.
        """
        decisions = kernel(self.where.clipped(features), self.clips) @ self.duals + self.offsets
        odds = np.exp(np.tanh(decisions[:, :6]) @ VOTES)
        return odds / odds.sum(axis=1, keepdims=True), decisions[:, 6:8], 1 / (1 + np.exp(-decisions[:, 8:]))


@dataclass
class Unseen:
    """Every clip as machines see it that did not see it before, REPEATS times."""

    quadrants: Array  # (REPEATS, clips, 4)
    axes: Array  # (REPEATS, clips, 2)
    suits: Array  # (REPEATS, clips, 1)
    far: Array  # (REPEATS, clips): distance from the clips of the training


@dataclass
class Scales:
    """What the quadrants' log-odds, the ratings' axes and their blend are divided by, (2,) each."""

    quadrants: Array
    ratings: Array
    both: Array

    def points(self, quadrants: Array, axes: Array, suits: Array) -> Array:
        """(n, 4), (n, 2), (n, 1) -> valence and energy, (n, 2) in (-1, 1): the sum that the graph does."""
        return np.asarray(np.tanh(self.blend(quadrants, axes, suits) / self.both))

    def blend(self, quadrants: Array, axes: Array, suits: Array) -> Array:
        return (1 - suits) * log_odds(quadrants) / self.quadrants + suits * axes / self.ratings


def kernel(one: Array, other: Array) -> Array:
    """Gaussian of the mean squared difference, (n, features), (m, features) -> (n, m)."""
    squares = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1) - 2 * one @ other.T
    return np.asarray(np.exp(-np.maximum(0, squares) / one.shape[1]))


def fit(features: Array, labels: Labels, penalty: float = PENALTY) -> Machines:
    """Of (clips, features): each machine learns from the clips that have its kind of label."""
    where = Space.of(features)
    clips = where.clipped(features)
    likeness = kernel(clips, clips)
    duals, offsets = np.zeros((len(clips), len(PAIRS) + 3)), np.zeros(len(PAIRS) + 3)

    def learn(
        at: int, machine: SVC | SVR, rows: npt.NDArray[np.int64], target: npt.NDArray[np.generic]
    ) -> None:
        machine.fit(likeness[np.ix_(rows, rows)], target)
        duals[rows[machine.support_], at] = machine.dual_coef_[0]
        offsets[at] = machine.intercept_[0]

    for at, (first, second) in enumerate(PAIRS):
        rows = np.flatnonzero((labels.quadrant == first) | (labels.quadrant == second))
        learn(at, SVC(C=penalty, kernel="precomputed"), rows, labels.quadrant[rows] == first)
    rows = np.flatnonzero(labels.rated)
    ratings = labels.rating[rows]
    ratings = (ratings - ratings.mean(axis=0)) / ratings.std(axis=0)
    for axis in range(2):
        machine = SVR(C=RATING_PENALTY, epsilon=RATING_WIDTH, kernel="precomputed")
        learn(len(PAIRS) + axis, machine, rows, ratings[:, axis])
    gate = SVC(C=penalty, kernel="precomputed", class_weight="balanced")
    learn(len(PAIRS) + 2, gate, np.arange(len(clips)), labels.rated)
    return Machines(where, clips, duals, offsets)


def unseen_clips(features: Array, labels: Labels, penalties: Sequence[float] = (PENALTY,)) -> Unseen:
    """Every clip by machines that learnt from the other folds, which have all kinds in the same shares."""
    folds = RepeatedStratifiedKFold(n_splits=FOLDS, n_repeats=REPEATS, random_state=0)
    found = Unseen(*(np.zeros((REPEATS, len(features), width)) for width in (4, 2, 1, 1)))
    for i, (train, test) in enumerate(folds.split(features, labels.kind)):
        known, at = labels.of(train), (i // FOLDS, test)
        machines = fit(features[train], known, best_penalty(features[train], known, penalties))
        found.quadrants[at], found.axes[at], found.suits[at] = machines.decide(features[test])
        found.far[at] = machines.where.distance(features[test])[:, None]
    found.far = found.far[:, :, 0]
    return found


def best_penalty(features: Array, labels: Labels, penalties: Sequence[float]) -> float:
    """The one with the best macro F1 in a cross-validation within these clips."""
    if len(penalties) == 1:
        return penalties[0]
    those, found = ~labels.rated, np.zeros((len(penalties), len(features), 4))
    for train, test in StratifiedKFold(5, shuffle=True, random_state=1).split(features, labels.kind):
        for i, penalty in enumerate(penalties):
            found[i, test] = fit(features[train], labels.of(train), penalty).decide(features[test])[0]
    f1 = [scores(labels.quadrant[those], log_odds(one[those]))["macro_f1"] for one in found]
    return penalties[int(np.argmax(f1))]


def log_odds(probabilities: Array) -> Array:
    """(..., 4) -> (..., 2): of high against low valence, and of high against low energy."""
    high = probabilities @ HIGH
    return np.log(high + FLOOR) - np.log(1 - high + FLOOR)


def scales(unseen: Unseen, labels: Labels) -> Scales:
    """From predictions for unseen clips.

    For a logistic distribution of scale k, of deviation pi k / sqrt(3), tanh(x / 2k) is uniform.
    """
    quadrants = log_odds(unseen.quadrants[:, ~labels.rated]).std(axis=(0, 1)) / QUADRANT_WEIGHT
    found = Scales(quadrants, unseen.axes[:, labels.rated].std(axis=(0, 1)), np.ones(2))
    blend = found.blend(unseen.quadrants, unseen.axes, unseen.suits)
    found.both = 2 * np.sqrt(3) / np.pi * blend.std(axis=(0, 1))
    return found


def measure(labels: Labels, unseen: Unseen, to_point: Scales) -> dict[str, float]:
    """Scores averaged over the repeats: of the quadrants, and the correlations with the ratings by genre."""
    found, rated = [], labels.rated
    for repeat, quadrants in enumerate(unseen.quadrants):
        points = to_point.points(quadrants, unseen.axes[repeat], unseen.suits[repeat])
        truth = labels.quadrant[~rated]
        one = scores(truth, points[~rated]) | {"log_loss": log_loss(truth, quadrants[~rated])}
        for genre, by_axis in agreement(labels.rating[rated], points[rated], labels.kind[rated]).items():
            one |= {f"{genre}_{axis}": value for axis, value in by_axis.items()}
        found.append(one)
    return {name: round(float(np.mean([f[name] for f in found])), 3) for name in found[0]}


def calibrate(right: npt.NDArray[np.bool_], top: Array, far: Array) -> tuple[Calibration, Array]:
    """How sure the point's quadrant is, from predictions for unseen clips, (REPEATS, clips) each.

    Whether it is right, the probability of the best quadrant, the distance -> the calibration by all clips,
    and the confidence (REPEATS, clips) that each clip gets by the calibration of the other half of the clips.
    """
    half = np.random.default_rng(0).permutation(right.shape[1]) % 2 == 0
    limit = float(np.percentile(far, 99))
    crossed = np.zeros(right.shape)
    for fitted in (half, ~half):
        part = _platt(right[:, fitted], top[:, fitted], limit)
        crossed[:, ~fitted] = part.confidence(top[:, ~fitted], far[:, ~fitted])
    return _platt(right, top, limit), crossed


def _platt(right: npt.NDArray[np.bool_], top: Array, limit: float) -> Calibration:
    odds = np.log(top / (1 - top)).reshape(-1, 1)
    fitted = LogisticRegression(C=1e3).fit(odds, right.ravel())
    return Calibration(float(fitted.coef_[0, 0]), float(fitted.intercept_[0]), limit)


def cross_validate(
    folders: Sequence[Path], processes: int, kept: Path | None = None, penalties: Sequence[float] = (PENALTY,)
) -> tuple[Array, Labels, Scales, Calibration, dict[str, float], str]:
    """Features, labels, scales, calibration, the figures on unseen clips, and said against true shares."""
    paths, labels = labelled(folders)
    features = heard(paths, processes, kept)
    unseen, those = unseen_clips(features, labels, penalties), ~labels.rated
    to_point = scales(unseen, labels)
    metrics = measure(labels, unseen, to_point)
    points = to_point.points(unseen.quadrants, unseen.axes, unseen.suits)[:, those]
    right = np.array([quadrants_of(repeat) == labels.quadrant[those] for repeat in points])
    calibration, crossed = calibrate(right, unseen.quadrants[:, those].max(axis=2), unseen.far[:, those])
    metrics["calibration_error"], table = reliability(crossed.ravel(), right.ravel())
    return features, labels, to_point, calibration, metrics, table


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folders", type=Path, nargs="+", help="sound files and labels.tsv in each")
    parser.add_argument("--features", type=Path, help="a .npy file that keeps the features for the next run")
    parser.add_argument("--penalties", type=float, nargs="+", default=[PENALTY])
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()

    features, labels, to_point, calibration, metrics, table = cross_validate(
        arguments.folders, arguments.processes, arguments.features, arguments.penalties
    )
    print(
        f"{len(features)} clips, {FOLDS}-fold cross-validation by clip, {REPEATS} times: {metrics}\n{table}"
    )
    if len(arguments.penalties) > 1:
        return
    machines = fit(features, labels)
    weights = {
        "clips": machines.clips, "duals": machines.duals, "offsets": machines.offsets, "votes": VOTES,
        "high": HIGH, "floor": np.full(1, FLOOR), "quadrant_scales": to_point.quadrants,
        "rating_scales": to_point.ratings, "scales": to_point.both,
    }  # fmt: skip
    onnx.save(export(weights, calibration, machines.where, embedding(EMBEDDED)), MODELS_DIR / HEAD)
    record(
        HEAD,
        source="trained here on 453 clips with the quadrants of Panda, Malheiro and Paiva (TAFFC 2018) and "
        "300 of Emotify (Aljanaki et al. 2015) with listeners' answers; it keeps the features of both",
        licence="MIT; the clips it saw are for research use",
        built_by="scripts/train/music.py",
        metrics={f"cv_{name}": value for name, value in metrics.items()},
    )


if __name__ == "__main__":
    main()
