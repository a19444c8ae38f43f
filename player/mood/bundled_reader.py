"""The bundled readers as one: each language is read by the reader that knows it."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from player.config.settings.mood import MoodSettings
from player.emotions import feelings_at
from player.models import MODELS_DIR
from player.mood.korean_reader import KoreanMoodReader
from player.mood.korean_text import HANGUL
from player.mood.onnx_reader import NOTHING, OnnxMoodReader
from player.types import Mood, MoodPoint


class BundledMoodReader(OnnxMoodReader):
    """MoodReader of English and Korean; the Korean model is opened for the first text with Hangul in it.

    Safe to call from several threads.
    """

    def __init__(self, settings: MoodSettings, models_dir: Path = MODELS_DIR) -> None:
        super().__init__(settings, models_dir)
        self._models_dir = models_dir
        self._opening = threading.Lock()

    @cached_property
    def _korean(self) -> KoreanMoodReader:
        return KoreanMoodReader(self._models_dir)

    def knows(self, text: str) -> bool:
        """Whether either reader knows a word of it. Raises as `read` does."""
        text = _composed(text)
        if not HANGUL.search(text):
            return super().knows(text)
        with self._opening:
            korean = self._korean
        return korean.read([text])[0] != NOTHING or super().knows(_without_hangul(text))

    def read(self, texts: Sequence[str]) -> list[Mood]:
        """One Mood for each text, in order; NOTHING for what says nothing in either language.

        Raises ModelError and its children if a text is Korean and the Korean model cannot be opened.
        """
        english = super().read
        return [
            self._read_either(text) if HANGUL.search(text) else english([text])[0]
            for text in map(_composed, texts)
        ]

    def _read_either(self, text: str) -> Mood:
        with self._opening:
            korean = self._korean
        said = korean.read([text])[0]
        rest = _without_hangul(text)
        latin, hangul = sum(map(str.isalpha, rest)), len(HANGUL.findall(text))
        if not latin or (said != NOTHING and not super().knows(rest)):
            return said
        other = super().read([rest])[0]
        if NOTHING in (said, other):
            return other if said == NOTHING else said
        # A syllable of Korean says about as much as two letters of English.
        share = 2 * hangul / (2 * hangul + latin)
        place = MoodPoint(
            share * said.valence + (1 - share) * other.valence,
            share * said.energy + (1 - share) * other.energy,
        )
        mood7 = said.mood7 if share >= 0.5 else other.mood7
        return Mood(place.valence, place.energy, feelings_at(place), mood7)


def _composed(text: str) -> str:
    """Korean in whole syllables, as the readers know it: macOS and some keyboards send its parts (NFD)."""
    return unicodedata.normalize("NFC", text)


def _without_hangul(text: str) -> str:
    return " ".join(word for word in text.split() if not HANGUL.search(word))
