"""What a look at the room, a sentence and a track cost, as multiplications with an addition, on any machine.

    python -m scripts.bench.operations

Counted from the bundled models' own graphs: convolutions and matrix products alone. Needs `onnx`
(`requirements/export.lock`); the player does not. docs/raspberry-pi.md makes an estimate of it.
"""

from __future__ import annotations

import math
from pathlib import Path

import player  # noqa: F401 - the first of all: it forbids onnxruntime's telemetry

# isort: split
import numpy as np
import onnx
import onnxruntime

ROOT = Path(__file__).resolve().parents[2]
WORDS = 16
"""Pieces of words in a sentence about the room."""
Shapes = dict[str, tuple[int, ...]]
INPUTS: dict[str, Shapes] = {
    "detector": {"image": (1, 3, 300, 300)},
    "tagger": {"image": (1, 3, 260, 260)},
    "impression": {"features": (1, 3840), "middle": (1, 208, 9, 9)},
    "mood": {"ids": (1, WORDS), "mask": (1, WORDS)},
    "music_tagger": {"mel": (1, 187, 96)},
}
CONVOLUTIONS = ("Conv", "ConvInteger", "QLinearConv")
PRODUCTS = ("MatMul", "MatMulInteger", "Gemm", "QLinearMatMul")


def multiplications(path: Path, shapes: Shapes) -> tuple[int, int]:
    """Those of one run of a model, and how many of them are of integers."""
    model = onnx.load(path)
    nodes = [node for node in model.graph.node if node.op_type in (*CONVOLUTIONS, *PRODUCTS)]
    quantized = {
        name for node in model.graph.node if node.op_type == "DequantizeLinear" for name in node.output
    }
    sizes = _sizes(model, [name for node in nodes for name in (*node.input, *node.output)], shapes)
    total = integer = 0
    for node in nodes:
        weights = sizes[node.input[3 if node.op_type == "QLinearConv" else 1]]
        is_convolution = node.op_type in CONVOLUTIONS
        count = math.prod(sizes[node.output[0]])
        count *= math.prod(weights[1:]) if is_convolution else sizes[node.input[0]][-1]
        total += count
        is_integer = "Integer" in node.op_type or node.op_type.startswith("QLinear")
        integer += count if is_integer or quantized >= set(node.input[:2]) else 0
    return total, integer


def _sizes(model: onnx.ModelProto, names: list[str], shapes: Shapes) -> Shapes:
    """What values measure in a run on inputs of these shapes."""
    types = {each.name: each.type.tensor_type.elem_type for each in model.graph.input}
    sizes = shapes | {each.name: tuple(each.dims) for each in model.graph.initializer}
    asked = [name for name in dict.fromkeys(names) if name and name not in sizes]
    already = {each.name for each in model.graph.output}
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in asked if name not in already)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    feed = {
        name: np.ones(shape, onnx.helper.tensor_dtype_to_np_dtype(types[name]))
        for name, shape in shapes.items()
    }
    found = session.run(asked, feed)
    return sizes | {name: np.shape(value) for name, value in zip(asked, found, strict=True)}


def main() -> None:
    print("| model | million multiplications | of them int8 |\n|---|---|---|")
    for name, shapes in INPUTS.items():
        total, integer = multiplications(ROOT / "models_onnx" / f"{name}.onnx", shapes)
        print(f"| {name} | {total / 1e6:.0f} | {integer / total:.0%} |")


if __name__ == "__main__":
    main()
