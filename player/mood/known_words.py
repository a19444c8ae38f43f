"""Which words the bundled English reader knows: to it a word of no language sounds like some mood, too."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from tokenizers import Tokenizer

from player.mood.spelling import SPELLED_FROM, nearly

LIST = Path(__file__).with_name("words.txt")
"""Words of our own sentences, of moods and of music that the vocabulary has in short pieces only
(scripts/train/mood_words.py).
"""
SHORTEST = 3
"""Letters of a word that is a piece of the vocabulary: of two letters, nearly everything is one."""
BEGINNING = 4
"""Letters of a first piece by which a word is known: relax|d, synth|wave. Shorter ones begin anything."""
SAY_NOTHING = frozenset(
    (
        *(
            "the",
            "and",
            "for",
            "you",
            "your",
            "our",
            "its",
            "his",
            "her",
            "she",
            "they",
            "them",
            "this",
            "that",
        ),
        *("these", "those", "with", "from", "are", "was", "were", "has", "have", "had", "not", "but", "can"),
        *("will", "would", "could", "should", "please", "want", "wants", "what", "how", "who", "why", "when"),
        *("where", "there", "here"),
    )
)
"""Words that say nothing of a mood: beside them, another must be known."""


class KnownWords:
    """Safe to call from several threads."""

    def __init__(self, tokenizer: Tokenizer, listed: Path = LIST) -> None:
        """`tokenizer`: of lower-case pieces of words (WordPiece). `listed`: words between spaces."""
        self._tokenizer, self._list = tokenizer, listed
        self._pieces = frozenset(tokenizer.get_vocab())

    def any_in(self, text: str) -> bool:
        """Whether there is a word in it that is known, or nearly spelled like one, and says something."""
        words = self._tokenizer.normalizer.normalize_str(text).split()
        return any(self._is_known(_letters(word)) for word in words) or any(
            self._is_known(part) for part in _parts(words)
        )

    def is_word(self, word: str) -> bool:
        """Whether a word of lower-case letters alone is known as it is spelled."""
        if word in SAY_NOTHING:
            return False
        if word in self._listed:
            return True
        if len(word) < SHORTEST or not word.isalpha():
            return False
        first = self._tokenizer.encode(word, add_special_tokens=False).tokens[0]
        return first == word or (len(first) >= BEGINNING and first.isalpha())

    def _is_known(self, word: str) -> bool:
        if self.is_word(word):
            return True
        if len(word) < SPELLED_FROM or not (word.isascii() and word.isalpha()) or word in SAY_NOTHING:
            return False
        return any(near in self._listed or near in self._pieces for near in nearly(word))

    @cached_property
    def _listed(self) -> frozenset[str]:
        return frozenset(self._list.read_text(encoding="utf-8").split())


def _letters(word: str) -> str:
    """lo-fi, r&b and '90s as the list has them."""
    return "".join(filter(str.isalnum, word))


def _parts(words: list[str]) -> list[str]:
    spaced = "".join(letter if letter.isalnum() else " " for letter in " ".join(words))
    return spaced.split()
