"""BLIP's two networks on onnxruntime: a picture becomes a caption."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, ValidationError
from tokenizers import Tokenizer

from player.errors import ModelError
from player.models import BLIP_DIR, open_session, verified
from player.system import resources
from player.types import Image
from player.vision.blip.decoding import Floats, Ints, Search, generate
from player.vision.blip.pixels import to_input

ENCODER, DECODER, TOKENIZER = "vision_encoder.onnx", "text_decoder.onnx", "tokenizer.json"
FORMAT = 2
"""Raised when the graphs' inputs, outputs or the settings change."""
NEW_TOKENS = 20
"""How many tokens transformers' generate adds if nothing limits them."""


def how_to_build(installed: bool) -> str:
    """What to do about a BLIP that cannot be used: scripts/run comes with a checkout alone."""
    if installed:
        return "build it again as docs/blip.md says"
    return "build it again with ./scripts/run --with-blip"


REMEDY = how_to_build(resources.INSTALLED)
Task = Literal["caption", "answer"]
"""What a checkpoint was trained to write. The player captions; scripts/evaluate/blip_answers.py answers."""


class Blip(BaseModel):
    """What manifest.json says of the exported checkpoint beside its files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1, 2]
    task: Task = "caption"
    image_size: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    bos: int
    eos: int
    max_length: int | None
    """Tokens in all, the prompt included; None: NEW_TOKENS follow the prompt."""
    beams: int
    length_penalty: float
    early_stopping: bool | Literal["never"]
    layers: int
    heads: int
    head_size: int
    positions: int
    """Longest sequence that the decoder can read."""

    def search(self, prompt: int, max_tokens: int | None = None, beams: int | None = None) -> Search:
        """For a prompt of so many tokens. None: as the checkpoint has it.

        max_tokens: how many follow the prompt at most.
        """
        length = prompt + (max_tokens or NEW_TOKENS)
        if max_tokens is None and self.max_length is not None:
            length = self.max_length
        return Search(
            eos=self.eos,
            max_length=min(length, self.positions),
            beams=self.beams if beams is None else beams,
            length_penalty=self.length_penalty,
            early_stopping=self.early_stopping,
        )


def settings(models_dir: Path = BLIP_DIR, task: Task = "caption", remedy: str = REMEDY) -> Blip:
    """The checkpoint's own settings.

    Raises ModelError if the manifest has none that can be used, or those of a model for another task.
    """
    path = models_dir / "manifest.json"
    try:
        found = Blip.model_validate(json.loads(path.read_text(encoding="utf-8"))["blip"])
    except (OSError, ValueError, KeyError, TypeError, ValidationError) as error:
        why = "another version wrote it" if isinstance(error, ValidationError) else error
        raise ModelError(f"{path} cannot be used ({why}): {remedy}.") from error
    if found.task != task:
        why = f"this BLIP is there to {found.task}, not to {task}"
        raise ModelError(f"{path} cannot be used ({why}): {remedy}.")
    return found


def open_tokenizer(models_dir: Path = BLIP_DIR, remedy: str = REMEDY) -> Tokenizer:
    """The checkpoint's tokenizer. Raises ModelError and its children, each naming the file."""
    path = verified(TOKENIZER, models_dir, remedy)
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # tokenizers raises nothing narrower
        raise ModelError(f"{path} cannot be opened by tokenizers ({error}).") from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


class Captioner:
    """Says in words what a picture shows. Not safe to call from several threads at once."""

    def __init__(self, threads: int, models_dir: Path = BLIP_DIR) -> None:
        """Open both networks. Raises ModelError and its children, each naming the file."""
        self.blip = settings(models_dir)
        self._tokenizer = open_tokenizer(models_dir)
        self._encoder = open_session(ENCODER, threads, models_dir, REMEDY, busy=True)
        self._decoder = open_session(DECODER, threads, models_dir, REMEDY, busy=True)

    def caption(
        self, image: Image, prompt: str = "", max_tokens: int | None = None, beams: int | None = None
    ) -> str:
        """The sentence for a (H, W, 3) uint8 BGR picture, the prompt included."""
        tokens = self.tokens(image, self.prompt(prompt), max_tokens, beams)
        return str(self._tokenizer.decode(tokens[1:], skip_special_tokens=True)).strip()

    def prompt(self, text: str) -> list[int]:
        """BLIP's start token and the prompt's words, at most half of what the decoder can read."""
        words = self._tokenizer.encode(text, add_special_tokens=False).ids
        return [self.blip.bos, *words[: self.blip.positions // 2]]

    def tokens(
        self, image: Image, prompt: Sequence[int], max_tokens: int | None = None, beams: int | None = None
    ) -> list[int]:
        """Token ids of the caption, prompt and end included. None: as the checkpoint has it.

        max_tokens: how many follow the prompt at most.
        """
        return generate(self.look(image), prompt, self.blip.search(len(prompt), max_tokens, beams))

    def look(self, image: Image) -> TextDecoder:
        """Run the image encoder; a decoder that has read no token yet."""
        pixels = to_input(image, self.blip.image_size, self.blip.mean, self.blip.std)
        return TextDecoder(self._decoder, self.blip, self._encoder.run(None, {"pixels": pixels}))


@dataclass(slots=True)
class _Memory:
    """Keys and values of the tokens read so far, as the graph names them."""

    names: list[str]
    arrays: list[npt.NDArray[np.float32]]


class TextDecoder:
    """NextToken on text_decoder.onnx."""

    def __init__(self, session: Any, blip: Blip, cross: list[npt.NDArray[Any]]) -> None:
        """cross: the encoder's outputs, which the decoder takes in the same order."""
        layers = [(part, n) for n in range(blip.layers) for part in ("key", "value")]
        self._session = session
        names = [each.name for each in session.get_inputs() if each.name.startswith("cross_")]
        self._cross = dict(zip(names, cross, strict=True))
        self._outputs = ["logits", *(f"present_{p}_{n}" for p, n in layers)]
        nothing = np.zeros((1, blip.heads, 0, blip.head_size), np.float32)
        self._memory = _Memory([f"past_{p}_{n}" for p, n in layers], [nothing] * len(layers))

    def read(self, tokens: Ints) -> Floats:
        """Read (B, T) more tokens; the (B, vocabulary) float32 logits of the next."""
        memory = self._memory
        start = memory.arrays[0].shape[2]
        feeds = {"tokens": tokens, "positions": np.arange(start, start + tokens.shape[1])}
        past = dict(zip(memory.names, memory.arrays, strict=True))
        logits, *memory.arrays = self._session.run(self._outputs, feeds | past | self._cross)
        return np.asarray(logits)

    def keep(self, beams: Sequence[int]) -> None:
        """Go on with these beams, in this order."""
        if list(beams) != list(range(len(self._memory.arrays[0]))):
            self._memory.arrays = [array[list(beams)] for array in self._memory.arrays]
