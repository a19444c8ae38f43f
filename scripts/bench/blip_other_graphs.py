"""BLIP's graphs as they could be written otherwise, for scripts/bench/blip_levers.py."""

from __future__ import annotations

from typing import Any

import numpy as np

from scripts.export.blip_checkpoint import Floats
from scripts.export.onnx_graph import Graph, WordGraph, quantized


class Primitive(Graph):
    """Attention and GELU in ONNX's own operators."""

    def op(self, kind: str, *inputs: str, outputs: tuple[str, ...] = (), **attributes: Any) -> str:
        if kind == "Gelu":
            erf = super().op("Erf", super().op("Div", *inputs, self._number(2**0.5)))
            doubled = super().op("Mul", *inputs, super().op("Add", erf, self._number(1)))
            return super().op("Mul", doubled, self._number(0.5), outputs=outputs)
        if kind == "MultiHeadAttention":
            return self._attention(*inputs, heads=attributes["num_heads"])
        return super().op(kind, *inputs, outputs=outputs, **attributes)

    def _attention(self, query: str, key: str, value: str, heads: int) -> str:
        q, k, v = (
            super(Primitive, self).op(
                "Transpose", self.op("Reshape", x, self.numbers(0, 0, heads, -1)), perm=perm
            )
            for x, perm in ((query, [0, 2, 1, 3]), (key, [0, 2, 3, 1]), (value, [0, 2, 1, 3]))
        )
        scores = self.op("Div", self.op("MatMul", q, k), self._number(64**0.5))
        seen = self.op("MatMul", self.op("Softmax", scores, axis=-1), v)
        return self.op("Reshape", self.op("Transpose", seen, perm=[0, 2, 1, 3]), self.numbers(0, 0, -1))

    def _number(self, number: float) -> str:
        return self.constant(f"number_{number}", np.array(number, np.float32))


class FusedNorm(Graph):
    """The sum and the norm after it in one operator."""

    def norm_of_sum(self, x: str, skip: str, name: str, epsilon: float) -> tuple[str, str]:
        out = (f"normed_{len(self.nodes)}", f"summed_{len(self.nodes)}")
        inputs = (x, skip, self.weight(f"{name}.weight"), self.weight(f"{name}.bias"))
        self.op("SkipLayerNormalization", *inputs, outputs=(out[0], "", "", out[1]), epsilon=epsilon)
        self.nodes[-1].domain = "com.microsoft"
        return out


class FusedNormOfWords(FusedNorm, WordGraph):
    """The same in the decoder."""


class PerTensor(Graph):
    """One scale for a whole matrix."""

    def matmul(self, x: str, name: str, matrix: Floats, bias: Floats) -> str:
        scale = np.float32(np.abs(matrix).max() / 63)
        codes = self.constant(name, np.rint(matrix / scale).astype(np.int8))
        scales = self.constant(f"{name}.scale", np.array(scale))
        return self.op("DynamicQuantizeMatMul", x, codes, scales, "", self.constant(f"{name}.bias", bias))


class Static(Graph):
    """Activations quantized with the range that calibration saw, not with their own."""

    ranges: list[tuple[float, float]]
    """Of the input of each product, in their order."""

    def matmul(self, x: str, name: str, matrix: Floats, bias: Floats) -> str:
        low, high = self.ranges[sum(node.op_type == "MatMulIntegerToFloat" for node in self.nodes)]
        step = max(high - low, 1e-6) / 255
        scale = self.constant(f"{x}.scale", np.array(step, np.float32))
        zero = self.constant(f"{x}.zero", np.array(round(-low / step), np.uint8))
        codes, scales = quantized(matrix)
        weights = (self.constant(name, codes), scale, self.constant(f"{name}.scale", scales), zero, "")
        x = self.op("QuantizeLinear", x, scale, zero)
        return self.op("MatMulIntegerToFloat", x, *weights, self.constant(f"{name}.bias", bias))


class Int4(WordGraph):
    """Weights of 4 bits, a scale for every `block` of them."""

    block = 32

    def matmul(self, x: str, name: str, matrix: Floats, bias: Floats) -> str:
        if name == "words":  # stored once for input and output, and read by column there
            return super().matmul(x, name, matrix, bias)
        depth, width = matrix.shape
        blocks = matrix.T.reshape(width, depth // self.block, self.block)
        scales = np.abs(blocks).max(axis=-1) / 7 + 1e-12
        codes = (np.rint(blocks / scales[..., None]) + 8).astype(np.uint8)
        packed = self.constant(name, codes[..., 0::2] | codes[..., 1::2] << 4)
        weights = (packed, self.constant(f"{name}.scale", scales.astype(np.float32)), "", "")
        sizes = {"K": depth, "N": width, "bits": 4, "block_size": self.block, "accuracy_level": 4}
        return self.op("MatMulNBits", x, *weights, self.constant(f"{name}.bias", bias), **sizes)


class Int4Wide(Int4):
    """The same in blocks of 128."""

    block = 128
