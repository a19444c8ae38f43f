"""What a wish says that the music should not be: who reads sentences hears the "quiet" of "not so quiet"."""

from __future__ import annotations

import re
from functools import cache

from player.emotions import find, vocabularies

REACH = 4
"""So many words after a "not" it is still about: not a very quiet one."""
_OF_MUSIC = (
    "and|or|but|for|in|on|now|please|today|tonight|music|songs?|tracks?|tunes?|stuff|metal|moods?|vibes?"
)
_WORD = re.compile(rf"(?:dark|heavy) (?!(?:{_OF_MUSIC})\b)[a-z]+|[a-z]+(?:['’´`][a-z]+)?|[.,;:!?]")
"""A dark cloud and heavy traffic are no moods, dark music and what is not so heavy are."""
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
_OUT = frozenset(("skip", "ditch", "ban", "exclude"))
_ASKING = frozenset((*".,;:!?", "please", "just", "you", "to"))
"""Before what somebody asks for, if it is no beginning: who skips to music asks for nothing."""
_NOT = re.compile(
    r".*n['’´`]t|(?:is|are|was|were|do|does|did|wo|would|should|could|ca|must|need|ai|have|has|had)nt"
)
"""Isn't, with its mark and without."""
_NO_OF = frozenset(("instead", "enough", "tired", "sick", "rid", "opposite"))
"""Followed by "of"; loud enough to dance is something else."""
_OTHERWISE = (
    (re.compile(r"\b(?:apart|aside) from\b"), "except"),
    (re.compile(r"\bfar from (?=(?:being )?\w+\s*(?:[.,;:!?]|$))"), "not "),
)
"""What says the same in two words. Far from the busy city is something else."""
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
        "dark",
        "heavy",
        "boring",
    )
)
"""Beside the names that moods have."""
_OF_IT = "음악|노래|곡|분위기|느낌|건|거|것|게|좀|이제|이젠|더|너무|지금|오늘|제발|듣|그런|같은"
_MUSIC = rf"(?:\s+(?:{_OF_IT})\w*){{0,3}}\s*"
_DENIED = (
    r"\w*(?:(?:지[는를가도만]?|진|질)\s*않|(?:지[는를]?|진|질)\s*(?:말|못|마)"
    rf"|(?:\s+\w*)?{_MUSIC}"
    r"(?:말고(?!는?\s*아무것도)|빼(?!어)|제외|대신|싫|그만(?!큼)|필요\s*없|아닌|아니(?!면)|(?:틀|켜|하|넣|나오|듣)지\s*(?:마|말))"
    rf"|{_MUSIC}"
    r"(?:(?:듣고\s*싶|원하|좋아하)(?:지[는를가도]?|진)\s*않|원치\s*않|안\s*(?:듣|들을|들어|틀|돼|되|된|원|좋아)"
    r"|금지|없이|꺼\s*(?:줘|주|라|버|[.!]*$)))"
)
"""After a Korean word: is not, rather than, without, instead of, hate, enough of, do not play; and then what
must stand with the music itself, as somebody says without words or inside a quiet cafe, too.
"""
_NEITHER = re.compile(r"지도\s.*?지도\s*않")
"""Neither slow nor fast is something between."""
_DENYING = r"(?:^|\s)덜\s*|(?:^|[.,;:!?]\s*|(?:은|는|이|도|만|좀|너무|별로|전혀)\s+)안\s+"
"""Before one: less, not. After a noun 안 is within, as in a quiet room."""
_MORE_STEMS = (
    "조용",
    "시끄럽",
    "시끄러",
    "슬프",
    "슬픈",
    "쉬고 싶",
    "우울",
    "느리",
    "느린",
    "빠르",
    "빠른",
    "슬픔",
    "잔잔",
    "신나",
    "무섭",
    "어둡",
    "어두",
    "졸린",
    "무거운",
    "처지는",
)


def denied(text: str) -> str | None:
    """The word for a mood that a sentence, English or Korean, says it should not be; None if there is none.

    It goes by words that stand near each other, and knows no grammar: rather a question too many.
    """
    plain = text.casefold()
    for pattern, word in _OTHERWISE:
        plain = pattern.sub(word, plain)
    words: list[str] = _WORD.findall(plain)
    for at, word in enumerate(words):
        follows = words[at + 1 : at + 1 + REACH]
        if follows[:1] in (["but"], ["except"]) and word == "nothing":
            continue
        out = word in _OUT and (at == 0 or words[at - 1] in _ASKING)
        if out or word in _NO or _NOT.fullmatch(word) or (word in _NO_OF and follows[:1] == ["of"]):
            found = next((one for one in follows if one in ".,;:!?" or _is_mood(one)), ".")
            if found.isalpha():
                return found
        if word in _BUT and follows[:1] in (["but"], ["except"]) and any(map(_is_mood, follows[1:])):
            return next(filter(_is_mood, follows[1:]))
    return next((str(found[1] or found[2]) for found in _korean().finditer(_NEITHER.sub("", text))), None)


def _is_mood(word: str) -> bool:
    return word in _MORE_MOODS or find(word) is not None


@cache
def _korean() -> re.Pattern[str]:
    names = {named.korean for vocabulary in vocabularies().values() for named in vocabulary.values()}
    stems = {name.removesuffix("한") if len(name) > 2 else name for name in names} | set(_MORE_STEMS)
    ordered = sorted(stems, key=len, reverse=True)
    stem = f"({'|'.join(map(re.escape, ordered))})"
    return re.compile(f"(?:{_DENYING}){stem}|{stem}{_DENIED}")
