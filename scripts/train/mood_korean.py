"""Train the Korean mood reader and write models_onnx/mood_korean.npz.

    python -m scripts.train.mood_korean [--keep stems.npz]

Two kernels and a ridge: how alike two texts are in the pieces of their words, and in the mean of their stems'
vectors. The vectors are those of the language model in the wheel kiwipiepy_model (Apache-2.0), for the stems
that it knows best; kiwipiepy also conjugates the stems, so that the player finds them without it. Trained on
the lines of scripts/data/mood_sentences_ko.tsv that are for training and four fifths of the Korean ones in
mood_sentences.tsv; `python -m scripts.evaluate.mood_korean` measures the rest. About 3 CPU minutes.

Needs kiwipiepy 0.24 (about 110 MB) and numpy. --keep: the stems' vectors, read from there if it exists.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from player.emotions import MOOD7
from player.models import MODELS_DIR
from player.mood.korean_reader import MODEL, PIECES_SHARE, Korean, embedded, similar
from player.mood.korean_text import key, pieces, stems
from scripts.export.manifest import record
from scripts.train.mood_korean_data import Sentence, labels, scores, sentences

STEMS, LANDMARKS, AMONG, WIDTH = 18000, 400, 8000, 128
"""Stems shipped, the most frequent; landmarks that their vectors are found by; numbers kept of a vector."""
RIDGE, RAREST = 0.4, 2
"""RAREST: a piece seen in fewer lines is left out; it says little, and they are many."""
_KINDS = ("NNG", "VV", "VA", "XR", "MAG", "IC")
_ENDINGS = (("어", "EC"), ("은", "ETM"), ("을", "ETM"))
_NOTHING = {"하", "되", "있", "보", "이", "것", "수", "등"}
"""Stems in every sentence."""


def vectors(keep: Path | None) -> tuple[np.ndarray, list[str], list[str]]:
    """Stems and their vectors (n, 256), frequent ones first: vectors, forms, kinds."""
    if keep is not None and keep.exists():
        kept = np.load(keep)
        return kept["vectors"], list(kept["forms"]), list(kept["kinds"])
    from kiwipiepy import Kiwi  # type: ignore[import-not-found,unused-ignore] # noqa: PLC0415

    kiwi: Any = Kiwi(model_type="cong-global", num_workers=1)
    every = sorted(kiwi.most_similar_morphemes(("우울", "NNG"), 10**6), key=lambda one: one.id)
    chosen = [one for one in every if one.tag.split("-")[0] in _KINDS and re.fullmatch("[가-힣]+", one.form)]
    place = {one.id: n for n, one in enumerate(chosen)}
    marks = np.random.default_rng(0).choice(AMONG, LANDMARKS, replace=False)
    alike = np.zeros((len(chosen), LANDMARKS))
    for column, mark in enumerate(marks):
        for one in kiwi.most_similar_morphemes(chosen[mark].id, 10**6):
            if one.id in place:
                alike[place[one.id], column] = one.score
        alike[mark, column] = 1.0
    # The wheel tells cosines, not vectors; those to more landmarks than a vector is long give the vectors.
    power, axes = np.linalg.eigh((alike[marks] + alike[marks].T) / 2)
    real = power > 1e-3
    found = alike @ (axes[:, real] / np.sqrt(power[real]))
    forms, kinds = [one.form for one in chosen], [one.tag for one in chosen]
    if keep is not None:
        np.savez(keep, vectors=found.astype(np.float32), forms=forms, kinds=kinds)
    return found, forms, kinds


def table(keep: Path | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The stems as the player finds them: keys (sorted), the vector of each key, and the vectors, int8."""
    found, forms, kinds = vectors(keep)
    found, forms, kinds = found[:STEMS], forms[:STEMS], kinds[:STEMS]
    found = found - found.mean(0)
    _, _, axes = np.linalg.svd(found, full_matrices=False)
    found = found @ axes[:WIDTH].T
    found *= 127 / np.abs(found).max(1, keepdims=True)
    places: dict[int, int] = {}
    for n, (form, kind) in enumerate(zip(forms, kinds, strict=True)):
        if form not in _NOTHING:
            for spelling in spellings(form, kind):
                places.setdefault(key(spelling), n)
    keys = np.array(sorted(places), np.uint32)
    return keys, np.array([places[int(one)] for one in keys], np.uint16), np.rint(found).astype(np.int8)


