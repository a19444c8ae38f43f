"""Train the mood head on clips with quadrant labels and write models_onnx/music_mood.onnx.

    python -m scripts.train.music FOLDER [--features CACHE.npy]

Small networks, each on its own draw of the clips and of the features, whose probabilities are averaged.
The figures printed and recorded are those of a cross-validation by clip, repeated. Needs scikit-learn and
onnx; the player needs neither.
"""

from __future__ import annotations

import argparse
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import RepeatedStratifiedKFold
from sklearn.neural_network import MLPClassifier

from player.library.analysis.feature_extractor import HEAD
from player.library.models import EMBEDDING_SIZE
from player.models import MODELS_DIR
from scripts.export.manifest import record
from scripts.train.music_data import heard, labelled, reliability, scores
from scripts.train.music_head import Array, Calibration, export, space

MEMBERS = 16
HIDDEN = 32
CLIPS_SHARE = 0.9
FEATURES_SHARE = 0.7
WEIGHT_DECAY = 3.0
EPOCHS = 40
FOLDS, REPEATS = 10, 2
HIGH = np.array([[1.0, 1.0], [0.0, 1.0], [0.0, 0.0], [1.0, 0.0]])
"""Which quadrants lie on the high side of valence and of energy."""
FLOOR = 1e-3
"""Probability that no quadrant falls below: it bounds the axes."""


@dataclass
class Ensemble:
    """`members` two-layer networks side by side: their weights stacked along the first axis."""

    into: Array  # (members, features, hidden)
    into_bias: Array  # (members, 1, hidden)
    out: Array  # (members, hidden, 4)
    out_bias: Array  # (members, 1, 4)

    def probabilities(self, features: npt.NDArray[np.floating]) -> Array:
        """(n, features) -> (n, 4)."""
        hidden = np.maximum(0, features @ self.into + self.into_bias)
        logits = hidden @ self.out + self.out_bias
        odds = np.exp(logits - logits.max(axis=2, keepdims=True))
        mean = (odds / odds.sum(axis=2, keepdims=True)).mean(axis=0)
        return np.asarray(mean / mean.sum(axis=1, keepdims=True))


def fit(features: npt.NDArray[np.floating], labels: npt.NDArray[np.int64], seed: int) -> Ensemble:
    """Train the members; standardisation is folded into their first layers."""
    random = np.random.default_rng(seed)
    mean, deviation = features.mean(axis=0), features.std(axis=0) + 1e-6
    standard = (features - mean) / deviation
    weights: list[tuple[Array, ...]] = []
    for member in range(MEMBERS):
        rows = random.choice(len(labels), int(CLIPS_SHARE * len(labels)), replace=False)
        columns = random.random(features.shape[1]) < FEATURES_SHARE
        network = MLPClassifier(
            (HIDDEN,), alpha=WEIGHT_DECAY, batch_size=64, learning_rate_init=2e-3, max_iter=EPOCHS,
            random_state=seed + member,
        )  # fmt: skip
        network.fit(standard[rows] * columns, labels[rows])
        (first, out), (first_bias, out_bias) = network.coefs_, network.intercepts_
        into = first * columns[:, None] / deviation[:, None]
        weights.append((into, (first_bias - mean @ into)[None], out, out_bias[None]))
    return Ensemble(*(np.stack(parts) for parts in zip(*weights, strict=True)))


