"""Train the impression head on labelled photos and write models_onnx/impression.onnx.

    python -m scripts.train.image_mood

Photos of Flickr8k and OASIS from ../shared become what the compact reader's networks see of them
(image_mood_data.py keeps that in build/impression), and kernel ridge regression learns valence and energy
from it. The weight says how far the photo deserves to be followed against the sentence that the compact
reader makes of it, as the bundled mood reader reads that: so train again after either of them.
Prints Spearman's rank correlation from a 5-fold cross-validation by photo. Needs onnx; the player does not.
"""

from __future__ import annotations

import player  # noqa: F401 - the first of all: it forbids onnxruntime's telemetry

# isort: split
import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from player.config.settings import MoodSettings
from player.models import MODELS_DIR
from player.mood.onnx_reader import OnnxMoodReader
from player.vision.compact.image_mood import MODEL
from scripts.export.manifest import record
from scripts.train.image_mood_data import Photos, flickr, look, oasis
from scripts.train.mood_data import spearman

FOLDS, INNER = 5, 4
DIRECTIONS = 192
"""Principal directions of the features that are kept."""
FAR = 6.0
"""Standard deviations at which a feature is clipped: a room may look like no photo of the training set."""
SHARPNESS = 1.5
"""exp(-SHARPNESS) is the kernel of two photos at the median distance."""
RIDGE, WEIGHT_RIDGE = 0.3, 0.5
OASIS_WEIGHT = 0.3
"""What a photo of OASIS counts against one of Flickr8k: its people were asked a related question."""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Data:
    """Both sets of photos in one, Flickr8k first."""

    features: Array
    sentences: Array
    """(n, 2): what the mood reader makes of the compact reader's sentences."""
    labels: Array
    """(n, 2). Those of OASIS have the mean and the spread of those of Flickr8k."""
    counts: Array
    """(n,) what each photo counts."""
    foreign: npt.NDArray[np.bool_]
    """(n,) whether it is of OASIS."""


@dataclass(frozen=True)
class Space:
    """Features -> a few principal directions."""

    mean: Array
    scale: Array
    directions: Array

    def __call__(self, features: Array) -> Array:
        standard = np.clip((features - self.mean) / self.scale, -FAR, FAR)
        return np.asarray(standard @ self.directions)


@dataclass(frozen=True)
class Head:
    """Kernel ridge regression: its columns are valence, energy and the weight."""

    space: Space
    known: Array
    sharpness: float
    columns: Array
    offset: Array

    def __call__(self, features: Array) -> Array:
        """(n, features) -> (n, 3)."""
        return kernel(self.space(features), self.known, self.sharpness) @ self.columns + self.offset


