"""BLIP checkpoints with random weights that say something: every picture another sentence."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import BlipConfig, BlipForConditionalGeneration, BlipForQuestionAnswering

from scripts.export.blip_checkpoint import bert_tokenizer

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
TEXT = (
    "a an the of in on at with and two three people person man woman room table chair window street cafe dog "
    "cat car tree light dark red blue green old young sitting standing walking empty crowded photo picture "
    "night day rain sun cup plate food book phone shop kitchen bar stage guitar crowd small large wooden"
)
PIECES = ["##s", "##ing", "##ed", "##er", *(f"##{c}" for c in "abcdefghijklmnopqrstuvwxyz")]
VOCABULARY = [*SPECIAL, *TEXT.split(), *PIECES, *"bcdefghijklmnopqrstuvwxyz", "[DEC]", "[ENC]"]

TINY_TEXT = {
    "vocab_size": len(VOCABULARY),
    "hidden_size": 48,
    "encoder_hidden_size": 32,
    "intermediate_size": 96,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "max_position_embeddings": 40,
    "bos_token_id": VOCABULARY.index("[DEC]"),
    "eos_token_id": 2,
    "sep_token_id": VOCABULARY.index("[SEP]"),
    "pad_token_id": 0,
}
TINY_VISION = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "image_size": 64,
    "patch_size": 16,
}


Model = BlipForConditionalGeneration | BlipForQuestionAnswering


def spread(model: Model, seed: int) -> None:
    """Give every weight a spread like a trained model's: as initialised, the image says nothing.

    Matrices keep the size of what they pass on; biases, norms and positions get noise, so that a mix-up of
    any two of them shows.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            noise = torch.randn(weight.shape, generator=generator)
            if "norm" in name.lower() and name.endswith("weight"):
                weight.copy_(1 + 0.2 * noise)
            elif name == "text_decoder.cls.predictions.bias":
                weight.copy_(0.1 * noise)
                weight[model.config.text_config.sep_token_id] += 4  # some sentences end by themselves
            elif name.endswith("bias"):
                weight.copy_(0.1 * noise)
            elif "embedding" in name and "patch" not in name:
                weight.copy_(0.5 * noise)
            else:
                gain = 2.0 if "crossattention" in name else 1.0
                weight.copy_(gain * noise / weight[0].numel() ** 0.5)


BASE_TEXT = {"num_attention_heads": 12}
"""BLIP-base: what differs from BlipTextConfig's defaults; its vision model is BlipVisionConfig's."""


def build(
    folder: Path,
    text: dict[str, object],
    vision: dict[str, object],
    seed: int = 0,
    kind: type[Model] = BlipForConditionalGeneration,
) -> Path:
    """Write a checkpoint in the transformers format, and return its folder."""
    model = kind(BlipConfig(text_config=text, vision_config=vision)).eval()
    spread(model, seed)
    model.save_pretrained(folder)
    bert_tokenizer(VOCABULARY).save(str(folder / "tokenizer.json"))
    return folder
