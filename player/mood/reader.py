"""What reads texts as moods."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from player.types import Mood


class ReaderName(StrEnum):
    """What the player's own readers are called."""

    BUNDLED = "minilm"
    LLM = "llm"


class MoodReader(Protocol):
    """Reads the atmosphere of a place from sentences about it."""

    name: str
    """Short and stable, for logs and records."""

    @property
    def note(self) -> str | None:
        """Why another reader answers in its place just now; None while it answers itself."""
        ...

    def knows(self, text: str) -> bool:
        """Whether the text has a word that the reader knows: what is typed may be of no language."""
        ...

    def is_word(self, word: str) -> bool:
        """Whether the reader knows a word, in lower case, as it is spelled."""
        ...

    def read(self, texts: Sequence[str]) -> list[Mood]:
        """One Mood for each text, in order; a text that says nothing is read as neutral."""
        ...