def squared_distances(a: Array, b: Array) -> Array:
    return np.maximum((a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T, 0)


def kernel(a: Array, b: Array, sharpness: float) -> Array:
    return np.asarray(np.exp(-sharpness * squared_distances(a, b)))


def gather() -> Data:
    """Look at all photos and read their sentences."""
    sets: list[Photos] = [flickr(), oasis()]
    seen = [look(photos.files) for photos in sets]
    moods = OnnxMoodReader(MoodSettings(threads=1)).read([text for _, texts in seen for text in texts])
    ours, theirs = (photos.labels for photos in sets)
    theirs = (theirs - theirs.mean(0)) / theirs.std(0) * ours.std(0) + ours.mean(0)
    foreign = np.repeat([False, True], [len(ours), len(theirs)])
    return Data(
        features=np.concatenate([features for features, _ in seen]).astype(np.float64),
        sentences=np.array([[mood.valence, mood.energy] for mood in moods]),
        labels=np.concatenate([ours, theirs]),
        counts=np.where(foreign, OASIS_WEIGHT, 1.0),
        foreign=foreign,
    )


def folds(rows: npt.NDArray[np.int64], number: int) -> Iterator[tuple[npt.NDArray[np.int64], ...]]:
    """Pairs of (the rest, one part) of the rows."""
    part = np.random.default_rng(0).permutation(len(rows)) % number
    for n in range(number):
        yield rows[part != n], rows[part == n]


def fit_space(features: Array) -> Space:
    mean, scale = features.mean(0), features.std(0) + 1e-6
    standard = np.clip((features - mean) / scale, -FAR, FAR)
    # By way of the photos' products: there are fewer photos than features.
    values, vectors = np.linalg.eigh(standard @ standard.T)
    values, vectors = values[-DIRECTIONS:], vectors[:, -DIRECTIONS:]
    return Space(mean, scale, standard.T @ vectors / np.sqrt(values))


def points(gram: Array, labels: Array, counts: Array) -> Array:
    """Columns of the ridge regression of (n, 2) labels."""
    return np.asarray(np.linalg.solve(gram + np.diag(RIDGE / counts), labels))


def fit(data: Data, rows: npt.NDArray[np.int64]) -> Head:
    """Train on these photos."""
    space = fit_space(data.features[rows])
    known = space(data.features[rows])
    distances = squared_distances(known, known)
    sharpness = SHARPNESS / float(np.median(distances))
    gram, counts = np.exp(-sharpness * distances), data.counts[rows]
    offset = np.average(data.labels[rows], axis=0, weights=counts)
    labels, sentences = data.labels[rows] - offset, data.sentences[rows] - offset

    unseen = np.zeros_like(labels)
    for train, test in folds(np.arange(len(rows)), INNER):
        columns = points(gram[np.ix_(train, train)], labels[train], counts[train])
        unseen[test] = gram[np.ix_(test, train)] @ columns
    # The weight w minimises the squared error of (1 - w) sentence + w photo, with photos not trained on.
    way = unseen - sentences
    square = (way**2).sum(1) * counts
    wanted = (way * (labels - sentences)).sum(1) * counts
    weight = np.linalg.solve(square[:, None] * gram + WEIGHT_RIDGE * np.eye(len(rows)), wanted)

    columns = np.column_stack([points(gram, labels, counts), weight])
    return Head(space, known, sharpness, columns, np.append(offset, 0.0))


def blended(sentences: Array, found: Array) -> Array:
    """(n, 2): the sentences' points moved towards the photos' by the weights found."""
    return np.asarray(sentences + np.clip(found[:, 2:], 0, 1) * (found[:, :2] - sentences))


def report(name: str, data: Data, rows: npt.NDArray[np.int64], found: Array) -> dict[str, float]:
    """Print and return the correlations with the labels of these photos."""
    sentences, labels = data.sentences[rows], data.labels[rows]
    ways = {"sentence": sentences, "photo": found[:, :2], "both": blended(sentences, found)}
    measured = {
        f"{way}_{axis}": round(spearman(read[:, n], labels[:, n]), 3)
        for way, read in ways.items()
        for n, axis in enumerate(("valence", "energy"))
    }
    weight = np.clip(found[:, 2], 0, 1)
    print(f"{name:<36}", *(f"{way} {value:6.3f}" for way, value in measured.items()), sep="  ")
    print(f"{'':<36}  weight {weight.mean():.2f} +- {weight.std():.2f}")
    return measured


def cross_validate(data: Data) -> dict[str, dict[str, float]]:
    """Every photo by a head that has not seen it; then each set by a head that has seen only the other."""
    ours, theirs = np.flatnonzero(~data.foreign), np.flatnonzero(data.foreign)
    found = np.zeros((len(data.labels), 3))
    for (train, test), (more, others) in zip(folds(ours, FOLDS), folds(theirs, FOLDS), strict=True):
        head = fit(data, np.concatenate([train, more]))
        for part in (test, others):
            found[part] = head(data.features[part])
    measured = {
        "flickr8k": report("Flickr8k, cross-validated", data, ours, found[ours]),
        "oasis": report("OASIS, cross-validated", data, theirs, found[theirs]),
    }
    report("OASIS, trained on Flickr8k", data, theirs, fit(data, ours)(data.features[theirs]))
    report("Flickr8k, trained on OASIS", data, ours, fit(data, theirs)(data.features[ours]))
    return measured


def export(head: Head) -> onnx.ModelProto:
    """features (n, 3840) -> point (n, 2), which is valence and energy, and weight (n, 1); float32.

    The two large matrices are kept in half precision.
    """
    halves = {
        "directions": head.space.directions,
        "known": -2 * head.sharpness * head.known.T,
    }
    # In half precision the known photos lie a little elsewhere: their squares must be those of that place.
    places = halves["known"].astype(np.float16).astype(np.float64) / (-2 * head.sharpness)
    full = {
        "mean": head.space.mean,
        "scale": head.space.scale,
        "low": np.array(-FAR),
        "high": np.array(FAR),
        "squares": head.sharpness * (places**2).sum(0),
        "sharpness": np.array(head.sharpness),
        "columns": head.columns,
        "offset": head.offset,
        "split": np.array([2, 1]),
    }
    steps: Sequence[tuple[str, str, str, dict[str, object]]] = [
        ("Cast", "directions", "directions32", {"to": TensorProto.FLOAT}),
        ("Cast", "known", "known32", {"to": TensorProto.FLOAT}),
        ("Sub", "features mean", "a", {}),
        ("Div", "a scale", "b", {}),
        ("Clip", "b low high", "c", {}),
        ("MatMul", "c directions32", "place", {}),
        ("ReduceSumSquare", "place", "d", {"axes": [1], "keepdims": 1}),
        ("Mul", "d sharpness", "e", {}),
        ("MatMul", "place known32", "f", {}),
        ("Add", "e f", "g", {}),
        ("Add", "g squares", "h", {}),
        ("Neg", "h", "i", {}),
        ("Exp", "i", "near", {}),
        ("MatMul", "near columns", "j", {}),
        ("Add", "j offset", "k", {}),
        ("Split", "k split", "point weight", {"axis": 1}),
    ]
    constants = [
        *(numpy_helper.from_array(value.astype(np.float16), name) for name, value in halves.items()),
        *(
            numpy_helper.from_array(value.astype(np.int64 if name == "split" else np.float32), name)
            for name, value in full.items()
        ),
    ]
    width = len(head.space.mean)
    graph = helper.make_graph(
        [helper.make_node(op, x.split(), y.split(), **more) for op, x, y, more in steps],
        "impression",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", width])],
        [
            helper.make_tensor_value_info("point", TensorProto.FLOAT, ["n", 2]),
            helper.make_tensor_value_info("weight", TensorProto.FLOAT, ["n", 1]),
        ],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model, full_check=True)
    return model


def parity(head: Head, model: onnx.ModelProto, features: Array) -> float:
    """The largest difference between the file and the head that it was made from."""
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    found = np.concatenate(session.run(None, {"features": features.astype(np.float32)}), axis=1)
    return float(np.abs(found - head(features)).max())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.parse_args()
    data = gather()
    measured = cross_validate(data)
    head = fit(data, np.arange(len(data.labels)))
    model = export(head)
    difference = parity(head, model, data.features)
    print(f"the file differs from what was trained by at most {difference:.4f}")
    onnx.save(model, MODELS_DIR / MODEL)
    record(
        MODEL,
        source="trained here on 1,000 photos of Flickr8k and 440 of OASIS, whose features it keeps",
        licence="MIT; the photos it saw are for research use",
        built_by="scripts/train/image_mood.py",
        metrics={"cross_validated": measured, "float16_difference": round(difference, 4)},
    )


if __name__ == "__main__":
    main()
