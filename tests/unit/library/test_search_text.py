"""Names are found whatever their case, accents and Unicode form."""

import unicodedata

import pytest

from player.library.search_text import names_text, plain, words


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("Beyoncé", "beyonce"),
        ("BEYONCÉ", "beyonce\u0301"),
        ("Dvořák", "dvorak"),
        ("Sigur Rós", "ros"),
        ("Mötley Crüe", "motley crue"),
        ("Søren Øst", "soren ost"),
        ("Łódź", "lodz"),
        ("Straße", "STRASSE"),
        ("Ænima", "aenima"),
        ("봄날", unicodedata.normalize("NFD", "봄날")),
        (unicodedata.normalize("NFD", "방탄소년단"), "소년"),
        ("ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
        ("Чёрный", "черный"),
        ("Don’t Stop", "don't stop"),
        ("Ὀδύσσεια", "οδυσσεια"),
    ],
)
def test_a_name_is_found(text: str, typed: str) -> None:
    assert all(word in plain(text) for word in words(typed))
    assert words(typed)


@pytest.mark.parametrize(("text", "other"), [("が", "か"), ("봄", "보"), ("हि", "ह ि"), ("ab", "ba")])
def test_other_letters_are_other_letters(text: str, other: str) -> None:
    assert plain(other) != plain(text)
    assert plain(other) not in plain(text)


def test_what_is_asked_is_bounded() -> None:
    assert words(" ".join(f"w{n}" for n in range(1000)))[-1] == "w15"
    assert sum(map(len, words("x" * 10_000))) == 200
    assert words(" \t ") == []
    assert len(names_text("x" * 10_000, None, "", "y")) < 310
