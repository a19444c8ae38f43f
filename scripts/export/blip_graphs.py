"""BLIP's graphs, written node by node from a checkpoint's weights with onnxruntime's fused operators.

vision_encoder: pixels (1, 3, S, S) -> the cross-attention keys and values of every layer that looks at the
picture, so that they are computed once for a picture and not once for a word. Those are the decoder's layers,
or where questions are answered, the question encoder's (scripts/export/blip_question.py).
text_decoder: tokens and the keys and values of the words before -> logits of the next word, and theirs.
"""

from __future__ import annotations

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

    def heads(self, x: str, heads: int, output: str) -> None:
        """(1, S, D) -> (1, heads, S, D / heads), named `output`."""
        split = self.op("Reshape", x, self.numbers(0, 0, heads, -1))
        self.op("Transpose", split, outputs=(output,), perm=[0, 2, 1, 3])

    def model(self) -> onnx.ModelProto:
        """The whole."""
        graph = helper.make_graph(
            self.nodes, self.name, self.inputs, self.outputs, initializer=list(self._tensors.values())
        )
        return helper.make_model(graph, opset_imports=OPSETS, ir_version=9)


def quantized(matrix: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """(in, out) float32 -> int8 codes and the scale of each column: matrix is about codes * scale."""
    scale = np.maximum(np.abs(matrix).max(axis=0), 1e-12) / WEIGHT_MAX
    return np.rint(matrix / scale).astype(np.int8), scale.astype(np.float32)


def value(name: str, shape: list[int | str], kind: int = TensorProto.FLOAT) -> onnx.ValueInfoProto:
    """The description of an input or output."""
    return helper.make_tensor_value_info(name, kind, shape)


DECODER = "text_decoder.bert"


def vision_encoder(
    checkpoint: Checkpoint,
    precision: Precision,
    image_size: int,
    seen_by: str = DECODER,
    graph: type[Graph] = Graph,
) -> onnx.ModelProto:
    """pixels -> cross_key_0, cross_value_0, ...: (1, heads, 1 + patches, head size) each.

    seen_by: the text model, by its name in the checkpoint, whose layers look at the picture. graph: writes
    the nodes; scripts/bench/blip_levers.py tries others.
    """
    config = checkpoint.config["vision_config"]
    hidden, epsilon, patch = config["hidden_size"], config["layer_norm_eps"], config["patch_size"]
    g = graph("vision_encoder", checkpoint, precision)
    g.inputs.append(value("pixels", [1, 3, image_size, image_size]))
    root = "vision_model.embeddings"
    patches = g.op(
        "Conv",
        "pixels",
        g.weight(f"{root}.patch_embedding.weight"),
        g.weight(f"{root}.patch_embedding.bias"),
        strides=[patch, patch],
        kernel_shape=[patch, patch],
    )
    rows = g.op("Transpose", g.op("Reshape", patches, g.numbers(1, hidden, -1)), perm=[0, 2, 1])
    x = g.op("Concat", g.weight(f"{root}.class_embedding"), rows, axis=1)
    x = g.op("Add", x, g.constant("positions", checkpoint.positions(image_size)))
    normed = g.norm(x, "vision_model.encoder.layers.0.layer_norm1", epsilon)
    last = config["num_hidden_layers"] - 1
    for n in range(last + 1):
        layer = f"vision_model.encoder.layers.{n}"
        qkv = tuple(f"{part}_{n}" for part in ("query", "key", "value"))
        g.op("Split", g.linear(normed, f"{layer}.self_attn.qkv"), outputs=qkv, axis=2)
        seen = g.op("MultiHeadAttention", *qkv, num_heads=config["num_attention_heads"])
        seen = g.linear(seen, f"{layer}.self_attn.projection")
        normed, x = g.norm_of_sum(seen, x, f"{layer}.layer_norm2", epsilon)
        thought = g.linear(g.op("Gelu", g.linear(normed, f"{layer}.mlp.fc1")), f"{layer}.mlp.fc2")
        following = f"encoder.layers.{n + 1}.layer_norm1" if n < last else "post_layernorm"
        normed, x = g.norm_of_sum(thought, x, f"vision_model.{following}", epsilon)
    cross_outputs(g, normed, seen_by, "cross", (image_size // patch) ** 2 + 1)
    return g.model()


def cross_outputs(g: Graph, x: str, seen_by: str, name: str, length: int | str) -> None:
    """Outputs {name}_key_0, {name}_value_0, ...: the layers of `seen_by` look at x (1, length, hidden)."""
    text = g.weights.config["text_config"]
    heads, size = text["num_attention_heads"], text["hidden_size"] // text["num_attention_heads"]
    for n in range(text["num_hidden_layers"]):
        for part in ("key", "value"):
            weights = f"{seen_by}.encoder.layer.{n}.crossattention.self.{part}"
            g.heads(g.linear(x, weights), heads, f"{name}_{part}_{n}")
            g.outputs.append(value(f"{name}_{part}_{n}", [1, heads, length, size]))


def text_decoder(checkpoint: Checkpoint, precision: Precision, graph: type[Graph] = Graph) -> onnx.ModelProto:
    """The logits (B, vocabulary) of what follows, and present_* (B, heads, P + T, head size) of each layer.

    Of tokens (B, T), positions (T,), past_* (B, heads, P, head size) and the vision encoder's cross_*.
    The B beams look at one picture: their queries stand in one row of B * T, so nothing is repeated.
    """
    config = checkpoint.config["text_config"]
    hidden, heads = config["hidden_size"], config["num_attention_heads"]
    g = graph("text_decoder", checkpoint, precision)
    g.inputs += [
        value("tokens", ["beams", "new"], TensorProto.INT64),
        value("positions", ["new"], TensorProto.INT64),
    ]
    x = embedded(g, DECODER)
    for n in range(config["num_hidden_layers"]):
        size = hidden // heads
        for part in ("key", "value"):
            g.inputs.append(value(f"past_{part}_{n}", ["beams", heads, "past", size]))
            g.inputs.append(value(f"cross_{part}_{n}", [1, heads, "patches", size]))
            g.outputs.append(value(f"present_{part}_{n}", ["beams", heads, "all", size]))
        said = g.op(
            "MultiHeadAttention",
            *query_key_value(g, x, DECODER, n),
            *("", "", "", f"past_key_{n}", f"past_value_{n}"),
            outputs=(f"said_{n}", f"present_key_{n}", f"present_value_{n}"),
            num_heads=heads,
            unidirectional=1,
        )
        x = after_attention(g, said, x, DECODER, n)
    _logits(g, x, config)
    return g.model()


def query_key_value(g: Graph, x: str, model: str, n: int) -> tuple[str, ...]:
    """Of layer n's self-attention, from (B, T, hidden)."""
    own = tuple(f"{part}_{n}" for part in ("query", "key", "value"))
    layer = f"{model}.encoder.layer.{n}.attention.self"
    g.op("Split", g.linear(x, f"{layer}.query", f"{layer}.key", f"{layer}.value"), outputs=own, axis=2)
    return own


def after_attention(g: Graph, said: str, x: str, model: str, n: int) -> str:
    """The rest of layer n, from its input x and its self-attention's outcome: (B, T, hidden).

    Its cross-attention looks at the inputs cross_key_n and cross_value_n.
    """
    config = g.weights.config["text_config"]
    layer, epsilon = f"{model}.encoder.layer.{n}", config["layer_norm_eps"]
    said = g.linear(said, f"{layer}.attention.output.dense")
    x, _ = g.norm_of_sum(said, x, f"{layer}.attention.output.LayerNorm", epsilon)
    query = g.linear(x, f"{layer}.crossattention.self.query")
    query = g.op("Reshape", query, g.numbers(1, -1, config["hidden_size"]))
    keys = (f"cross_key_{n}", f"cross_value_{n}")
    seen = g.op("MultiHeadAttention", query, *keys, num_heads=config["num_attention_heads"])
    seen = g.op("Reshape", seen, g.op("Shape", x))
    seen = g.linear(seen, f"{layer}.crossattention.output.dense")
    x, _ = g.norm_of_sum(seen, x, f"{layer}.crossattention.output.LayerNorm", epsilon)
    thought = g.op("Gelu", g.linear(x, f"{layer}.intermediate.dense"))
    thought = g.linear(thought, f"{layer}.output.dense")
    return g.norm_of_sum(thought, x, f"{layer}.output.LayerNorm", epsilon)[0]


def embedded(g: Graph, model: str) -> str:
    """Embeddings of the inputs tokens and positions, normed: (B, T, hidden).

    The words' table is kept as the decoder's output needs it, which is stored once for both.
    """
    root = f"{model}.embeddings"
    matrix = g.weights[f"{root}.word_embeddings.weight"].T
    if g.precision == "fp32":
        columns = g.op("Gather", g.constant("words", matrix), "tokens", axis=1)
        words = g.op("Transpose", columns, perm=[1, 2, 0])
    else:
        codes, scale = quantized(matrix)
        columns = g.op("Gather", g.constant("words", codes), "tokens", axis=1)
        numbers = g.op("Cast", g.op("Transpose", columns, perm=[1, 2, 0]), to=TensorProto.FLOAT)
        scales = g.op("Gather", g.constant("words.scale", scale), "tokens")
        words = g.op("Mul", numbers, g.op("Unsqueeze", scales, g.numbers(-1)))
    places = g.op("Gather", g.weight(f"{root}.position_embeddings.weight"), "positions")
    epsilon = g.weights.config["text_config"]["layer_norm_eps"]
    return g.norm(g.op("Add", words, places), f"{root}.LayerNorm", epsilon)


def _logits(g: Graph, x: str, config: dict[str, Any]) -> None:
    """The head, for the last token alone: (B, vocabulary)."""
    root = "text_decoder.cls.predictions"
    last = g.op("Gather", x, g.constant("last", np.array(-1, np.int64)), axis=1)
    last = g.op("Gelu", g.linear(last, f"{root}.transform.dense"))
    last = g.norm(last, f"{root}.transform.LayerNorm", config["layer_norm_eps"])
    untied = f"{root}.decoder.weight"
    tied = g.weights.config.get("tie_word_embeddings", True) or untied not in g.weights
    name, weights = ("words", f"{DECODER}.embeddings.word_embeddings.weight") if tied else (untied, untied)
    logits = g.matmul(last, name, g.weights[weights].T, g.weights[f"{root}.bias"])
    g.op("Identity", logits, outputs=("logits",))
    g.outputs.insert(0, value("logits", ["beams", config["vocab_size"]]))
