"""Train the mood head on clips with quadrant labels and write models_onnx/music_mood.onnx.

    python scripts/train_music.py FOLDER [--features CACHE.npy]

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
from manifest import record
from music_data import heard, labelled, scores
from onnx import TensorProto, helper, numpy_helper
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import RepeatedStratifiedKFold
from sklearn.neural_network import MLPClassifier

from player.library.analysis import HEAD
from player.models import MODELS_DIR

MEMBERS = 16
HIDDEN = 32
CLIPS_SHARE = 0.9
FEATURES_SHARE = 0.7
WEIGHT_DECAY = 3.0
EPOCHS = 40
FOLDS, REPEATS = 10, 2

Array = npt.NDArray[np.float64]


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
        return np.asarray((odds / odds.sum(axis=2, keepdims=True)).mean(axis=0))


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


def cross_validate(features: npt.NDArray[np.floating], labels: npt.NDArray[np.int64]) -> dict[str, float]:
    """Scores of predictions for clips that the ensemble did not see, averaged over the repeats."""
    folds = RepeatedStratifiedKFold(n_splits=FOLDS, n_repeats=REPEATS, random_state=0)
    unseen = np.zeros((REPEATS, len(labels), 4))
    for i, (train, test) in enumerate(folds.split(features, labels)):
        unseen[i // FOLDS, test] = fit(features[train], labels[train], seed=i).probabilities(features[test])
    found = [scores(labels, probabilities) for probabilities in unseen]
    return {name: round(float(np.mean([f[name] for f in found])), 4) for name in found[0]}


def export(ensemble: Ensemble, features: int) -> onnx.ModelProto:
    """features (n, features) float32 -> quadrants (n, 4) float32, which sum to 1."""
    weights = {
        name: numpy_helper.from_array(value.astype(np.float32), name)
        for name, value in vars(ensemble).items()
    }
    nodes = [
        helper.make_node("MatMul", ["features", "into"], ["a"]),
        helper.make_node("Add", ["a", "into_bias"], ["b"]),
        helper.make_node("Relu", ["b"], ["c"]),
        helper.make_node("MatMul", ["c", "out"], ["d"]),
        helper.make_node("Add", ["d", "out_bias"], ["e"]),
        helper.make_node("Softmax", ["e"], ["f"], axis=2),
        helper.make_node("ReduceMean", ["f"], ["quadrants"], axes=[0], keepdims=0),
    ]
    graph = helper.make_graph(
        nodes,
        "music_mood",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", features])],
        [helper.make_tensor_value_info("quadrants", TensorProto.FLOAT, ["n", 4])],
        list(weights.values()),
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model, full_check=True)
    return model


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

    metrics = cross_validate(features, labels)
    print(f"{len(clips)} clips, {FOLDS}-fold cross-validation by clip, {REPEATS} times: {metrics}")
    onnx.save(export(fit(features, labels, seed=0), features.shape[1]), MODELS_DIR / HEAD)
    record(
        HEAD,
        source="trained here on 453 clips with the quadrants of Panda, Malheiro and Paiva (TAFFC 2018)",
        licence="MIT; the clips it saw are previews for research use",
        built_by="scripts/train_music.py",
        metrics={f"cv_{name}": value for name, value in metrics.items()},
    )


if __name__ == "__main__":
    main()
