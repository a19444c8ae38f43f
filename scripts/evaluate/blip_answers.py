"""Answers questions about pictures with an exported BLIP-VQA, for scripts/evaluate/captions.py.

The player never asks: it needs a caption. The settings, the decoder and the search are the player's own.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from player.models import open_session
from player.types import Image
from player.vision.blip.decoding import generate
from player.vision.blip.model import DECODER, ENCODER, TextDecoder, open_tokenizer, settings
from player.vision.blip.pixels import to_input

QUESTION = "question_encoder.onnx"
REMEDY = "export a BlipForQuestionAnswering checkpoint there with python -m scripts.export.blip"


class BlipAnswerer:
    """Not safe to call from several threads at once."""

    def __init__(self, folder: Path, threads: int = 2) -> None:
        """Open the three networks. Raises ModelError and its children, each naming the file."""
        self.blip = settings(folder, "answer", REMEDY)
        self._tokenizer = open_tokenizer(folder, REMEDY)
        names = (ENCODER, QUESTION, DECODER)
        self._vision, self._question, self._decoder = (
            open_session(name, threads, folder, REMEDY, busy=True) for name in names
        )

    def answer(self, image: Image, question: str) -> str:
        """A few words, or none. image: (H, W, 3) uint8 BGR."""
        tokens = self.tokens(image, question)
        return str(self._tokenizer.decode(tokens[1:], skip_special_tokens=True)).strip()

    def tokens(
        self, image: Image, question: str, max_tokens: int | None = None, beams: int | None = None
    ) -> list[int]:
        """Token ids of the answer, start and end included. None: as the checkpoint has it."""
        return generate(self.look(image, question), [self.blip.bos], self.blip.search(1, max_tokens, beams))

    def look(self, image: Image, question: str) -> TextDecoder:
        """Read the question at the picture; a decoder that has read no token yet."""
        pixels = to_input(image, self.blip.image_size, self.blip.mean, self.blip.std)
        outputs = [output.name for output in self._vision.get_outputs()]
        seen = dict(zip(outputs, self._vision.run(None, {"pixels": pixels}), strict=True))
        words = self._tokenizer.encode(question).ids[: self.blip.positions]
        feeds = {"tokens": np.array([words], np.int64), "positions": np.arange(len(words))}
        return TextDecoder(self._decoder, self.blip, self._question.run(None, feeds | seen))
