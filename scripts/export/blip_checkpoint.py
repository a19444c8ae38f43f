"""A BLIP checkpoint in the transformers format, read with numpy alone: no torch, nothing unpickled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from tokenizers import Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import WordPiece

from player.vision.blip.model import Task

Floats = npt.NDArray[np.float32]

ARCHITECTURES: dict[str, Task] = {
    "BlipForConditionalGeneration": "caption",
    "BlipForQuestionAnswering": "answer",
}
CLIP_MEAN, CLIP_STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
"""Of RGB values in 0 to 1, where preprocessor_config.json does not say: BlipImageProcessor's defaults."""
CUBIC = -0.75
"""The a of the cubic convolution kernel in torch.nn.functional.interpolate(mode="bicubic")."""
NEUTRAL = {
    "do_sample": False,
    "min_length": 0,
    "no_repeat_ngram_size": 0,
    "num_beam_groups": 1,
    "repetition_penalty": 1.0,
}
"""Decoding settings that the reader does not have, with the values at which they change nothing."""


class NotBlipError(ValueError):
    """A folder or a hub repository that cannot be exported; the message says why."""


def check_config(config: Mapping[str, Any], where: str, for_player: bool = False) -> Task:
    """What the model of a config.json does. Raises NotBlipError if it cannot be exported.

    for_player: raise it too where the model does not caption, which is all that the player asks.
    """
    kind, architectures = config.get("model_type"), config.get("architectures") or [next(iter(ARCHITECTURES))]
    tasks = [ARCHITECTURES[name] for name in architectures if name in ARCHITECTURES]
    if kind != "blip" or not tasks:
        raise NotBlipError(
            f"{where} is no BLIP that captions or answers (model_type {kind!r}, {', '.join(architectures)}): "
            f"name one whose config.json says {' or '.join(ARCHITECTURES)}."
        )
    for part in ("text_config", "vision_config"):
        act = config.get(part, {}).get("hidden_act", "gelu")
        if act != "gelu":
            raise NotBlipError(f"{where}: {part}.hidden_act is {act!r}, and only 'gelu' can be exported.")
    if for_player and tasks[0] != "caption":
        raise NotBlipError(f"{where} answers questions and cannot be the player's: name --out.")
    return tasks[0]


