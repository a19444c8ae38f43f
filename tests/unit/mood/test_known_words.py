"""Words that the English reader knows, by its own vocabulary and the shipped list."""

import csv
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from player.models import MODELS_DIR
from player.mood.known_words import LIST, KnownWords
from player.mood.onnx_reader import TOKENIZER

SENTENCES = Path(__file__).parents[3] / "scripts" / "data" / "mood_sentences.tsv"


@pytest.fixture(scope="module")
def words() -> KnownWords:
    return KnownWords(Tokenizer.from_file(str(MODELS_DIR / TOKENIZER)))


NONSENSE = (
    "xyzzy",
    "asdkjh asd",
    "asdf",
    "qwerty",
    "qwertyuiop",
    "asdas",
    "sdfsdf dfgdfg",
    "zxcvbn",
    "aaaaa",
    "hhhhh",
    "x y z",
    "the asdkjh, please!",
    "i want asdkjh",
    "",
)


@pytest.mark.parametrize("text", NONSENSE)
def test_letters_that_are_no_word_are_not_known(words: KnownWords, text: str) -> None:
    assert not words.any_in(text)


TYPED = (
    *(
        "cosy",
        "groovy",
        "lofi",
        "lo-fi",
        "LO-FI",
        "synthwave",
        "hygge",
        "Chillwave",
        "shoegaze",
        "r&b",
        "'90s",
        "dnb",
    ),
    *(
        "relaxd",
        "energtic",
        "livley",
        "happpy",
        "romntic",
        "melancoly",
        "cosyy",
        "quiett",
        "uplfting",
        "mellwo",
    ),
    *("café", "a cosy asdkjh", "more jazz pls", "bossa nova", "x-mas", "party!!!", "gloomy.", "rainy/slow"),
)


@pytest.mark.parametrize("text", TYPED)
def test_what_people_type_is_known_with_its_slips(words: KnownWords, text: str) -> None:
    assert words.any_in(text)


def test_every_english_sentence_of_ours_is_known(words: KnownWords) -> None:
    with SENTENCES.open(encoding="utf-8") as file:
        rows = [*csv.DictReader(file, delimiter="\t")][::20]
    english = [row["caption"] for row in rows if row["caption"].isascii()]
    assert len(english) > 400
    assert [sentence for sentence in english if not words.any_in(sentence)] == []


def test_the_list_is_small_and_holds_what_the_vocabulary_does_not(words: KnownWords) -> None:
    listed = LIST.read_text(encoding="utf-8").split()
    assert listed == sorted(set(listed))
    assert LIST.stat().st_size < 8_000
    plain = KnownWords(Tokenizer.from_file(str(MODELS_DIR / TOKENIZER)), Path("/dev/null"))
    assert [word for word in listed if plain.is_word(word)] == []
