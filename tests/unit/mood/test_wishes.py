"""Words as a mood: names, sentences, and what is neither."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from player.errors import ControlError, WishError
from player.mood.reader import MoodReader
from player.mood.wishes import of_scene, read_wish
from player.types import ImageMood, Light, Mood, Scene
from tests.fakes.readers import CALM, LIVELY, FakeMoodReader


class FakeLlm(FakeMoodReader):
    """A reader of every language, or its fallback."""

    name = "llm"

    def __init__(self, note: str | None = None) -> None:
        self._said = note

    @property
    def note(self) -> str | None:  # type: ignore[override]
        return self._said


def nobody() -> MoodReader:
    raise ControlError("the models are loading")


@pytest.mark.parametrize("name", ["calm", " Calm ", "차분한"])
def test_a_name_needs_no_reader(name: str) -> None:
    read = read_wish(name, nobody)
    assert (read.mood.valence, read.mood.energy) == (0.4, -0.75)
    assert "is the name of a mood" in read.why


def test_a_sentence_is_read() -> None:
    read = read_wish("a lively\nparty", FakeMoodReader)
    assert read.mood == LIVELY
    assert read.why == "the fake reader read the sentence: lively"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("mellow music", "mellow"),
        ("Play something calm, please.", "calm"),
        ("energetic!", "energetic"),
        ("행복한 음악", "happy"),
        ("조용한 분위기", "quiet"),
    ],
)
def test_a_name_with_a_word_for_music_is_that_name(text: str, name: str) -> None:
    """The player itself says "mellow music"."""
    assert read_wish(text, nobody).why == f"{name!r} is the name of a mood"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("stop the sad songs", "sad"),
        ("anything but sad", "sad"),
        ("everything except angry music", "angry"),
        ("not so quiet please", "quiet"),
        ("less quiet", "quiet"),
        ("I don't want to relax, I want to dance", "relax"),
        ("It isn’t a very cheerful evening", "cheerful"),
        ("조용하지 않은 음악", "조용"),
        ("슬픈 노래 말고 다른 것", "슬픈"),
        ("쉬고 싶지 않고 춤추고 싶어", "쉬고 싶"),
        ("nothing too loud", "loud"),
        ("none of that sad stuff", "sad"),
        ("anything other than sad", "sad"),
        ("instead of sad something happy", "sad"),
        ("enough of sad songs", "sad"),
        ("it shouldnt be quiet", "quiet"),
        ("it doesn´t need to be calm", "calm"),
        ("안 조용한 음악", "조용"),
        ("오늘은 안 슬픈 노래", "슬픈"),
        ("덜 슬픈 음악", "슬픈"),
        ("조용한 음악은 틀지 마", "조용"),
        ("슬픈 노래는 듣기 싫어", "슬픈"),
        ("우울한 음악 좀 빼고", "우울"),
        ("슬픈 음악은 이제 그만", "슬픈"),
        ("슬픈 건 아니고 신나는", "슬픈"),
        ("조용하지는 않은 음악", "조용"),
        ("슬픈 노래 대신 신나는 거", "슬픈"),
        ("조용한 음악 듣고 싶지 않아", "조용"),
        ("슬픈 노래는 듣고 싶지는 않아", "슬픈"),
        ("조용한 음악 원하지 않아요", "조용"),
        ("슬픈 노래를 원치 않아", "슬픈"),
        ("슬픈 음악은 안 돼", "슬픈"),
        ("슬픈 노래 안 듣고 싶어", "슬픈"),
        ("시끄러운 음악 금지", "시끄러"),
        ("시끄러운 음악 꺼줘", "시끄러"),
        ("우울함 없이", "우울"),
        ("슬픈 노래 없이", "슬픈"),
        ("우울하지도 않은 음악", "우울"),
        ("우울하지가 않은 음악", "우울"),
        ("시끄럽지만 않으면", "시끄럽"),
        ("잔잔하지 않은 노래", "잔잔"),
        ("어둡지 않은 음악", "어둡"),
        ("무섭지 않은 음악", "무섭"),
        ("졸린 음악 말고", "졸린"),
        ("덜 신나게", "신나"),
        ("skip the sad songs", "sad"),
        ("please ditch the sad songs", "sad"),
        ("get rid of the sad music", "sad"),
        ("everything apart from sad songs", "sad"),
        ("far from calm", "calm"),
        ("the opposite of sad", "sad"),
        ("not boring", "boring"),
        ("not so dark, please", "dark"),
        ("nothing too heavy", "heavy"),
    ],
)
def test_what_it_should_not_be_is_asked_for_otherwise(text: str, word: str) -> None:
    with pytest.raises(WishError, match="say what the music should be, not what it should not") as refused:
        read_wish(text, FakeMoodReader)
    assert repr(word) in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "not many people, a quiet afternoon",
        "no rush, slow sunday",
        "no customers yet",
        "we can't wait for the evening",
        "사람이 많지 않은 오후",
        "it never rains, lively and bright",
        "nothing but calm music",
        "nothing except a quiet afternoon",
        "loud enough to dance",
        "카페 안 조용한 분위기",
        "조용한 거 아니면 신나는 거",
        "조용한 음악 틀어줘 일하기 싫어",
        "신나게 놀자 멈추지 마",
        "느리지도 빠르지도 않게",
        "신나지도 않고 우울하지도 않게",
        "조용하지만 마음이 편한 오후",
        "조용한 카페 안 듣기 좋은 음악",
        "차분한 가사 없이",
        "차분한 불 꺼진 카페",
        "신나는 음악 꺼내줘",
        "슬픈 노래 말고는 아무것도 귀에 안 들어와",
        "far from the busy city, a quiet garden",
        "nothing apart from calm music",
        "kids skip to cheerful music",
        "not a dark cloud in the sky",
        "no heavy traffic, a quiet street",
    ],
)
def test_a_not_about_something_else_is_read(text: str) -> None:
    assert read_wish(text, FakeMoodReader).mood in (CALM, LIVELY)


class FakeSpeller(FakeMoodReader):
    """A reader that knows two words."""

    def is_word(self, word: str) -> bool:
        return word in ("sunny", "lovely")


@pytest.mark.parametrize(
    ("text", "name"), [("enrgetic", "energetic"), ("livley music", "lively"), ("upbaet!", "upbeat")]
)
def test_a_name_with_a_slip_of_the_finger_is_that_name(text: str, name: str) -> None:
    assert read_wish(text, FakeSpeller).why == f"{name!r} is the name of a mood, and nearly spelled so"


def test_a_right_word_is_no_slip() -> None:
    assert read_wish("sunny", FakeSpeller).mood == CALM  # not "funny"


class FakeFailing(FakeMoodReader):
    """It fails when it is asked."""

    name = "llm"
    said: str | None = None

    @property
    def note(self) -> str | None:  # type: ignore[override]
        return self.said

    def read(self, texts: Sequence[str]) -> list[Mood]:
        self.said = "the endpoint does not answer"
        return super().read(texts)


def test_who_answers_in_a_language_models_place_is_named() -> None:
    assert read_wish("a lively party", FakeFailing).why == "the minilm reader read the sentence: lively"


@pytest.mark.parametrize("text", ["", "  ", "???", "12:30", "🎉", "\0\x1b["])
def test_what_holds_no_word_says_no_mood(text: str) -> None:
    with pytest.raises(WishError, match="no mood is said there"):
        read_wish(text, FakeMoodReader)


def test_a_sentence_without_end_is_not_read() -> None:
    with pytest.raises(WishError, match="at most 500 characters, not in 501"):
        read_wish("a" * 501, nobody)


class FakeStranger(FakeMoodReader):
    """A reader that no text says anything to."""

    def read(self, texts: Sequence[str]) -> list[Mood]:
        return [Mood(0.0, 0.0, mood7="neutral") for _ in texts]


def test_korean_is_read() -> None:
    assert read_wish("신나는 lively 금요일 밤 파티", FakeLlm).mood == LIVELY
    assert read_wish("비 오는 일요일 아침", FakeMoodReader).mood == CALM
    why = read_wish("비가 오는, 차분한 저녁!", FakeMoodReader).why
    assert why == "the fake reader read the sentence: peaceful"


@pytest.mark.parametrize("text", ["ㅁㄴㅇㄹ", "뷁쉟", "ㅁㄴㅇㄹ asdf"])
def test_where_no_mood_is_recognised_that_is_said_with_an_example(text: str) -> None:
    with pytest.raises(WishError, match=r"no mood was recognised.*비 오는 일요일 아침"):
        read_wish(text, FakeStranger)


def test_a_word_that_the_reader_does_not_know_is_not_read() -> None:
    for reader in (FakeMoodReader, lambda: FakeLlm(note="the endpoint is away")):
        with pytest.raises(WishError, match="no mood was recognised"):
            read_wish("xyzzy", reader)
    assert read_wish("xyzzy", FakeLlm).mood == CALM


def test_a_name_in_korean_counts_where_the_rest_says_nothing() -> None:
    by_names = read_wish("쀍 쀍, 차분한 쉟!", FakeStranger)
    assert (by_names.mood.valence, by_names.mood.energy) == (0.4, -0.75)
    assert by_names.why == "the sentence names 차분한"


@pytest.mark.parametrize("text", ["дождливое утро", "雨の日曜日の朝", "صباح ممطر"])
def test_a_language_that_no_bundled_reader_knows_is_not_read(text: str) -> None:
    for reader in (FakeMoodReader, lambda: FakeLlm(note="the endpoint is away")):
        with pytest.raises(WishError, match="no mood was recognised"):
            read_wish(text, reader)
    assert read_wish(text, FakeLlm).mood == CALM


def test_the_look_of_a_photo_moves_the_mood_of_the_sentence_and_says_so() -> None:
    scene = Scene("a room", 0, Light(0.5, 0.0, 0.2, 0.2), 0.0, 0.0, "fake", 1.0)
    assert of_scene(scene, FakeMoodReader(), 0.5).mood == CALM
    shown = Scene(
        "a room", 0, Light(0.5, 0.0, 0.2, 0.2), 0.0, 0.0, "fake", 1.0, image_mood=ImageMood(0.8, 0.8, 1.0)
    )
    read = of_scene(shown, FakeMoodReader(), 0.5)
    assert read.mood.energy > 0
    assert "with the look of the picture" in read.why


@pytest.mark.parametrize(
    ("text", "refusal"),
    [("not so quiet please", "not what it should not"), ("xyzzy", "no mood was recognised")],
)
def test_what_bundled_readers_do_not_read_is_refused_when_a_language_model_has_just_failed(
    text: str, refusal: str
) -> None:
    with pytest.raises(WishError, match=refusal):
        read_wish(text, FakeFailing)
