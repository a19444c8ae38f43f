"""Korean words in letters, pieces and stems."""

from __future__ import annotations

import pytest

from player.mood.korean_text import jamo, key, pieces, stems, words

KNOWN = {
    key(jamo(stem)): stem
    for stem in ("비", "조용", "춥", "추워", "생일", "파티", "졸리", "일요일", "울", "눈")
}


def test_a_syllable_is_made_of_its_letters() -> None:
    assert jamo("밤a바") == "\u1107\u1161\u11b7a\u1107\u1161"
    assert words("비 오는, Sunday  아침!") == ["비", "오는", "sunday", "아침"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("조용하게", ["조용"]),
        ("조용한 비", ["조용", "비"]),
        ("생일파티를", ["생일", "파티"]),
        ("졸린", ["졸리"]),
        ("추워요", ["추워"]),
        ("비가", ["비"]),
        ("울고", ["울"]),
        ("비빔밥", []),  # begins with 비, and is no rain
        ("눈치", []),
        ("가눈", []),  # within a word a stem of one syllable is chance
        ("ㅁㄴㅇㄹ", []),
        ("", []),
    ],
)
def test_the_longest_stems_are_found_and_short_ones_only_where_they_stand_alone(
    text: str, found: list[str]
) -> None:
    assert [KNOWN[stem] for stem in stems(text, KNOWN)] == found


def test_pieces_of_one_word_in_two_forms_are_mostly_the_same() -> None:
    one, other = pieces("조용한"), pieces("조용하게")
    assert len(one.keys() & other.keys()) > len(one) / 2
    assert not pieces("...")
