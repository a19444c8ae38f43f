"""What each lever brings to BLIP's two graphs on this machine: one thing other, the rest as it is built.

    python -m scripts.bench.blip_levers [--work DIR] [--size 384] [--rounds 9]

Takes the random checkpoint of scripts/bench/caption.py. The ways are timed in turn, round after round, so
that a busy minute meets them all; the best time of each, since what else the machine does only adds. Cosines
are to the fp32 graph, of the same input. Prints Markdown.
"""

from __future__ import annotations

import player  # noqa: F401 - the first of all: it forbids onnxruntime's telemetry

# isort: split
import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort

from scripts.bench.caption import THREADS, checkpoint_of
from scripts.export.blip_checkpoint import Checkpoint, Floats
from scripts.export.blip_graphs import Graph, quantized, text_decoder, vision_encoder

SAID = 10
"""Words before the one that is timed."""


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


class Int4(Graph):
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


def session(
    model: onnx.ModelProto, threads: int = THREADS, spin: bool = True, optimized: bool = True
) -> ort.InferenceSession:
    """As player.models opens it for BLIP, but for what is asked otherwise."""
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.add_session_config_entry("session.intra_op.allow_spinning", str(int(spin)))
    options.add_session_config_entry("session.force_spinning_stop", "1")
    options.log_severity_level = 3  # the encoder cut short leaves weights over
    if not optimized:
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    return ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


@dataclass
class Way:
    """One way to run a graph."""

    name: str
    run: Callable[[], list[Floats]]
    times: list[float] = field(default_factory=list)


def compare(title: str, ways: list[Way], rounds: int) -> None:
    """Print a table; the first way is how it is built, the last gives the cosine's reference."""
    reference = np.concatenate([part.ravel() for part in ways[-1].run()])
    cosines = []
    for way in ways:
        found = np.concatenate([part.ravel() for part in way.run()])
        cosines.append(found @ reference / np.linalg.norm(found) / np.linalg.norm(reference))
    for _ in range(rounds):
        for way in ways:
            started = time.perf_counter()
            way.run()
            way.times.append((time.perf_counter() - started) * 1000)
    built = min(ways[0].times)
    print(f"\n| {title} | ms | of that built | cosine to fp32 |\n|---|---|---|---|")
    for way, cosine in zip(ways, cosines, strict=True):
        ms = min(way.times)
        print(f"| {way.name} | {ms:.4g} | {ms / built:.0%} | {cosine:.4f} |", flush=True)


def encoder_ways(checkpoint: Checkpoint, size: int, pixels: Floats) -> Iterator[Way]:
    """The image encoder, 8 bits first."""

    def way(name: str, model: onnx.ModelProto, **options: Any) -> Way:
        opened = session(model, **options)
        return Way(name, lambda: opened.run(None, {"pixels": pixels}))

    built = vision_encoder(checkpoint, "int8", size)
    yield way("int8, as built", built)
    yield way("threads sleep between nodes", built, spin=False)
    yield way("one thread", built, threads=1)
    yield way("norm and sum fused", vision_encoder(checkpoint, "int8", size, graph=FusedNorm))
    yield way("one scale per matrix", vision_encoder(checkpoint, "int8", size, graph=PerTensor))
    Static.ranges = calibrated(built, pixels)
    yield way("static quantization", vision_encoder(checkpoint, "int8", size, graph=Static))
    yield way(
        "fp32, primitive operators",
        vision_encoder(checkpoint, "fp32", size, graph=Primitive),
        optimized=False,
    )
    yield way("the same, onnxruntime fuses", vision_encoder(checkpoint, "fp32", size, graph=Primitive))
    yield way("fp32, as built", vision_encoder(checkpoint, "fp32", size))


def calibrated(model: onnx.ModelProto, pixels: Floats) -> list[tuple[float, float]]:
    """The range of what goes into each product, with 0 in it."""
    names = [node.input[0] for node in model.graph.node if node.op_type == "DynamicQuantizeMatMul"]
    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    watched.graph.output.extend(onnx.ValueInfoProto(name=name) for name in sorted(set(names)))
    arrays = dict(
        zip(sorted(set(names)), session(watched).run(sorted(set(names)), {"pixels": pixels}), strict=True)
    )
    return [(min(float(arrays[name].min()), 0.0), max(float(arrays[name].max()), 0.0)) for name in names]


