"""Measures of captions and of answers about pictures, from their papers' formulas."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

Words = tuple[str, ...]

LONGEST_GRAM = 4
SIGMA = 6.0
"""Words by which a caption may differ in length before CIDEr-D falls to 0.6 of its value."""
BETA = 1.2
"""ROUGE-L weighs recall by its square, as the COCO caption evaluation does."""


def words(caption: str) -> Words:
    """Words in lower case without punctuation. COCO's tokenizer also splits "man's"; this one does not."""
    return tuple(re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", caption.lower()))


def cider_d(captions: Sequence[str], references: Sequence[Sequence[str]]) -> list[float]:
    """CIDEr-D of each caption, 0 to 10 (Vedantam et al., CVPR 2015, section 5; COCO prints its mean too).

    references: those of each picture, at least one. How rare an n-gram is comes from these pictures alone,
    so values of different sets do not compare, and one picture alone gives 0. As in the authors' code,
    n-grams are weighed by their counts: the paper's division by the total cancels but for the clipping.
    """
    told = [[_grams(words(reference)) for reference in of_one] for of_one in references]
    seen_in = Counter(gram for of_one in told for gram in set().union(*of_one))
    pictures = math.log(len(references)) if references else 0.0
    rarity = {gram: pictures - math.log(number) for gram, number in seen_in.items()}
    scores = []
    for caption, of_one in zip(captions, told, strict=True):
        said = _grams(words(caption))
        similar = [_similarity(said, reference, rarity, pictures) for reference in of_one]
        scores.append(10 * sum(similar) / len(similar))
    return scores


def _grams(said: Words) -> Counter[Words]:
    return Counter(
        said[start : start + n] for n in range(1, LONGEST_GRAM + 1) for start in range(len(said) - n + 1)
    )


def _similarity(said: Counter[Words], told: Counter[Words], rarity: dict[Words, float], new: float) -> float:
    """Mean over n of the clipped cosine, times the penalty on the difference in length; 0 to 1."""
    total = 0.0
    for n in range(1, LONGEST_GRAM + 1):
        one = {gram: count * rarity.get(gram, new) for gram, count in said.items() if len(gram) == n}
        other = {gram: count * rarity[gram] for gram, count in told.items() if len(gram) == n}
        both = sum(min(weight, other[gram]) * other[gram] for gram, weight in one.items() if gram in other)
        lengths = math.hypot(*one.values()) * math.hypot(*other.values())
        total += both / lengths if lengths else 0.0
    lead = _length(said) - _length(told)
    return total / LONGEST_GRAM * math.exp(-(lead**2) / (2 * SIGMA**2))


def _length(grams: Counter[Words]) -> int:
    return sum(count for gram, count in grams.items() if len(gram) == 1)


def rouge_l(caption: str, references: Iterable[str]) -> float:
    """ROUGE-L, 0 to 1 (Lin, 2004), by the best precision and the best recall among the references."""
    said = words(caption)
    pairs = [(_common(said, told), told) for told in map(words, references) if told]
    precision = max((common / len(said) for common, _ in pairs if said), default=0.0)
    recall = max((common / len(told) for common, told in pairs), default=0.0)
    if not precision or not recall:
        return 0.0
    return (1 + BETA**2) * precision * recall / (recall + BETA**2 * precision)


def _common(one: Words, other: Words) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(other) + 1)
    for word in one:
        before = row
        row = [0]
        for place, against in enumerate(other):
            row.append(before[place] + 1 if word == against else max(row[place], before[place + 1]))
    return row[-1]


# The VQA evaluation (Antol et al., ICCV 2015) compares answers after these changes.
PUNCTUATION = ';/[]"{}()=+\\_-><@`,?!'
ARTICLES = {"a", "an", "the"}
NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
DIGITS = {"none": "0"} | {name: str(number) for number, name in enumerate(NUMBERS)}
SHORT = """
ain't aren't can't could've couldn't didn't doesn't don't hadn't hasn't haven't he's how'd how'll how's
i'm i've isn't it'll let's ma'am might've mightn't must've mustn't needn't not've o'clock oughtn't shan't
should've shouldn't somebody's someone's something's that'd that's there'd there're there's they'd they'll
they're they've 'twas wasn't we've weren't what'll what're what's what've when's where'd where's where've
who'd who'll who's who've why'll why're why's won't would've wouldn't y'all you'd you'll you're you've
"""
WITH_APOSTROPHE = {word.replace("'", ""): word for word in SHORT.split()}


def plain_answer(answer: str) -> str:
    """`answer` as the VQA evaluation compares it: lower case, digits, no articles, no punctuation."""
    text = " ".join(answer.lower().split())
    in_number = re.search(r"\d,\d", text) is not None
    plain = text
    for mark in PUNCTUATION:
        stands_aside = f"{mark} " in text or f" {mark}" in text
        plain = plain.replace(mark, "" if stands_aside or in_number else " ")
    plain = re.sub(r"\.(?!\d)", "", plain)
    kept = [DIGITS.get(word, word) for word in plain.split() if word not in ARTICLES]
    return " ".join(WITH_APOSTROPHE.get(word, word) for word in kept)


def vqa_accuracy(answer: str, people: Sequence[str]) -> float:
    """Accuracy of one answer, 0 to 1: min(those who gave it / 3, 1), averaged over leaving each one out.

    people: what at least two people answered (ten in the VQA data). Raises ValueError for fewer.
    """
    if len(people) < 2:
        raise ValueError(
            f"a question has {len(people)} answers; this measure needs two or more (VQA has ten)."
        )
    given = [plain_answer(one) == plain_answer(answer) for one in people]
    agreeing = sum(given)
    return sum(min((agreeing - same) / 3, 1.0) for same in given) / len(given)
