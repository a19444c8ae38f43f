"""What an owner says of a moment, beside what was seen then."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from player.mood.spelling import unmarked
from player.types import MoodPoint

FEWEST = 3
"""Moments that an owner taught, before anything is corrected."""
FEWEST_WORDS = 2
"""Different ones among them: those that all say the same tell nothing apart."""
TAUGHT_FOR_ONE = 3
"""Moments taught for each one that is concluded: all of those together count a tenth of what was taught."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment of a room, and what somebody says it was like. Of the picture numbers alone are kept."""

    number: int
    at: float
    """Seconds since 1970."""
    word: str
    valence: float | None
    """What it should be read as; None: nothing was said of it."""
    energy: float
    weight: float
    """1 if it was taught, less if it was concluded from something else."""
    read: MoodPoint
    """What was read without teaching."""
    numbers: tuple[float, ...]
    made_by: str
    view: tuple[float, ...]

    @property
    def is_taught(self) -> bool:
        """Whether the owner said it of the room."""
        return self.weight >= 1


def still_wanted(moments: Iterable[Moment]) -> tuple[int, int]:
    """How many moments, and how many other words, an owner must still teach before anything is corrected."""
    words = [unmarked(moment.word) for moment in moments if moment.is_taught]
    return max(0, FEWEST - len(words)), max(0, FEWEST_WORDS - len(set(words)))


def outdated(moments: Sequence[Moment]) -> list[Moment]:
    """Those concluded of one view, the oldest first, for which newer ones stand: what is done daily adds up.

    The newest of each word stays, as far as enough was taught beside them; one does in any case.
    """
    newest = {unmarked(moment.word): moment for moment in moments if not moment.is_taught}
    most = max(1, sum(moment.is_taught for moment in moments) // TAUGHT_FOR_ONE)
    stay = sorted(newest.values(), key=lambda moment: moment.number)[-most:]
    return [moment for moment in moments if not moment.is_taught and moment not in stay]
