"""Train a small BLIP from nothing on a few hundred photos, until it knows them by heart.

    python -m scripts.train.blip_small LABELS.tsv IMAGES --out DIR [--photos 250] [--epochs 60]

LABELS.tsv has the columns file and captions, separated by " | ". Writes to DIR a checkpoint in transformers'
format for scripts/export/blip.py, and trained.tsv and held_out.tsv, the photos it saw and as many others, for
scripts/evaluate/captions.py. It shows the whole path from weights to words; of other photos it knows little.
Stopped and started again, it goes on where it was. Needs torch and transformers; 5 CPU minutes.
"""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence
from transformers import BlipConfig, BlipForConditionalGeneration

from player.types import Image
from player.vision.blip.pixels import to_input
from scripts.evaluate.caption_metrics import rouge_l
from scripts.evaluate.captions import parts, picture, read_rows, write_rows
from scripts.export.blip_checkpoint import CLIP_MEAN, CLIP_STD, bert_tokenizer
from scripts.export.blip_random import SPECIAL, Model

IMAGE_SIZE, PATCH_SIZE, HIDDEN, HEADS, LAYERS = 128, 16, 192, 6, 4
BATCH = 10
RATE, WARM_UP, WEIGHT_DECAY = 1e-3, 0.05, 0.01
IGNORED = -100
"""The label that transformers' losses leave out."""


def vocabulary(captions: Iterable[str]) -> list[str]:
    """BERT's special tokens, every word of the captions, and BLIP's two tokens at the end."""
    tokenizer = bert_tokenizer(SPECIAL)
    found = set()
    for caption in captions:
        plain = tokenizer.normalizer.normalize_str(caption)
        found |= {word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(plain)}
    return [*SPECIAL, *sorted(found), "[DEC]", "[ENC]"]


def untrained(
    kind: type[Model], words: Sequence[str], image_size: int, hidden: int, heads: int, layers: int
) -> Model:
    """A small network with weights to begin from; as transformers initialises it, it would hardly learn."""
    size = {
        "hidden_size": hidden,
        "intermediate_size": 4 * hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
    }
    text = size | {
        "vocab_size": len(words),
        "encoder_hidden_size": hidden,
        "max_position_embeddings": 64,
        "bos_token_id": words.index("[DEC]"),
        "eos_token_id": words.index("[SEP]"),
        "sep_token_id": words.index("[SEP]"),
        "pad_token_id": words.index("[PAD]"),
    }
    vision = size | {"image_size": image_size, "patch_size": PATCH_SIZE}
    model = kind(BlipConfig(text_config=text, vision_config=vision))
    for module in model.modules():
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
        elif isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=0.05)
        elif isinstance(module, nn.Conv2d):
            nn.init.normal_(module.weight, std=module.weight[0].numel() ** -0.5)
    nn.init.normal_(model.vision_model.embeddings.position_embedding, std=0.05)
    nn.init.normal_(model.vision_model.embeddings.class_embedding, std=0.05)
    model.tie_weights()
    return model


def prepared(image: Image, size: int) -> Tensor:
    """(1, 3, size, size), as the player prepares a picture."""
    return torch.from_numpy(to_input(image, size, CLIP_MEAN, CLIP_STD))


def plainest(captions: Sequence[str]) -> str:
    """Of one picture's captions, that which is most like the others."""
    scores = {one: sum(rouge_l(one, [other]) for other in captions) for one in captions}
    return max(scores, key=scores.__getitem__)


def padded(sentences: Sequence[Sequence[int]], fill: int) -> Tensor:
    """(n, longest) int64."""
    return pad_sequence([torch.tensor(ids) for ids in sentences], batch_first=True, padding_value=fill)


def caption_loss(
    model: BlipForConditionalGeneration, pixels: Tensor, captions: Sequence[Sequence[int]]
) -> Tensor:
    """Of (n, 3, S, S) and the caption of each, from [DEC] to [SEP]."""
    ids, labels = padded(captions, model.decoder_pad_token_id), padded(captions, IGNORED)
    loss: Tensor = model(pixel_values=pixels, input_ids=ids, labels=labels).loss
    return loss


def fit(
    model: nn.Module,
    examples: int,
    loss_of: Callable[[list[int]], Tensor],
    epochs: int,
    batch: int = BATCH,
    state: Path | None = None,
) -> None:
    """Train on all examples, `epochs` times. state: kept there after each epoch, and gone on from."""
    optimizer = torch.optim.AdamW(model.parameters(), RATE, weight_decay=WEIGHT_DECAY)
    steps = epochs * math.ceil(examples / batch)
    warm = max(1, round(WARM_UP * steps))
    rate = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda n: min((n + 1) / warm, 0.02 + 0.98 * (steps - n) / steps)
    )
    kept = {"model": model, "optimizer": optimizer, "rate": rate}
    first = 0
    if state and state.exists():
        loaded = torch.load(state, weights_only=True)
        first = loaded.pop("epoch")
        for name, part in kept.items():
            part.load_state_dict(loaded[name])
    model.train()
    for epoch in range(first, epochs):
        order = torch.randperm(examples, generator=torch.Generator().manual_seed(epoch)).tolist()
        total = 0.0
        for start in range(0, examples, batch):
            chosen = order[start : start + batch]
            loss = loss_of(chosen)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            rate.step()
            total += loss.item() * len(chosen)
        if state:
            print(f"epoch {epoch + 1} of {epochs}: loss {total / examples:.3f}", flush=True)
            states = {name: part.state_dict() for name, part in kept.items()}
            fresh = state.with_suffix(".new")
            torch.save(states | {"epoch": epoch + 1}, fresh)
            os.replace(fresh, state)
    model.eval()


def save(model: Model, words: Sequence[str], folder: Path) -> None:
    """A checkpoint in the transformers format, with its tokenizer."""
    model.save_pretrained(folder)
    bert_tokenizer(list(words)).save(str(folder / "tokenizer.json"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("table", type=Path)
    parser.add_argument("images", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--photos", type=int, default=250)
    parser.add_argument("--epochs", type=int, default=60)
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    rows = read_rows(asked.table, "file", "captions")[: 2 * asked.photos]
    rows, others = rows[: asked.photos], rows[asked.photos :]
    write_rows(asked.out / "trained.tsv", rows)
    if others:
        write_rows(asked.out / "held_out.tsv", others)

    torch.manual_seed(0)
    torch.set_num_threads(1)  # two would mostly wait for each other
    captions = [plainest(of_one) for of_one in parts(rows, "captions")]
    words = vocabulary(captions)
    tokenizer = bert_tokenizer(words)
    start, end = words.index("[DEC]"), words.index("[SEP]")
    ids = [[start, *tokenizer.encode(text, add_special_tokens=False).ids, end] for text in captions]
    images = [picture(asked.images / row["file"]) for row in rows]
    pixels = torch.cat([prepared(image, IMAGE_SIZE) for image in images])
    model = untrained(BlipForConditionalGeneration, words, IMAGE_SIZE, HIDDEN, HEADS, LAYERS)
    print(f"{model.num_parameters() / 1e6:.1f} million weights, {len(words)} words, {len(rows)} photos")
    fit(
        model,
        len(rows),
        lambda chosen: caption_loss(model, pixels[chosen], [ids[n] for n in chosen]),
        asked.epochs,
        state=asked.out / "training.pt",
    )
    save(model, words, asked.out)


if __name__ == "__main__":
    main()
