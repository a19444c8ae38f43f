"""Words with a slip of the finger, and with marks about them."""

from __future__ import annotations

import string

SPELLED_FROM = 5
"""Letters from which a word with one letter too many, missing, wrong or exchanged is known: too many are so
near to a shorter one. Of five random letters, 3 % pass; of typed ones with a slip, 75 %.
"""

MARKS = ".,;:!?~…\"'“”‘’"
"""What people put about words that says nothing of a mood."""


def unmarked(text: str) -> str:
    """Its words in small letters, without marks at their ends."""
    return " ".join(word for each in text.casefold().split() if (word := each.strip(MARKS)))


def nearly(word: str) -> set[str]:
    """All that is one slip of the finger away (after Norvig, How to Write a Spelling Corrector, 2007)."""
    letters = string.ascii_lowercase
    halves = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    near = {left + right[1:] for left, right in halves if right}
    near |= {left + right[1] + right[0] + right[2:] for left, right in halves if len(right) > 1}
    near |= {left + letter + right[1:] for left, right in halves if right for letter in letters}
    return near | {left + letter + right for left, right in halves for letter in letters}
