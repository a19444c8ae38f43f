"""What a wish says that the music should not be: who reads sentences hears the "quiet" of "not so quiet"."""

from __future__ import annotations

import re
from functools import cache

from player.emotions import find, vocabularies

REACH = 4
"""So many words after a "not" it is still about: not a very quiet one."""
_WORD = re.compile(r"[a-z]+(?:['’´`][a-z]+)?|[.,;:!?]")
_NO = frozenset(
    (
        "not",
        "no",
        "none",
        "nothing",
        "never",
        "nor",
        "than",
        "without",
        "less",
        "stop",
        "hate",
        "dislike",
        "avoid",
        "cannot",
    )
)
_NOT = re.compile(
    r".*n['’´`]t|(?:is|are|was|were|do|does|did|wo|would|should|could|ca|must|need|ai|have|has|had)nt"
)
"""Isn't, with its mark and without."""
_NO_OF = frozenset(("instead", "enough", "tired", "sick"))
"""Followed by "of"; loud enough to dance is something else."""
_BUT = frozenset(("anything", "everything", "all"))
"""Followed by "but" or "except". Nothing but calm music is calm music."""
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
_DENIED = (
    r"\w*(?:(?:지|지는|지를|진|질)\s*(?:않|말|못|마)"
    r"|\s*\w*(?:\s+(?:음악|노래|곡|분위기|느낌|건|거|것|게|좀|이제|이젠|더|너무|지금|오늘|제발|듣기|그런|같은)\w*){0,3}"
    r"\s*(?:말고|빼(?!어)|제외|대신|싫|그만(?!큼)|필요\s*없|아닌|아니(?!면)|(?:틀|켜|하|넣|나오|듣)지\s*(?:마|말)))"
)
"""After a Korean word: is not, rather than, without, instead of, hate, enough of, do not play."""
_DENYING = r"(?:^|\s)덜\s*|(?:^|[.,;:!?]\s*|(?:은|는|이|도|만|좀|너무|별로|전혀)\s+)안\s+"
"""Before one: less, not. After a noun 안 is within, as in a quiet room."""
_MORE_STEMS = ("조용", "시끄럽", "시끄러", "슬프", "슬픈", "쉬고 싶", "우울", "느리", "느린", "빠르", "빠른")


def denied(text: str) -> str | None:
    """The word for a mood that a sentence, English or Korean, says it should not be; None if there is none.

    It goes by words that stand near each other, and knows no grammar: rather a question too many.
    """
    words: list[str] = _WORD.findall(text.casefold())
    for at, word in enumerate(words):
        follows = words[at + 1 : at + 1 + REACH]
        if follows[:1] in (["but"], ["except"]) and word == "nothing":
            continue
        if word in _NO or _NOT.fullmatch(word) or (word in _NO_OF and follows[:1] == ["of"]):
            found = next((one for one in follows if one in ".,;:!?" or _is_mood(one)), ".")
            if found.isalpha():
                return found
        if word in _BUT and follows[:1] in (["but"], ["except"]) and any(map(_is_mood, follows[1:])):
            return next(filter(_is_mood, follows[1:]))
    return next((str(found[1] or found[2]) for found in _korean().finditer(text)), None)


def _is_mood(word: str) -> bool:
    return word in _MORE_MOODS or find(word) is not None


@cache
def _korean() -> re.Pattern[str]:
    names = {named.korean for vocabulary in vocabularies().values() for named in vocabulary.values()}
    stems = {name.removesuffix("한") if len(name) > 2 else name for name in names} | set(_MORE_STEMS)
    ordered = sorted(stems, key=len, reverse=True)
    stem = f"({'|'.join(map(re.escape, ordered))})"
    return re.compile(f"(?:{_DENYING}){stem}|{stem}{_DENIED}")
