"""The third graph of a BLIP that answers questions: the question, read with an eye on the picture.

question_encoder: a question's tokens and the vision encoder's keys and values -> the keys and values of what
the text decoder's layers look at, for which a captioning model's decoder looks at the picture itself.
"""

from __future__ import annotations

import onnx
from onnx import TensorProto

from scripts.export.blip_checkpoint import Checkpoint
from scripts.export.blip_graphs import (
    DECODER,
    after_attention,
    cross_outputs,
    cross_tensors,
    embedded,
    query_key_value,
)
from scripts.export.onnx_graph import Precision, WordGraph, value

ENCODER = "text_encoder"
"""The question encoder's name in the checkpoint."""


def question_encoder(checkpoint: Checkpoint, precision: Precision) -> onnx.ModelProto:
    """question_key_0, question_value_0, ...: (1, heads, T, head size) each.

    Of tokens (1, T), positions (T,) and the vision encoder's cross_*. One question, so nothing is padded.
    """
    config = checkpoint.config["text_config"]
    heads = config["num_attention_heads"]
    g = WordGraph("question_encoder", checkpoint, precision)
    g.inputs += [
        value("tokens", [1, "length"], TensorProto.INT64),
        value("positions", ["length"], TensorProto.INT64),
    ]
    x = embedded(g, ENCODER)
    for n in range(config["num_hidden_layers"]):
        for part in ("key", "value"):
            g.inputs += cross_tensors(f"cross_{part}_{n}", config, precision, "patches")
        said = g.op("MultiHeadAttention", *query_key_value(g, x, ENCODER, n), num_heads=heads)
        x = after_attention(g, said, x, ENCODER, n)
    cross_outputs(g, x, DECODER, "question", "length")
    return g.model()
