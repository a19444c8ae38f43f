"""The impression's file gives what was trained."""

from __future__ import annotations

import player  # noqa: F401 - the first of all: it forbids onnxruntime's telemetry

# isort: split
import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from scripts.train.image_mood import export, say
from scripts.train.image_mood_head import EMPHASIS, FEATURES, Data, Head, fit, fit_space

SAID, PHOTOS = 6, 240


def blocks() -> onnx.ModelProto:
    """The means of the first SAID channels."""
    graph = helper.make_graph(
        [
            helper.make_node("ReduceMean", ["middle"], ["means"], axes=[2, 3], keepdims=0),
            helper.make_node("MatMul", ["means", "first"], ["said"]),
        ],
        "blocks",
        [helper.make_tensor_value_info("middle", TensorProto.FLOAT, ["n", 208, 9, 9])],
        [helper.make_tensor_value_info("said", TensorProto.FLOAT, ["n", SAID])],
        [numpy_helper.from_array(np.eye(208, SAID, dtype=np.float32), "first")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def data(middles: np.ndarray, random: np.random.Generator) -> Data:
    said = say(blocks(), middles)
    features = np.hstack([random.random((PHOTOS, FEATURES)), said]).astype(np.float64)
    labels = said[:, :2] / said[:, :2].std(0) / 3
    return Data(features, labels, np.ones(PHOTOS), np.zeros(PHOTOS, np.int64), labels)


@pytest.fixture(scope="module")
def trained() -> tuple[Head, Data, np.ndarray]:
    random = np.random.default_rng(0)
    middles = random.random((PHOTOS, 208, 9, 9)).astype(np.float16)
    photos = data(middles, random)
    return fit(photos, np.arange(PHOTOS)), photos, middles


def test_the_file_reads_a_photo_as_the_trained_head_does(trained: tuple[Head, Data, np.ndarray]) -> None:
    head, photos, middles = trained
    session = onnxruntime.InferenceSession(
        export(head, blocks()).SerializeToString(), providers=["CPUExecutionProvider"]
    )
    inputs = {
        "features": photos.features[:, :FEATURES].astype(np.float32),
        "middle": middles.astype(np.float32),
    }
    point, weight = session.run(["point", "weight"], inputs)
    np.testing.assert_allclose(point, head(photos.features), atol=0.01)
    assert np.ptp(point, axis=0).min() > 0.1
    assert (weight == 1).all()


def test_what_the_blocks_say_weighs_more_than_a_feature(trained: tuple[Head, Data, np.ndarray]) -> None:
    _, photos, _ = trained
    space = fit_space(photos.features, photos.counts)
    times = np.where(np.arange(FEATURES + SAID) < FEATURES, 1, EMPHASIS)[:, None]
    np.testing.assert_allclose(np.linalg.norm(space.directions / times, axis=0), 1)