def unseen_clips(features: npt.NDArray[np.floating], labels: npt.NDArray[np.int64]) -> tuple[Array, Array]:
    """Every clip as ensembles see it that did not see it before.

    Predictions (REPEATS, clips, 4), and distances from the clips of the training (REPEATS, clips).
    """
    folds = RepeatedStratifiedKFold(n_splits=FOLDS, n_repeats=REPEATS, random_state=0)
    unseen, far = np.zeros((REPEATS, len(labels), 4)), np.zeros((REPEATS, len(labels)))
    for i, (train, test) in enumerate(folds.split(features, labels)):
        unseen[i // FOLDS, test] = fit(features[train], labels[train], seed=i).probabilities(features[test])
        far[i // FOLDS, test] = space(features[train], EMBEDDING_SIZE).distance(features[test])
    return unseen, far


def log_odds(probabilities: Array) -> Array:
    """(..., 4) -> (..., 2): of high against low valence, and of high against low energy."""
    high = probabilities @ HIGH
    return np.log(high + FLOOR) - np.log(1 - high + FLOOR)


def axis_scales(probabilities: Array) -> Array:
    """What to divide the log-odds by so that their tanh spreads over (-1, 1), (2,).

    For a logistic distribution of scale k, of deviation pi k / sqrt(3), tanh(x / 2k) is uniform.
    """
    return 2 * np.sqrt(3) / np.pi * log_odds(probabilities).reshape(-1, 2).std(axis=0)


def measure(labels: npt.NDArray[np.int64], unseen: Array) -> dict[str, float]:
    """Scores averaged over the repeats."""
    found = [
        scores(labels, p.argmax(axis=1), log_odds(p)) | {"log_loss": log_loss(labels, p)} for p in unseen
    ]
    return {name: round(float(np.mean([f[name] for f in found])), 3) for name in found[0]}


def calibrate(
    labels: npt.NDArray[np.int64], unseen: Array, far: npt.NDArray[np.floating]
) -> tuple[Calibration, Array]:
    """How sure the best quadrant is, from predictions for unseen clips.

    `unseen` (REPEATS, clips, 4), `far` (REPEATS, clips) -> the calibration by all clips, and the confidence
    (REPEATS, clips) that each clip gets by the calibration of the other half of the clips.
    """
    half = np.random.default_rng(0).permutation(len(labels)) % 2 == 0
    limit = float(np.percentile(far, 99))
    crossed = np.zeros(unseen.shape[:2])
    for fitted in (half, ~half):
        part = _platt(labels[fitted], unseen[:, fitted], limit)
        for repeat, probabilities in enumerate(unseen[:, ~fitted]):
            crossed[repeat, ~fitted] = part.confidence(probabilities.max(axis=1), far[repeat, ~fitted])
    return _platt(labels, unseen, limit), crossed


def _platt(labels: npt.NDArray[np.int64], unseen: Array, limit: float) -> Calibration:
    top = unseen.max(axis=2).ravel()
    right = (unseen.argmax(axis=2) == labels).ravel()
    fitted = LogisticRegression(C=1e3).fit(np.log(top / (1 - top))[:, None], right)
    return Calibration(float(fitted.coef_[0, 0]), float(fitted.intercept_[0]), limit)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="sound files and labels.tsv")
    parser.add_argument("--features", type=Path, help="a .npy file that keeps the features for the next run")
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)  # the number of epochs is the regularisation

    clips = labelled(arguments.folder)
    labels = np.array([quadrant for _, quadrant in clips])
    if arguments.features and arguments.features.exists():
        features = np.load(arguments.features)
    else:
        features = heard(clips, arguments.processes)
        if arguments.features:
            np.save(arguments.features, features)

    features = features.astype(np.float64)
    unseen, far = unseen_clips(features, labels)
    metrics = measure(labels, unseen)
    calibration, crossed = calibrate(labels, unseen, far)
    right = unseen.argmax(axis=2) == labels
    metrics["calibration_error"], table = reliability(crossed.ravel(), right.ravel())
    print(f"{len(clips)} clips, {FOLDS}-fold cross-validation by clip, {REPEATS} times: {metrics}")
    print(table)
    weights = vars(fit(features, labels, seed=0))
    weights |= {"high": HIGH, "scales": axis_scales(unseen), "floor": np.full(1, FLOOR)}
    onnx.save(export(weights, calibration, space(features, EMBEDDING_SIZE)), MODELS_DIR / HEAD)
    record(
        HEAD,
        source="trained here on 453 clips with the quadrants of Panda, Malheiro and Paiva (TAFFC 2018)",
        licence="MIT; the clips it saw are previews for research use",
        built_by="scripts/train/music.py",
        metrics={f"cv_{name}": value for name, value in metrics.items()},
    )


if __name__ == "__main__":
    main()
