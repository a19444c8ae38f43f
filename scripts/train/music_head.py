"""The mood head as an ONNX graph: quadrants, the point, how sure they are, and the embedding.

The weights come from music.py. Needs onnx, which the player does not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

Array = npt.NDArray[np.float64]

CHANCE = 0.25
"""Confidence in what resembles nothing heard in training: one quadrant is as good as another."""
FARNESS = 8.0
"""How fast confidence falls to CHANCE beyond the limit: to a half at 9 % more than it."""
CLIP = 5.0
"""Standard deviations beyond which a feature counts no further in the embedding."""


@dataclass
class Calibration:
    """confidence = CHANCE + (sigmoid(slope logit(top) + offset) - CHANCE) exp(-FARNESS excess).

    `top` is the probability of the best quadrant (Platt 1999, on one number); `excess` is by how much the
    root mean square of the standardised features exceeds `limit`, as a share of it.
    """

    slope: float
    offset: float
    limit: float

    def confidence(self, top: Array, distance: Array) -> Array:
        """(n,), (n,) -> (n,): the sum that the graph does."""
        logit = np.log(top + 1e-6) - np.log(1 - top + 1e-6)
        sure = 1 / (1 + np.exp(-self.slope * logit - self.offset))
        excess = np.maximum(0, distance / self.limit - 1)
        return np.asarray(CHANCE + (sure - CHANCE) * np.exp(-FARNESS * excess))


@dataclass
class Space:
    """Where the features lie: their mean and deviation, and the axes of the embedding."""

    mean: Array  # (features,)
    deviation: Array  # (features,)
    axes: Array  # (features, EMBEDDING_SIZE)

    def standard(self, features: npt.NDArray[np.floating]) -> Array:
        """(n, features) -> the same with mean 0 and deviation 1 over the training clips."""
        return np.asarray((features - self.mean) / self.deviation)

    def distance(self, features: npt.NDArray[np.floating]) -> Array:
        """Root mean square of the standardised features, (n,): about 1 for the music of the training."""
        return np.asarray(np.sqrt((self.standard(features) ** 2).mean(axis=1)))

    def embedding(self, features: npt.NDArray[np.floating]) -> Array:
        """(n, features) -> (n, EMBEDDING_SIZE) of unit length."""
        at = np.clip(self.standard(features), -CLIP, CLIP) @ self.axes
        return np.asarray(at / np.linalg.norm(at, axis=1, keepdims=True))


def space(features: npt.NDArray[np.floating], size: int, whitened: bool = False) -> Space:
    """Principal axes of the standardised features; whitened, each weighs the same."""
    mean, deviation = features.mean(axis=0), features.std(axis=0) + 1e-6
    standard = np.clip((features - mean) / deviation, -CLIP, CLIP)
    _, lengths, axes = np.linalg.svd(standard, full_matrices=False)
    axes = axes[:size].T
    if whitened:
        axes = axes / lengths[:size] * np.sqrt(len(features))
    return Space(mean, deviation, axes)


_MOOD = [
    ("MatMul", "features into", "a"),
    ("Add", "a into_bias", "b"),
    ("Relu", "b", "c"),
    ("MatMul", "c out", "d"),
    ("Add", "d out_bias", "e"),
    ("Softmax", "e", "f"),
    ("ReduceMean", "f", "quadrants"),
    ("MatMul", "quadrants high", "g"),
    ("Sub", "one g", "h"),
    ("Add", "g floor", "i"),
    ("Add", "h floor", "j"),
    ("Div", "i j", "k"),
    ("Log", "k", "l"),
    ("Div", "l scales", "m"),
    ("Tanh", "m", "point"),
]
_CONFIDENCE = [
    ("ReduceMax", "quadrants", "top"),
    ("Sub", "one top", "rest"),
    ("Add", "top tiny", "n0"),
    ("Add", "rest tiny", "n1"),
    ("Div", "n0 n1", "n2"),
    ("Log", "n2", "n3"),
    ("Mul", "n3 slope", "n4"),
    ("Add", "n4 offset", "n5"),
    ("Sigmoid", "n5", "sure"),
    ("Sub", "features mean", "o0"),
    ("Div", "o0 deviation", "standard"),
    ("ReduceL2", "standard", "o1"),
    ("Div", "o1 limit", "o2"),
    ("Sub", "o2 one", "o3"),
    ("Relu", "o3", "o4"),
    ("Mul", "o4 minus_farness", "o5"),
    ("Exp", "o5", "known"),
    ("Sub", "sure chance", "p0"),
    ("Mul", "p0 known", "p1"),
    ("Add", "p1 chance", "confidence"),
]
_EMBEDDING = [
    ("Clip", "standard low high_end", "q0"),
    ("MatMul", "q0 axes", "q1"),
    ("LpNormalization", "q1", "embedding"),
]
_ATTRIBUTES = {
    "Softmax": {"axis": 2},
    "ReduceMean": {"axes": [0], "keepdims": 0},
    "ReduceMax": {"axes": [1], "keepdims": 0},
    "ReduceL2": {"axes": [1], "keepdims": 0},
    "LpNormalization": {"axis": 1, "p": 2},
}


def export(weights: dict[str, Array], calibration: Calibration, where: Space) -> onnx.ModelProto:
    """features (n, w) -> quadrants (n, 4), point (n, 2), confidence (n,), embedding (n, 32); float32.

    `weights` are those of the ensemble: into, into_bias, out, out_bias, high, scales, floor.
    """
    width, size = where.axes.shape
    scalars = {
        "one": np.ones(1),
        "tiny": np.full(1, 1e-6),
        "slope": np.full(1, calibration.slope),
        "offset": np.full(1, calibration.offset),
        "limit": np.full(1, calibration.limit * np.sqrt(width)),  # for the L2 norm
        "minus_farness": np.full(1, -FARNESS),
        "chance": np.full(1, CHANCE),
        "low": np.array(-CLIP),
        "high_end": np.array(CLIP),
    }
    values = weights | vars(where) | scalars
    shapes = {
        "quadrants": ["n", 4],
        "point": ["n", 2],
        "confidence": ["n"],
        "embedding": ["n", size],
    }
    graph = helper.make_graph(
        [
            helper.make_node(op, x.split(), [y], **_ATTRIBUTES.get(op, {}))
            for op, x, y in _MOOD + _CONFIDENCE + _EMBEDDING
        ],
        "music_mood",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", width])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in values.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model, full_check=True)
    return model
