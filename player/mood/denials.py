"""What a wish says that the music should not be: who reads sentences hears the "quiet" of "not so quiet"."""

from __future__ import annotations

import re
from functools import cache

from player.emotions import find, vocabularies

REACH = 4
"""So many words after a "not" it is still about: not a very quiet one."""
_WORD = re.compile(r"[a-z]+(?:['’][a-z]+)?|[.,;:!?]")
_NO = frozenset(
    (
        "not",
        "no",
        "never",
        "nor",
        "without",
        "less",
        "stop",
        "hate",
        "dislike",
        "avoid",
        "cannot",
        "dont",
        "isnt",
    )
)
_BUT = frozenset(("anything", "everything", "nothing", "all"))
"""Followed by "but" or "except"."""
_MORE_MOODS = frozenset(
    (
        "quiet",
        "loud",
        "noisy",
        "slow",
        "fast",
        "relax",
        "relaxed",
        "rest",
        "sleep",
        "sleepy",
        "dance",
        "dancing",
    )
)
"""Beside the names that moods have."""
_DENIED = r"\w*(?:지\s*(?:않|말|못)|\s*\w*\s*(?:말고|빼고|싫|그만))"
"""After a Korean word: is not, rather than, hate, enough of."""
_MORE_STEMS = ("조용", "시끄럽", "시끄러", "슬프", "슬픈", "쉬고 싶", "우울", "느리", "느린", "빠르", "빠른")


def denied(text: str) -> str | None:
    """The word for a mood that a sentence, English or Korean, says it should not be; None if there is none.

    It goes by words that stand near each other, and knows no grammar: rather a question too many.
    """
    words: list[str] = _WORD.findall(text.casefold())
    for at, word in enumerate(words):
        follows = words[at + 1 : at + 1 + REACH]
        if word in _NO or word.endswith(("n't", "n’t")):
            found = next((one for one in follows if one in ".,;:!?" or _is_mood(one)), ".")
            if found.isalpha():
                return found
        if word in _BUT and follows[:1] in (["but"], ["except"]) and any(map(_is_mood, follows[1:])):
            return next(filter(_is_mood, follows[1:]))
    return next((str(found.group(1)) for found in _korean().finditer(text)), None)


def _is_mood(word: str) -> bool:
    return word in _MORE_MOODS or find(word) is not None


@cache
def _korean() -> re.Pattern[str]:
    names = {named.korean for vocabulary in vocabularies().values() for named in vocabulary.values()}
    stems = {name.removesuffix("한") if len(name) > 2 else name for name in names} | set(_MORE_STEMS)
    ordered = sorted(stems, key=len, reverse=True)
    return re.compile(f"({'|'.join(map(re.escape, ordered))}){_DENIED}")
