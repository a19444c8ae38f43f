"""Convert the musicnn tagger (trained on the Million Song Dataset) from its PyPI wheel into ONNX.

    python -m scripts.export.musicnn musicnn-0.1.0-py3-none-any.whl [CLIP ...]

Reads the TensorFlow 1 checkpoint, rebuilds the inference graph with onnx.helper and writes
models_onnx/music_tagger.onnx. Clips, where given, are read by the original graph behind librosa's front
end and by the new one behind player.library.analysis.mel_spectrogram; the largest differences are printed.

Needs onnx and tensorflow-cpu and, to check clips, librosa; the player needs none of them.
"""

from __future__ import annotations

import player  # noqa: F401 - the first of all: it forbids onnxruntime's telemetry

# isort: split
import argparse
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import onnx
import onnxruntime
import tensorflow as tf
from onnx import TensorProto, helper, numpy_helper

from player.library.analysis import mel_spectrogram
from player.models import MODELS_DIR
from scripts.export.manifest import record

NAME = "music_tagger.onnx"
EPSILON = 1e-3  # of every batch normalisation in the original


class Graph:
    """Collects ONNX nodes and the weights they take from one TensorFlow checkpoint."""

    def __init__(self, checkpoint: Path) -> None:
        self._checkpoint = tf.compat.v1.train.NewCheckpointReader(f"{checkpoint}/")
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def add(self, op: str, *inputs: str, output: str | None = None, **attributes: Any) -> str:
        output = output or f"{op}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [output], **attributes))
        return output

    def constant(self, value: np.ndarray) -> str:
        name = f"weight_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def variable(self, name: str) -> np.ndarray:
        return np.asarray(self._checkpoint.get_tensor(name))

    def batch_norm(self, x: str, layer: str, output: str | None = None) -> str:
        """Normalise axis 1 with the moving statistics of `layer`."""
        parts = ("gamma", "beta", "moving_mean", "moving_variance")
        weights = [self.constant(self.variable(f"{layer}/{part}")) for part in parts]
        return self.add("BatchNormalization", x, *weights, output=output, epsilon=EPSILON)

    def kernel(self, index: int) -> np.ndarray:
        """Kernel of convolution number `index`: (frames, bands, channels in, channels out)."""
        return self.variable(f"{_layer(index)}/kernel")

    def convolution(self, x: str, index: int, kernel: np.ndarray, pads: list[int]) -> str:
        """Convolution number `index`, then ReLU, then batch normalisation, as musicnn orders them."""
        weights = self.constant(kernel), self.constant(self.variable(f"{_layer(index)}/bias"))
        y = self.add("Relu", self.add("Conv", x, *weights, pads=pads))
        return self.batch_norm(y, f"batch_normalization_{index + 1}")

    def dense(self, x: str, layer: str) -> str:
        weights = (self.constant(self.variable(f"{layer}/{part}")) for part in ("kernel", "bias"))
        return self.add("Gemm", x, *weights)


def _layer(index: int) -> str:
    return f"conv2d_{index}" if index else "conv2d"


