"""An ONNX graph written node by node from a checkpoint's weights, with onnxruntime's fused operators."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from scripts.export.blip_checkpoint import Checkpoint, Floats

Precision = Literal["fp32", "int8"]

OPSETS = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
MICROSOFT = {"DynamicQuantizeMatMul", "Gelu", "MatMulIntegerToFloat", "MatMulNBits", "MultiHeadAttention"}
WEIGHT_MAX = 63
"""Weights use 7 of their 8 bits: without VNNI, AVX2 adds two 8-bit products in 16 bits and would saturate."""
BLOCK = 256
"""Rows of a matrix that share a scale in each column of a WordGraph's."""
BLOCK_MAX = 127
"""All 8 bits: onnxruntime's products by blocks do not saturate (tests/export/test_export_blip.py)."""


class Graph:
    """Collects nodes and weights; every method that adds a node returns the name of its first output."""

    def __init__(self, name: str, checkpoint: Checkpoint, precision: Precision) -> None:
        self.name, self.weights, self.precision = name, checkpoint, precision
        self.nodes: list[onnx.NodeProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []
        self._tensors: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, value: npt.NDArray[Any]) -> str:
        """A tensor; the same name twice is the same tensor."""
        if name not in self._tensors:
            self._tensors[name] = numpy_helper.from_array(np.array(value, order="C"), name)
        return name

    def weight(self, name: str) -> str:
        """A float32 tensor of the checkpoint, as it is."""
        return self.constant(name, self.weights[name])

    def numbers(self, *values: int) -> str:
        """An int64 vector, for shapes, axes and the like."""
        return self.constant(f"numbers_{'_'.join(map(str, values))}", np.array(values, np.int64))

    def op(self, kind: str, *inputs: str, outputs: tuple[str, ...] = (), **attributes: Any) -> str:
        """One node."""
        outputs = outputs or (f"{kind}_{len(self.nodes)}",)
        domain = "com.microsoft" if kind in MICROSOFT else ""
        self.nodes.append(helper.make_node(kind, inputs, outputs, domain=domain, **attributes))
        return outputs[0]

    def matmul(self, x: str, name: str, matrix: Floats, bias: Floats) -> str:
        """x @ matrix + bias; matrix (in, out) float32, quantized with one scale per column where int8."""
        bias_name = self.constant(f"{name}.bias", bias)
        if self.precision == "fp32":
            return self.op("Add", self.op("MatMul", x, self.constant(name, matrix)), bias_name)
        codes, scale = quantized(matrix)
        return self.op(
            "DynamicQuantizeMatMul",
            x,
            self.constant(name, codes),
            self.constant(f"{name}.scale", scale),
            "",
            bias_name,
        )

    def linear(self, x: str, *names: str) -> str:
        """torch's Linear layers `names`, side by side in one product."""
        matrix = np.concatenate([self.weights[f"{name}.weight"].T for name in names], axis=1)
        bias = np.concatenate([self.weights[f"{name}.bias"] for name in names])
        return self.matmul(x, "+".join(names), matrix, bias)

    def looked_up(self, name: str, matrix: Floats, tokens: str) -> str:
        """Of matrix (width, vocabulary), kept as `matmul` keeps it, the columns `tokens`: (B, T, width)."""
        if self.precision == "fp32":
            columns = self.op("Gather", self.constant(name, matrix), tokens, axis=1)
            return self.op("Transpose", columns, perm=[1, 2, 0])
        codes, scale = quantized(matrix)
        columns = self.op("Gather", self.constant(name, codes), tokens, axis=1)
        numbers = self.op("Cast", self.op("Transpose", columns, perm=[1, 2, 0]), to=TensorProto.FLOAT)
        scales = self.op("Gather", self.constant(f"{name}.scale", scale), tokens)
        return self.op("Mul", numbers, self.op("Unsqueeze", scales, self.numbers(-1)))

    def norm(self, x: str, name: str, epsilon: float) -> str:
        """LayerNorm."""
        scale, shift = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.op("LayerNormalization", x, scale, shift, epsilon=epsilon)

    def norm_of_sum(self, x: str, skip: str, name: str, epsilon: float) -> tuple[str, str]:
        """LayerNorm(x + skip), and the sum itself.

        Not onnxruntime's SkipLayerNormalization, which takes five times as long for a picture's 577 rows.
        """
        summed = self.op("Add", x, skip)
        return self.norm(summed, name, epsilon), summed

    def model(self) -> onnx.ModelProto:
        """The whole."""
        graph = helper.make_graph(
            self.nodes, self.name, self.inputs, self.outputs, initializer=list(self._tensors.values())
        )
        return helper.make_model(graph, opset_imports=OPSETS, ir_version=9)


class WordGraph(Graph):
    """For a few rows at a time, words: int8 weights have a scale for each BLOCK of a column.

    For a single row onnxruntime's products by blocks read the weights half as fast again as those of whole
    columns, which are faster for a picture's many rows. And each row of activations has a scale of its own.
    """

    def matmul(self, x: str, name: str, matrix: Floats, bias: Floats) -> str:
        if self.precision == "fp32":
            return super().matmul(x, name, matrix, bias)
        codes, scale = in_blocks(matrix)
        sizes = {"K": matrix.shape[0], "N": matrix.shape[1], "bits": 8, "block_size": codes.shape[2]}
        weights = (self.constant(name, codes), self.constant(f"{name}.scale", scale), "", "")
        bias_name = self.constant(f"{name}.bias", bias)
        # Level 4: activations in int8.
        return self.op("MatMulNBits", x, *weights, bias_name, **sizes, accuracy_level=4)

    def looked_up(self, name: str, matrix: Floats, tokens: str) -> str:
        if self.precision == "fp32":
            return super().looked_up(name, matrix, tokens)
        codes, scale = in_blocks(matrix)
        found = self.op("Gather", self.constant(name, codes), tokens)  # (B, T, blocks, block)
        numbers = self.op("Cast", found, to=TensorProto.FLOAT)
        numbers = self.op("Sub", numbers, self.constant("middle", np.array(MIDDLE, np.float32)))
        scales = self.op("Gather", self.constant(f"{name}.scale", scale), tokens)
        numbers = self.op("Mul", numbers, self.op("Unsqueeze", scales, self.numbers(-1)))
        return self.op("Reshape", numbers, self.numbers(0, 0, -1))


MIDDLE = 128
"""The code that means 0 in a block."""


def in_blocks(matrix: Floats) -> tuple[npt.NDArray[np.uint8], Floats]:
    """(in, out) float32 -> (out, blocks, block) codes around MIDDLE and the (out, blocks) scales.

    The block is BLOCK, or the largest power of two that divides `in`; onnxruntime takes 16 and more.
    """
    depth, width = matrix.shape
    blocks = matrix.T.reshape(width, -1, math.gcd(depth, BLOCK))
    scale = np.maximum(np.abs(blocks).max(axis=-1), 1e-12) / BLOCK_MAX
    codes = np.rint(blocks / scale[..., np.newaxis]) + MIDDLE
    return codes.astype(np.uint8), scale.astype(np.float32)


def quantized(matrix: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """(in, out) float32 -> int8 codes and the scale of each column: matrix is about codes * scale."""
    scale = np.maximum(np.abs(matrix).max(axis=0), 1e-12) / WEIGHT_MAX
    return np.rint(matrix / scale).astype(np.int8), scale.astype(np.float32)


def value(name: str, shape: list[int | str], kind: int = TensorProto.FLOAT) -> onnx.ValueInfoProto:
    """The description of an input or output."""
    return helper.make_tensor_value_info(name, kind, shape)
