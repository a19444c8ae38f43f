"""Compare a BLIP captioning checkpoint with its exports on real photos: transformers, fp32 and int8.

    python -m scripts.evaluate.compare_blip CHECKPOINT LABELS.tsv IMAGES [--photos 100]

Prints how many captions of the fp32 export are those of transformers' `generate`, token for token, greedy and
with 3 beams; and how near int8 is to fp32: the next word's logits after the same words, and whole captions.
LABELS.tsv has the columns file and captions. Needs torch, transformers and the extra [export].
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import numpy as np
import torch
from transformers import BlipForConditionalGeneration

from player.types import Image
from player.vision.blip.model import NEW_TOKENS, Captioner, TextDecoder
from player.vision.blip.pixels import to_input
from scripts.evaluate.caption_metrics import cider_d
from scripts.evaluate.captions import parts, picture, read_rows
from scripts.export.blip import export
from scripts.export.blip_checkpoint import Checkpoint
from scripts.export.onnx_graph import Precision

BEAMS = (1, 3)


class Nearness:
    """Of two networks' logits of the next word, after the same words."""

    def __init__(self) -> None:
        self.cosines: list[float] = []
        self._equal: list[bool] = []

    def add(self, exact: TextDecoder, rough: TextDecoder, tokens: Sequence[int]) -> None:
        """Both read a sentence word by word, so that what the cache adds up to counts too."""
        for token in tokens[:-1]:
            a, b = (decoder.read(np.array([[token]], np.int64))[0] for decoder in (exact, rough))
            self.cosines.append(float(a @ b / np.linalg.norm(a) / np.linalg.norm(b)))
            self._equal.append(bool(a.argmax() == b.argmax()))

    @property
    def equal(self) -> float:
        """Share of the next words that are the same."""
        return float(np.mean(self._equal))

    def __repr__(self) -> str:
        """The figures, for an assertion's message and for docs/blip.md."""
        mean, median, least = np.mean(self.cosines), np.median(self.cosines), min(self.cosines)
        return (
            f"cosine mean {mean:.4f}, median {median:.4f}, least {least:.4f}; "
            f"{self.equal:.1%} of {len(self.cosines)} words equal"
        )


def said_by_torch(
    model: BlipForConditionalGeneration, captioner: Captioner, image: Image, beams: int
) -> list[int]:
    """Token ids of transformers' caption without a prompt, of the pixels that the player prepares."""
    blip = captioner.blip
    pixels = torch.from_numpy(to_input(image, blip.image_size, blip.mean, blip.std))
    found = model.generate(pixels, num_beams=beams, max_new_tokens=NEW_TOKENS)
    tokens: list[int] = found[0].tolist()
    return tokens


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("table", type=Path)
    parser.add_argument("images", type=Path)
    parser.add_argument("--photos", type=int, default=100)
    asked = parser.parse_args()
    rows = read_rows(asked.table, "file", "captions")[: asked.photos]
    images = [picture(asked.images / row["file"]) for row in rows]
    readers = {}
    with tempfile.TemporaryDirectory() as folder:
        for precision in get_args(Precision):
            export(Checkpoint(asked.checkpoint), Path(folder) / precision, "compare", None, precision)
            readers[precision] = Captioner(2, Path(folder) / precision)
    exact, rough = readers["fp32"], readers["int8"]
    model = BlipForConditionalGeneration.from_pretrained(asked.checkpoint).eval()
    start = exact.prompt("")

    found = {beams: [exact.tokens(image, start, NEW_TOKENS, beams) for image in images] for beams in BEAMS}
    for beams in BEAMS:
        same = [
            said_by_torch(model, exact, image, beams) == tokens
            for image, tokens in zip(images, found[beams], strict=True)
        ]
        print(f"fp32, {beams} beams: {sum(same)} of {len(same)} captions are transformers', token for token")
    near = Nearness()
    for image, tokens in zip(images, found[1], strict=True):
        near.add(exact.look(image), rough.look(image), tokens)
    print(f"int8, next word after the same words: {near}")
    captions = {name: [of.caption(image, beams=1) for image in images] for name, of in readers.items()}
    same = [one == other for one, other in zip(*captions.values(), strict=True)]
    print(f"int8, greedy: {sum(same)} of {len(same)} captions are fp32's")
    references = parts(rows, "captions")
    for name, said in captions.items():
        print(f"{name}: CIDEr-D {statistics.mean(cider_d(said, references)):.3f}")


if __name__ == "__main__":
    main()
