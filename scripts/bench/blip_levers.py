"""What each lever brings to BLIP's two graphs on this machine: one thing other, the rest as it is built.

    python -m scripts.bench.blip_levers [--work DIR] [--size 384] [--rounds 9]

Takes the random checkpoint of scripts/bench/caption.py. Where openvino and nncf are installed, which nothing
here needs, what a user would take instead is measured beside it. The ways are timed in turn, round after
round, so that a busy minute meets them all; the best time of each, since what else the machine does only
adds. Cosines are to the fp32 graph, of the same input. Prints Markdown.
"""

from __future__ import annotations

import player  # noqa: F401 - the first of all: it forbids onnxruntime's telemetry

# isort: split
import argparse
import importlib.util
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort

from scripts.bench.blip_other_graphs import (
    FusedNorm,
    FusedNormOfWords,
    Int4,
    Int4Wide,
    PerTensor,
    Primitive,
    Static,
)
from scripts.bench.caption import THREADS, checkpoint_of
from scripts.export.blip_checkpoint import Checkpoint, Floats
from scripts.export.blip_graphs import text_decoder, vision_encoder
from scripts.export.onnx_graph import Graph

SAID = 10
"""Words before the one that is timed."""


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
    if importlib.util.find_spec("openvino") and importlib.util.find_spec("nncf"):
        primitive = vision_encoder(checkpoint, "fp32", size, graph=Primitive)
        yield Way("OpenVINO, int8 by NNCF", in_openvino(primitive, pixels))
    yield way(
        "fp32, primitive operators",
        vision_encoder(checkpoint, "fp32", size, graph=Primitive),
        optimized=False,
    )
    yield way("the same, onnxruntime fuses", vision_encoder(checkpoint, "fp32", size, graph=Primitive))
    yield way("fp32, as built", vision_encoder(checkpoint, "fp32", size))


def in_openvino(model: onnx.ModelProto, pixels: Floats) -> Callable[[], list[Floats]]:
    """The same graph, quantized and run by Intel's tools with their own settings."""
    import nncf  # noqa: PLC0415 - neither is there by itself
    import openvino  # noqa: PLC0415

    core = openvino.Core()
    exact = core.read_model(model=model.SerializeToString(), weights=b"")
    rough = nncf.quantize(exact, nncf.Dataset([pixels]), model_type=nncf.ModelType.TRANSFORMER, subset_size=1)
    compiled = core.compile_model(
        rough, "CPU", {"INFERENCE_NUM_THREADS": THREADS, "PERFORMANCE_HINT": "LATENCY"}
    )
    return lambda: [np.asarray(array) for array in compiled(pixels).values()]


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

    def way(name: str, model: onnx.ModelProto, **options: Any) -> Way:
        opened = session(model, **options)
        feeds = decoder_feeds(checkpoint, cross, opened)
        return Way(name, lambda: opened.run(None, feeds)[:1])

    built = text_decoder(checkpoint, "int8")
    yield way("int8, as built", built)
    opened = session(built)
    yield Way("keys and values bound, not copied", bound(opened, decoder_feeds(checkpoint, cross, opened)))
    yield way("threads sleep between nodes", built, spin=False)
    yield way("one thread", built, threads=1)
    yield way("norm and sum fused", text_decoder(checkpoint, "int8", graph=FusedNormOfWords))
    yield way("one scale per column", text_decoder(checkpoint, "int8", graph=Graph))
    yield way("int4 in blocks of 32", text_decoder(checkpoint, "int8", graph=Int4))
    yield way("int4 in blocks of 128", text_decoder(checkpoint, "int8", graph=Int4Wide))
    yield way("fp32, as built", text_decoder(checkpoint, "fp32"))


def decoder_feeds(
    checkpoint: Checkpoint, cross: list[Floats], opened: ort.InferenceSession
) -> dict[str, Any]:
    """A word after SAID others of which nothing is remembered, and the picture, as the decoder takes it."""
    text = checkpoint.config["text_config"]
    heads, layers = text["num_attention_heads"], text["num_hidden_layers"]
    names = [f"{part}_{n}" for n in range(layers) for part in ("key", "value")]
    nothing = np.zeros((1, heads, SAID, text["hidden_size"] // heads), np.float32)
    feeds: dict[str, Any] = {"tokens": np.array([[5]]), "positions": np.array([SAID])}
    feeds |= {f"past_{name}": nothing for name in names}
    seen = {f"cross_{name}": array for name, array in zip(names, cross, strict=True)}
    if any(each.name == "cross_key_0_scale" for each in opened.get_inputs()):
        seen = {key: codes for name, array in seen.items() for key, codes in _in_codes(name, array).items()}
    return feeds | seen


def _in_codes(name: str, array: Floats) -> dict[str, Any]:
    """Keys or values of the picture as the int8 encoder gives them."""
    low, high = min(float(array.min()), 0.0), max(float(array.max()), 0.0)
    scale = np.float32((high - low) / 255)
    zero = np.uint8(round(-low / scale))
    codes = np.clip(np.rint(array / scale) + zero, 0, 255).astype(np.uint8)
    laid = np.ascontiguousarray(codes.transpose(0, 1, 3, 2)) if "_key_" in name else codes
    return {name: laid, f"{name}_scale": np.array(scale), f"{name}_zero": np.array(zero)}


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
