"""What a larger reader (mood_teacher.py) says of sentences, for the shipped one (mood.py) to learn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

import numpy as np

from player.emotions import MOOD7
from player.types import MoodPoint
from scripts.train.image_mood_data import judged, look
from scripts.train.mood_data import MORE_PHOTOS, Labelled, held_picture, photo_labels, rows_of
from scripts.train.mood_grammar import composed

UNJUDGED, SEEN, COMPOSED = "unjudged", "seen", "composed"
"""Sources of sentences that nobody has labelled."""
MADE_UP = 8000
"""Composed sentences."""


@dataclass(frozen=True)
class Opinions:
    """The larger reader's opinion of each sentence."""

    texts: list[str]
    sources: list[str]
    points: np.ndarray
    """(n, 2) in [-1, 1]."""
    moods: np.ndarray
    """(n, 7) shares of mood7."""
    feelings: np.ndarray
    """(n, 13) shares of the feelings."""

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, **{field.name: getattr(self, field.name) for field in fields(self)})

    @classmethod
    def load(cls, path: Path) -> Opinions:
        with np.load(path) as found:
            texts, sources = ([str(text) for text in found[name]] for name in ("texts", "sources"))
            return cls(texts, sources, *(found[name] for name in ("points", "moods", "feelings")))

    def of(self, items: Sequence[Labelled]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Points, and shares of mood7 and of the feelings. Raises KeyError if it has none of an item."""
        rows = [self._row_of[item.text] for item in items]
        return self.points[rows], self.moods[rows], self.feelings[rows]

    def alone(self) -> list[Labelled]:
        """The sentences that nobody else has labelled, with these opinions for labels."""
        return [
            Labelled(text, MoodPoint(*map(float, point)), MOOD7[mood], MOOD7[mood], "", source)
            for text, source, point, mood in zip(
                self.texts, self.sources, self.points, self.moods.argmax(1), strict=True
            )
            if source in (UNJUDGED, SEEN, COMPOSED)
        ]

    @cached_property
    def _row_of(self) -> dict[str, int]:
        return {text: n for n, text in enumerate(self.texts)}


def unlabelled() -> dict[str, str]:
    """Sentences that nobody has labelled, and their sources.

    The captions in photos_pseudo but the two of each photo that were judged, what the compact reader says of
    these photos (none of a photo that is held out), and sentences of mood_grammar.py.
    """
    judged_ones = {(row["photo"], int(row["caption"]) - 1) for row in photo_labels(captions=True)}
    found = {
        caption.strip(): UNJUDGED
        for row in rows_of(MORE_PHOTOS)
        if not held_picture(row["id"])
        for n, caption in enumerate(row["captions"].split(" | "))
        if (row["id"], n) not in judged_ones
    }
    files = [path for path in judged().files if not held_picture(path.name)]
    made_up = dict.fromkeys(composed(MADE_UP), COMPOSED)
    return made_up | dict.fromkeys(look(files).sentences, SEEN) | found