def build(checkpoint: Path) -> onnx.ModelProto:
    """mel (n, 187, 96) float32 -> tags (n, 50) in [0, 1], penultimate (n, 200), middle (n, 753), float32."""
    graph = Graph(checkpoint)
    x = graph.add("Unsqueeze", "mel", graph.constant(np.array([1])))
    features = mid_end(graph, front_end(graph, graph.batch_norm(x, "batch_normalization")))
    back_end(graph, features)
    shape = ["n", mel_spectrogram.PATCH_FRAMES, mel_spectrogram.BANDS]
    inputs = [helper.make_tensor_value_info("mel", TensorProto.FLOAT, shape)]
    outputs = [
        helper.make_tensor_value_info("tags", TensorProto.FLOAT, ["n", 50]),
        helper.make_tensor_value_info("penultimate", TensorProto.FLOAT, ["n", 200]),
        helper.make_tensor_value_info("middle", TensorProto.FLOAT, ["n", 753]),
    ]
    model = helper.make_model(
        helper.make_graph(graph.nodes, "musicnn_msd", inputs, outputs, graph.weights),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=9,
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def front_end(graph: Graph, x: str) -> str:
    """Filters over time and frequency, each pooled over all frequencies: (n, 1, t, 96) -> (n, 561, t)."""
    last = graph.constant(np.array([3]))
    pooled = []
    for index in range(5):
        kernel = graph.kernel(index).transpose(3, 2, 0, 1)
        frames, bands = kernel.shape[2:]
        before = (frames - 1) // 2  # TensorFlow's "same" padding puts the odd frame at the end
        y = graph.convolution(x, index, kernel, [before, 0, frames - 1 - before, 0])
        y = graph.add("MaxPool", y, kernel_shape=[1, mel_spectrogram.BANDS - bands + 1])
        pooled.append(graph.add("Squeeze", y, last))
    return graph.add("Concat", *pooled, axis=1)


def mid_end(graph: Graph, features: str) -> str:
    """Three convolutions over time with residual connections: (n, 561, t) -> (n, 753, t)."""
    layers = [features]
    for index in range(5, 8):
        kernel = graph.kernel(index)[:, :, 0].transpose(2, 1, 0)
        y = graph.convolution(layers[-1], index, kernel, [3, 3])
        layers.append(graph.add("Add", y, layers[-1]) if len(layers) > 1 else y)
    return graph.add("Concat", *layers, axis=1)


def back_end(graph: Graph, features: str) -> None:
    """Maximum and mean over time (the output `middle`) side by side, the penultimate layer, the tags."""
    pools = [graph.add(op, features, axes=[2], keepdims=1) for op in ("ReduceMax", "ReduceMean")]
    graph.add("Flatten", pools[1], output="middle")
    flat = graph.add("Flatten", graph.add("Concat", *pools, axis=2))
    hidden = graph.add("Relu", graph.dense(graph.batch_norm(flat, "batch_normalization_9"), "dense"))
    graph.batch_norm(hidden, "batch_normalization_10", output="penultimate")
    graph.add("Sigmoid", graph.dense("penultimate", "dense_1"), output="tags")


class Original:
    """The wheel's own TensorFlow graph: the .meta file without its training half."""

    def __init__(self, checkpoint: Path) -> None:
        meta = tf.compat.v1.MetaGraphDef.FromString((checkpoint / ".meta").read_bytes())
        names = ["model/Sigmoid", "save/restore_all"]
        kept = tf.compat.v1.graph_util.extract_sub_graph(meta.graph_def, names)
        for node in kept.node:
            node.attr.pop("_output_shapes", None)
        self._session = tf.compat.v1.Session(graph=tf.Graph())
        with self._session.graph.as_default():
            tf.import_graph_def(kept, name="")
            self._session.run("save/restore_all", {"save/Const:0": f"{checkpoint}/"})

    def tags(self, mel: np.ndarray) -> np.ndarray:
        feed = {"model/Placeholder:0": mel, "model/Placeholder_2:0": False}
        return np.asarray(self._session.run("model/Sigmoid:0", feed))


def compare(clips: list[Path], checkpoint: Path) -> dict[str, float]:
    """Largest absolute differences between the original chain and ours over whole clips."""
    original = Original(checkpoint)
    session = onnxruntime.InferenceSession(MODELS_DIR / NAME, providers=["CPUExecutionProvider"])
    mel_difference = tags_difference = 0.0
    for clip in clips:
        samples, _ = librosa.load(clip, sr=mel_spectrogram.RATE_HZ)
        theirs = librosa.feature.melspectrogram(
            y=samples,
            sr=mel_spectrogram.RATE_HZ,
            n_fft=mel_spectrogram.WINDOW,
            hop_length=mel_spectrogram.HOP,
            n_mels=mel_spectrogram.BANDS,
        )
        theirs = np.log10(10000 * theirs.T + 1)
        ours = mel_spectrogram.log_mel(mel_spectrogram.power_spectra(samples))
        mel_difference = max(mel_difference, float(np.abs(theirs - ours).max()))
        count = len(ours) // mel_spectrogram.PATCH_FRAMES
        shape = (count, mel_spectrogram.PATCH_FRAMES, mel_spectrogram.BANDS)
        theirs, ours = (mel[: count * mel_spectrogram.PATCH_FRAMES].reshape(shape) for mel in (theirs, ours))
        tags = session.run(["tags"], {"mel": ours})[0]
        tags_difference = max(tags_difference, float(np.abs(original.tags(theirs) - tags).max()))
    print(f"{len(clips)} clips: mel differs by {mel_difference:.1e} at most, tags by {tags_difference:.1e}")
    return {"mel_max_difference": mel_difference, "tags_max_difference": tags_difference}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("wheel", type=Path)
    parser.add_argument("clips", type=Path, nargs="*")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        zipfile.ZipFile(arguments.wheel).extractall(folder)
        checkpoint = Path(folder, "musicnn", "MSD_musicnn")
        onnx.save(build(checkpoint), MODELS_DIR / NAME)
        metrics = compare(arguments.clips, checkpoint) if arguments.clips else {}
    record(
        NAME,
        source="musicnn 0.1.0 (PyPI), the checkpoint MSD_musicnn",
        licence="ISC (c) Music Technology Group, Universitat Pompeu Fabra 2019",
        built_by="scripts/export/musicnn.py",
        metrics=metrics,
    )


if __name__ == "__main__":
    main()
