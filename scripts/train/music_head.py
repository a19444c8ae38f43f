"""The mood head as an ONNX graph: quadrants, the point, how sure they are, and the embedding.

The weights come from music.py. Needs onnx, which the player does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

Array = npt.NDArray[np.float64]

EMBEDDING = Path(__file__).resolve().parents[1] / "data" / "music_embedding.npy"

CHANCE = 0.25
"""Confidence in what resembles nothing heard in training: one quadrant is as good as another."""
FARNESS = 8.0
"""How fast confidence falls to CHANCE beyond the limit: to a half at 9 % more than it."""
CLIP = 5.0
"""Standard deviations beyond which a feature counts no further for mood and embedding."""


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
    """Where features lie: their mean and deviation over the clips of the training."""

    mean: Array  # (features,)
    deviation: Array  # (features,)

    @classmethod
    def of(cls, features: npt.NDArray[np.floating]) -> Space:
        """Of (clips, features)."""
        return cls(features.mean(axis=0), features.std(axis=0) + 1e-6)

    def standard(self, features: npt.NDArray[np.floating]) -> Array:
        """(n, features) -> the same with mean 0 and deviation 1 over the training clips."""
        return np.asarray((features - self.mean) / self.deviation)

    def clipped(self, features: npt.NDArray[np.floating]) -> Array:
        """The same, no further than CLIP from 0: what the kernel and the embedding read."""
        return np.asarray(np.clip(self.standard(features), -CLIP, CLIP))

    def distance(self, features: npt.NDArray[np.floating]) -> Array:
        """Root mean square of the standardised features, (n,): about 1 for the music of the training."""
        return np.asarray(np.sqrt((self.standard(features) ** 2).mean(axis=1)))


@dataclass
class Embedding:
    """Which features it is made of, where they lie, and its axes."""

    columns: npt.NDArray[np.int64]
    where: Space
    axes: Array  # (columns, size)


def embedding(columns: npt.NDArray[np.int64]) -> Embedding:
    """That of scripts/data/music_embedding.npy, which stays as it is: libraries keep what it gave.

    Its lines are the mean, the deviation and the 32 principal axes, clipped at CLIP, of what analysis version
    4 heard in the 453 clips with quadrants.
    """
    mean, deviation, *axes = np.load(EMBEDDING)
    return Embedding(columns, Space(mean, deviation), np.array(axes).T)


_STANDARD = [
    ("Sub", "features mean", "o0"),
    ("Div", "o0 deviation", "standard"),
    ("Clip", "standard low high_end", "clipped"),
]
_MOOD = [
    ("Cast", "half_clips", "clips"),
    ("Transpose", "clips", "k0"),
    ("MatMul", "clipped k0", "k1"),
    ("ReduceSumSquare", "clipped", "k2"),
    ("Add", "k2 squares", "k3"),
    ("Add", "k1 k1", "k4"),
    ("Sub", "k4 k3", "k5"),
    ("Div", "k5 width", "k6"),
    ("Exp", "k6", "likeness"),
    ("MatMul", "likeness duals", "d0"),
    ("Add", "d0 offsets", "decisions"),
    ("Split", "decisions kinds", "pairs axes gate"),
    ("Tanh", "pairs", "leanings"),
    ("MatMul", "leanings votes", "logits"),
    ("Softmax", "logits", "quadrants"),
    ("Sigmoid", "gate", "suits"),
    ("MatMul", "quadrants high", "g"),
    ("Sub", "one g", "h"),
    ("Add", "g floor", "i"),
    ("Add", "h floor", "j"),
    ("Div", "i j", "k"),
    ("Log", "k", "l"),
    ("Div", "l quadrant_scales", "by_quadrants"),
    ("Div", "axes rating_scales", "by_ratings"),
    ("Sub", "by_ratings by_quadrants", "m0"),
    ("Mul", "m0 suits", "m1"),
    ("Add", "by_quadrants m1", "blend"),
    ("Div", "blend scales", "m2"),
    ("Tanh", "m2", "point"),
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
    ("Gather", "features columns", "q0"),
    ("Sub", "q0 some_mean", "q1"),
    ("Div", "q1 some_deviation", "q2"),
    ("Clip", "q2 low high_end", "q3"),
    ("MatMul", "q3 principal_axes", "q4"),
    ("LpNormalization", "q4", "embedding"),
]
_ATTRIBUTES = {
    "Gather": {"axis": 1},
    "Cast": {"to": TensorProto.FLOAT},
    "Softmax": {"axis": 1},
    "Split": {"axis": 1},
    "ReduceSumSquare": {"axes": [1], "keepdims": 1},
    "ReduceMax": {"axes": [1], "keepdims": 0},
    "ReduceL2": {"axes": [1], "keepdims": 0},
    "LpNormalization": {"axis": 1, "p": 2},
}


def export(
    weights: dict[str, Array], calibration: Calibration, where: Space, of: Embedding
) -> onnx.ModelProto:
    """features (n, w) -> quadrants (n, 4), point (n, 2), confidence (n,), embedding (n, 32); float32.

    `weights`: clips, duals, offsets, votes, high, floor, quadrant_scales, rating_scales, scales.
    The clips' features are kept in half precision.
    """
    width, size = len(where.mean), of.axes.shape[1]
    halves = weights["clips"].astype(np.float16)
    values = {name: value for name, value in weights.items() if name != "clips"} | {
        "mean": where.mean,
        "deviation": where.deviation,
        "some_mean": of.where.mean,
        "some_deviation": of.where.deviation,
        "principal_axes": of.axes,
        "squares": (halves.astype(np.float64) ** 2).sum(axis=1),
        "width": np.full(1, width),
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
    tensors = [numpy_helper.from_array(value.astype(np.float32), name) for name, value in values.items()]
    kinds = np.array([len(weights["votes"]), 2, 1])
    others = {"half_clips": halves, "kinds": kinds, "columns": of.columns}
    tensors += [numpy_helper.from_array(value, name) for name, value in others.items()]
    shapes = {
        "quadrants": ["n", 4],
        "point": ["n", 2],
        "confidence": ["n"],
        "embedding": ["n", size],
    }
    graph = helper.make_graph(
        [
            helper.make_node(op, x.split(), y.split(), **_ATTRIBUTES.get(op, {}))
            for op, x, y in _STANDARD + _MOOD + _CONFIDENCE + _EMBEDDING
        ],
        "music_mood",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", width])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()],
        tensors,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model, full_check=True)
    return model
