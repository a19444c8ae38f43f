"""Int8 weights in blocks, for graphs that read a word at a time."""

from __future__ import annotations

import json
from pathlib import Path

import player  # noqa: F401 - before onnxruntime: it forbids the telemetry

# isort: split
import numpy as np
import onnxruntime as ort
import pytest
from onnx import TensorProto

from scripts.export.blip import export
from scripts.export.blip_checkpoint import Checkpoint, Floats
from scripts.export.blip_random import TINY_TEXT, TINY_VISION, build
from scripts.export.onnx_graph import BLOCK, MIDDLE, Graph, WordGraph, in_blocks, value

DEPTH, WIDTH = 3 * BLOCK, 40


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    return Checkpoint(build(tmp_path_factory.mktemp("checkpoint"), TINY_TEXT, TINY_VISION))


def run(g: Graph, out: str, **feeds: np.ndarray) -> Floats:
    g.outputs.append(value(out, ["n"] * 2 if out.startswith("MatMul") else ["n"] * 3))
    opened = ort.InferenceSession(g.model().SerializeToString(), providers=["CPUExecutionProvider"])
    found: Floats = opened.run(None, feeds)[0]
    return found


def product(checkpoint: Checkpoint, x: Floats, matrix: Floats) -> Floats:
    g = WordGraph("product", checkpoint, "int8")
    g.inputs.append(value("x", ["n", len(matrix)]))
    return run(g, g.matmul("x", "matrix", matrix, np.zeros(matrix.shape[1], np.float32)), x=x)


@pytest.mark.parametrize("rows", [1, 3, 20])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_largest_codes_do_not_saturate(checkpoint: Checkpoint, rows: int, sign: int) -> None:
    """With all 8 bits, on a processor without VNNI too: 7 would be needed elsewhere (WEIGHT_MAX)."""
    x, matrix = np.ones((rows, DEPTH), np.float32), np.full((DEPTH, WIDTH), sign, np.float32)
    assert product(checkpoint, x, matrix) == pytest.approx(x @ matrix, rel=1e-5)
    assert product(checkpoint, -x, matrix) == pytest.approx(-x @ matrix, rel=1e-5)


def test_what_a_row_gives_does_not_hang_on_the_rows_beside_it(checkpoint: Checkpoint) -> None:
    random = np.random.default_rng(0)
    x, matrix = (random.normal(size=size).astype(np.float32) for size in ((3, DEPTH), (DEPTH, WIDTH)))
    x[1] *= 100
    alone = product(checkpoint, x[:1], matrix)
    assert product(checkpoint, x, matrix)[:1] == pytest.approx(alone, abs=1e-3)
    assert np.linalg.norm(alone - x[:1] @ matrix) < 0.01 * np.linalg.norm(alone)


@pytest.mark.parametrize("depth", [16, 48, DEPTH])
def test_a_word_is_found_in_the_table(checkpoint: Checkpoint, depth: int) -> None:
    table = np.random.default_rng(0).normal(size=(depth, WIDTH)).astype(np.float32)
    g = WordGraph("words", checkpoint, "int8")
    g.inputs.append(value("tokens", ["beams", "new"], TensorProto.INT64))
    found = run(g, g.looked_up("words", table, "tokens"), tokens=np.array([[3, 0], [39, 3]]))
    assert found == pytest.approx(table.T[[[3, 0], [39, 3]]], abs=float(np.abs(table).max()) / 127)


def test_columns_of_zeros_are_zeros() -> None:
    codes, scale = in_blocks(np.zeros((DEPTH, 2), np.float32))
    assert (codes == MIDDLE).all()
    assert np.isfinite(scale).all()


def test_int8_keeps_a_picture_in_a_quarter(checkpoint: Checkpoint, tmp_path: Path) -> None:
    """The keys and values of the picture, which are read for every word."""
    sizes = {}
    for precision in ("fp32", "int8"):
        export(checkpoint, tmp_path / precision, "test", None, precision)
        opened = ort.InferenceSession(tmp_path / precision / "vision_encoder.onnx")
        size = json.loads((tmp_path / precision / "manifest.json").read_text())["blip"]["image_size"]
        said = opened.run(None, {"pixels": np.zeros((1, 3, size, size), np.float32)})
        sizes[precision] = sum(array.nbytes for array in said)
    assert sizes["int8"] < 0.26 * sizes["fp32"]