def spellings(form: str, kind: str) -> set[str]:
    """In jamo: the stem, and of a verb or adjective as it stands before the commonest endings."""
    from kiwipiepy import Kiwi  # type: ignore[import-not-found,unused-ignore] # noqa: PLC0415

    from player.mood.korean_text import jamo  # noqa: PLC0415

    found = {jamo(form)}
    if kind[:2] in ("VV", "VA"):
        joiner: Any = _joiner(Kiwi)
        found |= {jamo(joiner.join([(form, kind), ending])) for ending in _ENDINGS}
    return found


_JOINER: list[Any] = []


def _joiner(kind: Any) -> Any:
    if not _JOINER:
        _JOINER.append(kind(num_workers=1))
    return _JOINER[0]


def trained(rows: Sequence[Sentence], keys: np.ndarray, places: np.ndarray, known: np.ndarray) -> Korean:
    """The model fitted to `rows`."""
    in_lines: Counter[int] = Counter()
    for row in rows:
        in_lines.update(pieces(row.text).keys())
    kept = np.array(sorted(piece for piece, count in in_lines.items() if count >= RAREST), np.uint32)
    rarity = np.array([np.log(len(rows) / in_lines[int(piece)]) for piece in kept], np.float32)
    seen = Counter(int(stem) for row in rows for stem in set(stems(row.text, set(keys.tolist()))))
    weights = np.array([1 / (1 + seen[int(one)] / 30) for one in keys], np.float32)
    empty = np.zeros((0, 2 + len(MOOD7)), np.float32)
    model = Korean(keys, places, known, weights, kept, rarity, empty, empty, empty, np.zeros(2 + len(MOOD7)))
    bags = np.zeros((len(rows), len(kept)), np.float32)
    means = np.zeros((len(rows), known.shape[1]), np.float32)
    for n, row in enumerate(rows):
        at, counts = model.pieces_of(row.text)
        bags[n, at] = counts
        means[n] = embedded(model, row.text)
    wanted = labels(rows)
    middle = wanted.mean(0)
    alike = similar(means, means) + PIECES_SHARE * bags @ bags.T
    alpha = np.linalg.solve(alike + RIDGE * np.eye(len(rows)), wanted - middle)
    half = np.float16
    return Korean(
        keys,
        places,
        known,
        weights.astype(half),
        kept,
        rarity.astype(half),
        (PIECES_SHARE * bags.T @ alpha).astype(half),
        np.rint(means * 127).astype(np.int8),
        alpha.astype(half),
        middle.astype(np.float32),
    )


def folds(rows: Sequence[Sentence], stem_table: tuple[np.ndarray, ...]) -> None:
    """Print what five folds of the training rows say."""
    fold = np.random.default_rng(0).integers(0, 5, len(rows))
    found = []
    for n in range(5):
        out = [row for row, of in zip(rows, fold, strict=True) if of == n and row.kind != "lexicon"]
        model = trained([row for row, of in zip(rows, fold, strict=True) if of != n], *stem_table)
        found.append(list(scores(model, out).values()))
    print("five folds: mean", np.mean(found, 0).round(3), "spread", np.std(found, 0).round(3))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--keep", type=Path)
    stem_table = table(parser.parse_args().keep)
    every = sentences()
    rows = [row for row in every if row.split == "train"]
    folds(rows, stem_table)
    model = trained(rows, *stem_table)
    metrics = {
        split: scores(model, [row for row in every if row.split == split])
        for split in ("test", "other", "captions")
    }
    print(metrics)
    model.save(MODELS_DIR / MODEL)
    record(
        MODEL,
        source="scripts/data/mood_sentences_ko.tsv and the Korean lines of mood_sentences.tsv; "
        "the stems' vectors are those of kiwipiepy_model 0.24.0 (PyPI)",
        licence="Apache-2.0",
        built_by="scripts/train/mood_korean.py",
        metrics=metrics,
    )


if __name__ == "__main__":
    main()