def decoder_ways(checkpoint: Checkpoint, cross: list[Floats]) -> Iterator[Way]:
    """One more word, 8 bits first."""
    feeds = decoder_feeds(checkpoint, cross)

    def way(name: str, model: onnx.ModelProto, **options: Any) -> Way:
        opened = session(model, **options)
        return Way(name, lambda: opened.run(None, feeds)[:1])

    built = text_decoder(checkpoint, "int8")
    yield way("int8, as built", built)
    yield Way("keys and values bound, not copied", bound(session(built), feeds))
    yield way("threads sleep between nodes", built, spin=False)
    yield way("one thread", built, threads=1)
    yield way("norm and sum fused", text_decoder(checkpoint, "int8", graph=FusedNorm))
    yield way("one scale per matrix", text_decoder(checkpoint, "int8", graph=PerTensor))
    yield way("int4 in blocks of 32", text_decoder(checkpoint, "int8", graph=Int4))
    yield way("int4 in blocks of 128", text_decoder(checkpoint, "int8", graph=Int4Wide))
    yield way("fp32, as built", text_decoder(checkpoint, "fp32"))


def decoder_feeds(checkpoint: Checkpoint, cross: list[Floats]) -> dict[str, Any]:
    """A word after SAID others of which nothing is remembered, and the picture."""
    text = checkpoint.config["text_config"]
    heads, layers = text["num_attention_heads"], text["num_hidden_layers"]
    names = [f"{part}_{n}" for n in range(layers) for part in ("key", "value")]
    nothing = np.zeros((1, heads, SAID, text["hidden_size"] // heads), np.float32)
    feeds: dict[str, Any] = {"tokens": np.array([[5]]), "positions": np.array([SAID])}
    feeds |= {f"past_{name}": nothing for name in names}
    return feeds | {f"cross_{name}": array for name, array in zip(names, cross, strict=True)}


def bound(opened: ort.InferenceSession, feeds: dict[str, Any]) -> Callable[[], list[Floats]]:
    """Runs with every input and output bound once, as a loop with two sets of buffers could."""
    binding = opened.io_binding()
    kept = {name: ort.OrtValue.ortvalue_from_numpy(array) for name, array in feeds.items()}
    for name, held in kept.items():
        binding.bind_ortvalue_input(name, held)
    for output in opened.get_outputs():
        binding.bind_output(output.name, "cpu")

    def run() -> list[Floats]:
        opened.run_with_iobinding(binding)
        return [binding.get_outputs()[0].numpy()]

    return run


def once_ways(checkpoint: Checkpoint, size: int, pixels: Floats) -> Iterator[Way]:
    """The encoder with and without the decoder's keys and values of the picture."""
    whole = vision_encoder(checkpoint, "int8", size)
    alone = onnx.ModelProto()
    alone.CopyFrom(whole)
    last = max(n for n, node in enumerate(whole.graph.node) if node.op_type == "LayerNormalization")
    del alone.graph.node[last + 1 :], alone.graph.output[:]
    alone.graph.output.append(onnx.ValueInfoProto(name=whole.graph.node[last].output[0]))
    for name, model in (("computed once, with the picture", whole), ("left out", alone)):
        yield Way(name, _silent(session(model), pixels))


def _silent(opened: ort.InferenceSession, pixels: Floats) -> Callable[[], list[Floats]]:
    def run() -> list[Floats]:
        opened.run(None, {"pixels": pixels})
        return [pixels]  # the two ways have other outputs, and are compared by their time alone

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("build/bench_caption"))
    parser.add_argument("--size", type=int, default=384)
    parser.add_argument("--rounds", type=int, default=9)
    args = parser.parse_args()
    checkpoint = checkpoint_of(args.work)
    pixels = np.random.default_rng(0).normal(size=(1, 3, args.size, args.size)).astype(np.float32)
    compare(f"image encoder, {args.size} px", list(encoder_ways(checkpoint, args.size, pixels)), args.rounds)
    compare("cross-attention's keys and values", list(once_ways(checkpoint, args.size, pixels)), args.rounds)
    cross = session(vision_encoder(checkpoint, "fp32", args.size)).run(None, {"pixels": pixels})
    compare("decoder, a word", list(decoder_ways(checkpoint, cross)), args.rounds * 3)


if __name__ == "__main__":
    main()
