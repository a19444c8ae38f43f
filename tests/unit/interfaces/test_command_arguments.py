"""What commands take, as it is typed."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest

from player.interfaces import command_arguments


@pytest.mark.parametrize("take", [command_arguments.sentence, command_arguments.spoken])
@pytest.mark.parametrize("text", ["조용", "초기화", "잊기 3"])
def test_korean_in_its_parts_is_the_same_text(take: Callable[[object], object], text: str) -> None:
    assert take(unicodedata.normalize("NFD", text)) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d🍳 cooks", "👩\u200d🍳 cooks"),
        ("\ufeffwe\u200b close\u00ad now", "we close now"),
        ("\u202eabc\u2069", "abc"),
        ("a\u2028b", "a b"),
    ],
    ids=ascii,
)
def test_what_is_spoken_keeps_the_signs_that_join_and_loses_those_that_nobody_sees(
    text: str, said: str
) -> None:
    assert command_arguments.spoken(text) == said


@pytest.mark.parametrize("text", ["a\x1b[2J", "a\x00", "\u00ad-f", "\u200d-f"], ids=ascii)
def test_what_steers_a_terminal_or_looks_like_an_option_is_not_spoken(text: str) -> None:
    with pytest.raises(ValueError, match="no text"):
        command_arguments.spoken(text)
