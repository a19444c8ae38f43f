"""The bundled mood reader: a small sentence encoder with four heads, int8, on onnxruntime."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Encoding, Tokenizer

from player.config.settings.mood import MoodSettings
from player.emotions import FEELINGS, MOOD7, NEUTRAL
from player.errors import ModelError
from player.models import MODELS_DIR, open_session, verified
from player.mood.circumplex import clipped
from player.mood.known_words import KnownWords
from player.mood.reader import ReaderName
from player.types import Mood

MODEL, TOKENIZER = "mood.onnx", "mood_tokenizer.json"

MAX_TOKENS = 64
"""Longer texts are read in pieces: captions have about 15 tokens, and the model has seen none longer."""
MOST = 500
"""Characters that are read."""

NOTHING = Mood(0.0, 0.0, dict.fromkeys(FEELINGS, 1 / len(FEELINGS)), NEUTRAL)
"""The mood of a text that says nothing: every feeling is as likely as any other."""


class OnnxMoodReader:
    """MoodReader on models_onnx/mood.onnx: English sentences about places (see the model card).

    Raises ModelError and its children if a file of the model is missing or damaged. Safe to call from
    several threads.
    """

    name: str = ReaderName.BUNDLED
    note = None

    def __init__(self, settings: MoodSettings, models_dir: Path = MODELS_DIR) -> None:
        tokenizer_path = verified(TOKENIZER, models_dir)
        try:
            self._tokenizer = Tokenizer.from_file(str(tokenizer_path))
        except Exception as error:  # tokenizers raises nothing narrower
            raise ModelError(f"{tokenizer_path} cannot be opened by tokenizers ({error}).") from error
        self._words = KnownWords(self._tokenizer)
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._unknown = self._tokenizer.token_to_id("[UNK]")
        self._session = open_session(MODEL, settings.threads, models_dir)

    def knows(self, text: str) -> bool:
        """Whether there is an English word in it, or one that people type so (known_words.py)."""
        return self._words.any_in(_encodable(text))

    def is_word(self, word: str) -> bool:
        """Whether it is an English word (known_words.py)."""
        return self._words.is_word(_encodable(word))

    def read(self, texts: Sequence[str]) -> list[Mood]:
        """One Mood for each text, in order: any unicode, any length; what says nothing is neutral."""
        # One by one: the scales of the int8 activations are taken over the whole batch, so in company a
        # sentence's mood would depend on its neighbours.
        return [self._read(text) for text in texts]

    def _read(self, text: str) -> Mood:
        whole = self._tokenizer.encode(_encodable(text[:MOST]))
        pieces = [piece for piece in (whole, *whole.overflowing) if self._is_known(piece)]
        if not pieces:
            return NOTHING
        said = zip(*(self._outputs(piece) for piece in pieces), strict=True)
        lengths = [piece.special_tokens_mask.count(0) for piece in pieces]
        point, mood7, feelings = (np.average(each, axis=0, weights=lengths) for each in said)
        place = clipped(float(point[0]), float(point[1]))
        return Mood(
            valence=place.valence,
            energy=place.energy,
            moods=dict(zip(FEELINGS, _softmax(feelings), strict=True)),
            mood7=MOOD7[int(np.argmax(mood7))],
        )

    def _is_known(self, piece: Encoding) -> bool:
        words = zip(piece.ids, piece.special_tokens_mask, strict=True)
        return any(not special and token != self._unknown for token, special in words)

    def _outputs(self, piece: Encoding) -> list[npt.NDArray[np.float32]]:
        """(2,) the point, (7,) mood7 and (13,) feelings, of which the last two are logits."""
        ids = np.array([piece.ids], np.int64)
        return [each[0] for each in self._session.run(None, {"ids": ids, "mask": np.ones_like(ids)})]


def _encodable(text: str) -> str:
    """A lone surrogate (from a broken file name, say) is a str that no tokenizer takes."""
    return text.encode("utf-8", "ignore").decode("utf-8")


def _softmax(logits: npt.NDArray[np.float64]) -> list[float]:
    weights = np.exp(logits - logits.max())
    return [float(weight) for weight in weights / weights.sum()]
