"""The bundled reader of Korean: the pieces of words, and stems with vectors, in numpy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from player.emotions import MOOD7, feelings_at
from player.errors import ModelError
from player.models import MODELS_DIR, verified
from player.mood.circumplex import clipped
from player.mood.korean_text import HANGUL, pieces, stems, words
from player.mood.onnx_reader import MOST, NOTHING
from player.types import Mood

MODEL = "mood_korean.npz"
NEARNESS = 0.5
"""Two texts whose stems' cosine is lower by this than 1 are alike by 1/e."""
PIECES_SHARE = 0.5
"""How much alike pieces count beside alike stems."""

Numbers = npt.NDArray[np.floating]
Whole = npt.NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class Korean:
    """The model (see scripts/train/mood_korean.py): kernel ridge, its pieces folded into weights."""

    stem_keys: Whole
    """(s,) sorted."""
    stem_places: Whole
    """(s,) the row of each in `vectors`."""
    vectors: Whole
    """(v, w) int8."""
    stem_weights: Numbers
    """(s,) what occurs in many texts says less."""
    piece_keys: Whole
    """(p,) sorted."""
    piece_rarity: Numbers
    """(p,) log of how rare a piece is."""
    piece_weights: Numbers
    """(p, 9) what it says of valence, energy and mood7."""
    texts: Whole
    """(n, w) int8: the mean stems of the texts learned from."""
    text_weights: Numbers
    """(n, 9)."""
    middle: Numbers
    """(9,) of a text that says nothing."""

    @cached_property
    def _stems(self) -> dict[int, int]:
        return {int(stem): n for n, stem in enumerate(self.stem_keys)}

    @cached_property
    def _learned(self) -> Numbers:
        return self.texts.astype(np.float32) / 127

    @cached_property
    def _alpha(self) -> Numbers:
        return self.text_weights.astype(np.float32)

    def stems_of(self, text: str) -> list[int]:
        """Where the stems of a text are in `stem_keys`."""
        return [self._stems[stem] for stem in stems(text, self._stems)]

    def pieces_of(self, text: str) -> tuple[npt.NDArray[np.intp], Numbers]:
        """Where its known pieces are in `piece_keys`, and their weights, of length 1."""
        found = pieces(text)
        if not found or not len(self.piece_keys):
            return np.zeros(0, np.intp), np.zeros(0, np.float32)
        wanted = np.array(list(found), np.uint32)
        places = np.searchsorted(self.piece_keys, wanted).clip(max=len(self.piece_keys) - 1)
        known = self.piece_keys[places] == wanted
        counts = np.log1p(np.array(list(found.values()), np.float32))[known]
        weights = counts * self.piece_rarity[places[known]].astype(np.float32)
        length = float(np.linalg.norm(weights))
        return places[known], weights / length if length else weights

    def read(self, text: str) -> Numbers:
        """(9,) valence, energy and a score for each mood7."""
        places, counts = self.pieces_of(text)
        said = self.middle + counts @ self.piece_weights[places].astype(np.float32)
        return np.asarray(said + similar(embedded(self, text)[None], self._learned)[0] @ self._alpha)

    def save(self, path: Path) -> None:
        """Write the file that `opened` reads."""
        np.savez_compressed(path, **{field.name: getattr(self, field.name) for field in fields(self)})


def embedded(model: Korean, text: str) -> Numbers:
    """(w,) the mean direction of its stems; zeros if none is known."""
    found = model.stems_of(text)
    if not found:
        return np.zeros(model.vectors.shape[1], np.float32)
    rows = model.vectors[model.stem_places[found]].astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    mean = model.stem_weights[found].astype(np.float32) @ rows
    length = float(np.linalg.norm(mean))
    return np.asarray(mean / length if length else mean)


def similar(these: Numbers, those: Numbers) -> Numbers:
    """(n, m) from 0 to 1."""
    return np.asarray(np.exp((these @ those.T - 1) / NEARNESS))


def opened(models_dir: Path = MODELS_DIR) -> Korean:
    """The model of models_onnx/mood_korean.npz. Raises ModelError and its children."""
    path = verified(MODEL, models_dir)
    try:
        with np.load(path, allow_pickle=False) as file:
            return Korean(**{field.name: file[field.name] for field in fields(Korean)})
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"{path} cannot be read ({error}).") from error


class KoreanMoodReader:
    """MoodReader on models_onnx/mood_korean.npz. Safe to call from several threads.

    Raises ModelError and its children if the file is missing or damaged.
    """

    name = "korean"
    note = None

    def __init__(self, models_dir: Path = MODELS_DIR) -> None:
        self._model = opened(models_dir)

    def read(self, texts: Sequence[str]) -> list[Mood]:
        """One Mood for each text, in order; NOTHING for one without a stem or word that is known."""
        return [self._read(text[:MOST]) for text in texts]

    def _read(self, text: str) -> Mood:
        if not self._knows(text):
            return NOTHING
        valence, energy, *scores = self._model.read(text).tolist()
        place = clipped(valence, energy)
        return Mood(place.valence, place.energy, feelings_at(place), MOOD7[int(np.argmax(scores))])

    def _knows(self, text: str) -> bool:
        korean = " ".join(word for word in words(text) if HANGUL.search(word))
        return bool(self._model.stems_of(korean))