@dataclass(frozen=True)
class Checkpoint:
    """A folder with config.json, *.safetensors and a tokenizer. Raises NotBlipError if it is not that."""

    folder: Path

    @cached_property
    def config(self) -> dict[str, Any]:
        """config.json, checked, with transformers' defaults where it leaves something out."""
        path = self.folder / "config.json"
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise NotBlipError(f"{self.folder} holds no config.json: name a transformers folder.") from error
        except ValueError as error:
            raise NotBlipError(f"{path} is not JSON ({error}).") from error
        check_config(raw, str(self.folder))
        text = {
            "hidden_size": 768,
            "num_hidden_layers": 12,
            "num_attention_heads": 8,
            "max_position_embeddings": 512,
            "layer_norm_eps": 1e-12,
            "bos_token_id": 30522,
            "sep_token_id": 102,
            "vocab_size": 30524,
        }
        vision = {
            "hidden_size": 768,
            "num_hidden_layers": 12,
            "num_attention_heads": 12,
            "image_size": 384,
            "patch_size": 16,
            "layer_norm_eps": 1e-5,
        }
        return raw | {
            "text_config": text | raw.get("text_config", {}),
            "vision_config": vision | raw.get("vision_config", {}),
        }

    @property
    def task(self) -> Task:
        """What the model does."""
        return check_config(self.config, str(self.folder))

    @cached_property
    def _where(self) -> dict[str, Path]:
        """Tensor name -> the file that holds it."""
        files = sorted(self.folder.glob("*.safetensors"))
        if not files:
            raise NotBlipError(f"{self.folder} holds no .safetensors file; pickled weights are not read.")
        where = {}
        for path in files:
            try:
                with safe_open(path, "np") as file:
                    where |= dict.fromkeys(file.keys(), path)
            except SafetensorError as error:
                raise NotBlipError(f"{path} is damaged ({error}): fetch it again.") from error
        return where

    def __contains__(self, name: str) -> bool:
        return name in self._where

    def __getitem__(self, name: str) -> Floats:
        """A weight as float32. Raises NotBlipError if the checkpoint lacks it."""
        if name not in self._where:
            raise NotBlipError(f"{self.folder} lacks the weight {name}: it is no complete BLIP checkpoint.")
        with safe_open(self._where[name], "np") as file:
            return np.asarray(file.get_tensor(name), np.float32)

    def positions(self, image_size: int) -> Floats:
        """(1, 1 + patches, hidden) position embeddings of the vision model for `image_size` pixels.

        Interpolated where it is not the size of the training, as interpolate_pos_encoding does.
        """
        table = self["vision_model.embeddings.position_embedding"]
        side = round((table.shape[1] - 1) ** 0.5)
        wanted = image_size // self.config["vision_config"]["patch_size"]
        if side == wanted:
            return table
        matrix = cubic_matrix(side, wanted)
        grid = table[0, 1:].reshape(side, side, -1).astype(np.float64)
        grid = np.einsum("yi,xj,ijc->yxc", matrix, matrix, grid, optimize=True)
        patches = grid.reshape(1, wanted * wanted, -1).astype(np.float32)
        return np.concatenate([table[:, :1], patches], axis=1)

    def pixels(self) -> dict[str, Any]:
        """Mean and standard deviation (RGB, of values in 0 to 1), from preprocessor_config.json or CLIP's."""
        found = self._json("preprocessor_config.json")
        return {
            "mean": found.get("image_mean", CLIP_MEAN),
            "std": found.get("image_std", CLIP_STD),
        }

    def decoding(self) -> dict[str, Any]:
        """How a caption or an answer is found.

        The special ids are those of BLIP's generate, the rest is as the checkpoint asks for.
        generation_config.json comes before text_config, where older checkpoints keep these settings.
        """
        text = self.config["text_config"]
        asked = text | {k: v for k, v in self._json("generation_config.json").items() if v is not None}
        for name, neutral in NEUTRAL.items():
            if asked.get(name) not in (None, neutral):
                print(f"note: {name} = {asked[name]} of the checkpoint is not supported and left out")
        return {
            "bos": text["bos_token_id"],
            "eos": text["sep_token_id"],
            "max_length": asked.get("max_length"),
            "beams": asked.get("num_beams") or 1,
            "length_penalty": 1.0 if asked.get("length_penalty") is None else float(asked["length_penalty"]),
            "early_stopping": asked.get("early_stopping") or False,
        }

    def tokenizer(self) -> Tokenizer:
        """The checkpoint's BERT tokenizer, from tokenizer.json or vocab.txt."""
        path = self.folder / "tokenizer.json"
        if path.is_file():
            return Tokenizer.from_file(str(path))
        if (self.folder / "vocab.txt").is_file():
            return bert_tokenizer((self.folder / "vocab.txt").read_text(encoding="utf-8").splitlines())
        raise NotBlipError(f"{self.folder} holds neither tokenizer.json nor vocab.txt.")

    def _json(self, name: str) -> dict[str, Any]:
        path = self.folder / name
        found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        assert isinstance(found, dict)
        return found


def bert_tokenizer(words: list[str]) -> Tokenizer:
    """An uncased BERT tokenizer over `words`, which hold [PAD], [UNK], [CLS], [SEP] and [MASK]."""
    ids = {word: number for number, word in enumerate(words)}
    tokenizer = Tokenizer(WordPiece(ids, unk_token="[UNK]"))
    tokenizer.add_special_tokens([word for word in words if word.startswith("[") and word.endswith("]")])
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", ids["[SEP]"]), ("[CLS]", ids["[CLS]"]))
    return tokenizer


def cubic_matrix(size: int, wanted: int) -> npt.NDArray[np.float64]:
    """(wanted, size) weights of cubic convolution, pixel centres at halves, the border repeated."""
    matrix = np.zeros((wanted, size))
    for out in range(wanted):
        place = (out + 0.5) * size / wanted - 0.5
        first = int(np.floor(place)) - 1
        for tap in range(first, first + 4):
            matrix[out, min(max(tap, 0), size - 1)] += _cubic(abs(place - tap))
    return matrix


def _cubic(x: float) -> float:
    if x <= 1:
        return (CUBIC + 2) * x**3 - (CUBIC + 3) * x**2 + 1
    return CUBIC * (x**3 - 5 * x**2 + 8 * x - 4) if x < 2 else 0.0
