"""BLIP's graphs, written node by node from a checkpoint's weights with onnxruntime's fused operators.

vision_encoder: pixels (1, 3, S, S) -> the cross-attention keys and values of every layer that looks at the
picture, so that they are computed once for a picture and not once for a word. Those are the decoder's layers,
or where questions are answered, the question encoder's (scripts/export/blip_question.py).
text_decoder: tokens and the keys and values of the words before -> logits of the next word, and theirs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto

from scripts.export.blip_checkpoint import Checkpoint
from scripts.export.onnx_graph import Graph, Precision, WordGraph, value

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
    for n in range(text["num_hidden_layers"]):
        for part in ("key", "value"):
            made = g.linear(x, f"{seen_by}.encoder.layer.{n}.crossattention.self.{part}")
            tensors = cross_tensors(f"{name}_{part}_{n}", text, g.precision, length)
            if g.precision == "int8":
                names = [tensor.name for tensor in tensors]
                made = g.op("DynamicQuantizeLinear", made, outputs=(f"{names[0]}_codes", *names[1:]))
            made = g.op("Reshape", made, g.numbers(0, 0, text["num_attention_heads"], -1))
            order = [0, 2, 3, 1] if part == "key" and g.precision == "int8" else [0, 2, 1, 3]
            g.op("Transpose", made, outputs=(tensors[0].name,), perm=order)
            g.outputs += tensors


def cross_tensors(
    name: str, text: dict[str, Any], precision: Precision, length: int | str
) -> list[onnx.ValueInfoProto]:
    """What stands for the keys or values of one layer: (1, heads, length, head size).

    Of int8, read for every word, a quarter is read: codes with a scale and a zero point for all of them. Keys
    lie as their product with a query needs them, (1, heads, head size, length).
    """
    heads = text["num_attention_heads"]
    size = text["hidden_size"] // heads
    if precision == "fp32":
        return [value(name, [1, heads, length, size])]
    shape = [1, heads, size, length] if "_key_" in name else [1, heads, length, size]
    return [
        value(name, shape, TensorProto.UINT8),
        value(f"{name}_scale", []),
        value(f"{name}_zero", [], TensorProto.UINT8),
    ]


def text_decoder(
    checkpoint: Checkpoint, precision: Precision, graph: type[Graph] = WordGraph
) -> onnx.ModelProto:
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
            g.inputs += cross_tensors(f"cross_{part}_{n}", config, precision, "patches")
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
    seen = g.op("Reshape", _looked(g, query, n), g.op("Shape", x))
    seen = g.linear(seen, f"{layer}.crossattention.output.dense")
    x, _ = g.norm_of_sum(seen, x, f"{layer}.crossattention.output.LayerNorm", epsilon)
    thought = g.op("Gelu", g.linear(x, f"{layer}.intermediate.dense"))
    thought = g.linear(thought, f"{layer}.output.dense")
    return g.norm_of_sum(thought, x, f"{layer}.output.LayerNorm", epsilon)[0]


def _looked(g: Graph, query: str, n: int) -> str:
    """What layer n sees of the inputs cross_key_n and cross_value_n: one row for each of the query's."""
    config = g.weights.config["text_config"]
    heads, hidden = config["num_attention_heads"], config["hidden_size"]
    key, seen = f"cross_key_{n}", f"cross_value_{n}"
    if g.precision == "fp32":
        query = g.op("Reshape", query, g.numbers(1, -1, hidden))
        return g.op("MultiHeadAttention", query, key, seen, num_heads=heads)
    shrunk = g.op("Mul", query, g.constant("shrink", np.array((hidden // heads) ** -0.5, np.float32)))
    rows = g.op("Reshape", shrunk, g.numbers(1, -1, heads, hidden // heads))
    codes = (f"query_codes_{n}", f"query_scale_{n}", f"query_zero_{n}")
    g.op("DynamicQuantizeLinear", g.op("Transpose", rows, perm=[0, 2, 1, 3]), outputs=codes)
    of_key = (codes[1], f"{key}_scale", codes[2], f"{key}_zero")
    chances = g.op("Softmax", g.op("MatMulIntegerToFloat", codes[0], key, *of_key), axis=-1)
    found = g.op("MatMul", chances, g.op("DequantizeLinear", seen, f"{seen}_scale", f"{seen}_zero"))
    return g.op("Transpose", found, perm=[0, 2, 1, 3])


def embedded(g: Graph, model: str) -> str:
    """Embeddings of the inputs tokens and positions, normed: (B, T, hidden).

    The words' table is kept as the decoder's output needs it, which is stored once for both.
    """
    root = f"{model}.embeddings"
    words = g.looked_up("words", g.weights[f"{root}.word_embeddings.weight"].T, "tokens")
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
