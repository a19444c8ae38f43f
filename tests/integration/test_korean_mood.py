"""The bundled reader of Korean, with its real model, beside the English one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from player.config.settings.mood import MoodSettings
from player.errors import ModelFileDamagedError, WishError
from player.models import MODELS_DIR
from player.mood.bundled_reader import BundledMoodReader
from player.mood.korean_reader import MODEL, opened
from player.mood.onnx_reader import NOTHING, OnnxMoodReader
from player.mood.wishes import read_wish
from scripts.train.mood_korean_data import scores, sentences


@pytest.fixture(scope="module")
def reader() -> BundledMoodReader:
    return BundledMoodReader(MoodSettings())


def test_held_out_sentences_are_read_as_well_as_the_card_says() -> None:
    """The floor is a little under the figures of models_onnx/README.md."""
    held_out = [row for row in sentences() if row.split != "train"]
    assert len(held_out) >= 300
    found = scores(opened(), held_out)
    assert found["valence"] > 0.68
    assert found["energy"] > 0.74


@pytest.mark.parametrize(
    ("axis", "lower", "higher"),
    [
        ("energy", "비 오는 일요일 아침", "퇴근 후 신나게"),
        ("energy", "마감 시간 차분하게", "손님 많은 점심시간"),
        ("energy", "조용한 서점", "춤추는 사람들로 가득한 클럽"),
        ("energy", "천천히 쉬고 싶어요", "다 같이 뛰면서 놀자"),
        ("valence", "장례식장에서 우는 사람들", "결혼식에서 웃는 사람들"),
        ("valence", "버려진 건물에 혼자", "친구들과 생일파티"),
        ("valence", "슬프고 외로운 밤", "슬프지 않은 밤"),
    ],
)
def test_obvious_pairs_are_ranked(reader: BundledMoodReader, axis: str, lower: str, higher: str) -> None:
    low, high = reader.read([lower, higher])
    assert getattr(low, axis) + 0.1 < getattr(high, axis)


def test_a_wish_in_korean_is_answered_with_the_mood_that_was_read(reader: BundledMoodReader) -> None:
    read = read_wish("비 오는 일요일 아침", lambda: reader)
    assert read.mood.energy < -0.2
    assert read.why.startswith("the Korean reader read the sentence: ")


@pytest.mark.parametrize("text", ["ㅁㄴㅇㄹ", "ㅁㄴㅇㄹ ㅂㅈㄷㄱ", "뷁", "쀍쉟쮉", "ㅏㅏㅏ", "\u1112\u11ab"])
def test_korean_letters_without_a_word_say_no_mood(reader: BundledMoodReader, text: str) -> None:
    assert reader.read([text]) == [NOTHING]
    with pytest.raises(WishError, match="no mood was recognised"):
        read_wish(text, lambda: reader)


@pytest.mark.parametrize("text", ["xyzzy", "asdkjh asd", "qwerty", "ㅁㄴㅇㄹ asdf", "뷁 xyzzy", "the asdkjh"])
def test_latin_letters_without_a_word_say_no_mood(reader: BundledMoodReader, text: str) -> None:
    with pytest.raises(WishError, match="no mood was recognised"):
        read_wish(text, lambda: reader)


@pytest.mark.parametrize("text", ["groovy", "lo-fi", "synthwave", "hygge", "relaxd", "a cosyy evening"])
def test_words_of_today_and_slips_are_read(reader: BundledMoodReader, text: str) -> None:
    assert read_wish(text, lambda: reader).mood == reader.read([text])[0]


@pytest.mark.parametrize(
    ("text", "meant"), [("cosyy", "cosy"), ("livley", "lively"), ("upbaet music", "upbeat")]
)
def test_a_name_with_a_slip_is_that_name_and_not_what_the_letters_sound_like(
    reader: BundledMoodReader, text: str, meant: str
) -> None:
    assert read_wish(text, lambda: reader).mood == read_wish(meant, lambda: reader).mood


@pytest.mark.parametrize(
    "text", ["sunny", "rainy", "party", "garden", "winter", "coffee", "dinner", "morning"]
)
def test_a_right_word_is_no_slip(reader: BundledMoodReader, text: str) -> None:
    assert read_wish(text, lambda: reader).mood == reader.read([text])[0]


def test_letters_without_a_word_do_not_change_what_is_korean(reader: BundledMoodReader) -> None:
    assert reader.read(["조용한 저녁 asdkjh"])[0].energy == pytest.approx(
        reader.read(["조용한 저녁"])[0].energy
    )


def test_english_is_read_as_before_and_a_mixture_by_both(reader: BundledMoodReader) -> None:
    english = "people dancing at a party"
    assert reader.read([english]) == OnnxMoodReader(MoodSettings()).read([english])
    calm, mixed, party = reader.read(["조용한 저녁", f"조용한 저녁 {english}", english])
    assert calm.energy < mixed.energy < party.energy
    assert reader.read([f"ㅁㄴㅇㄹ {english}"]) == [party]


def test_a_damaged_korean_model_is_named_and_english_goes_on(tmp_path: Path) -> None:
    for file in MODELS_DIR.glob("m*"):
        if file.is_file():
            shutil.copy(file, tmp_path)
    (tmp_path / MODEL).write_bytes(b"nothing")
    reader = BundledMoodReader(MoodSettings(), tmp_path)
    assert reader.read(["a party"])
    with pytest.raises(ModelFileDamagedError, match=MODEL):
        reader.read(["조용하게"])
