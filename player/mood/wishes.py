"""What somebody asks for in words (the name of a mood, or a sentence) as a mood, and how it was read."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from player.emotions import NEUTRAL, Named, describe_room, feelings_at, find, mentioned
from player.errors import WishError
from player.mood.denials import denied
from player.mood.fusion import blend
from player.mood.korean_text import HANGUL
from player.mood.reader import MoodReader, ReaderName
from player.mood.spelling import SPELLED_FROM, nearly, unmarked
from player.types import Mood, MoodPoint, Scene

MAX_SENTENCE = 500
"""Characters; longer than anybody says a mood in."""
MOSTLY = 0.5
"""A text with a smaller share of Latin and Korean letters than this is in a language that the bundled readers
do not know: to them all of it sounds alike.
"""
MUSIC_WORDS = frozenset(("music", "songs", "mood", "vibes", "please", "음악", "노래", "분위기", "곡"))
"""At the end of a wish they say no more than its name."""
_NOTICEABLE = 0.02
"""A move of the mood, in mood distance, that is worth a word."""


@dataclass(frozen=True, slots=True)
class ReadWish:
    """A mood, and how it was found in the words."""

    mood: Mood
    why: str


def read_wish(text: str, reader: Callable[[], MoodReader], *, of_room: bool = False) -> ReadWish:
    """The mood of a name or a sentence, English or Korean; `reader` is asked for if it is no name.

    `of_room`: the words say what the room is like, and not what the music should be.
    Raises WishError, in one sentence, if the words say no mood, and what `reader` raises.
    """
    text = " ".join(unicodedata.normalize("NFC", text).split())  # some keyboards send Korean in its parts
    if len(text) > MAX_SENTENCE:
        raise WishError(f"a mood is said in at most {MAX_SENTENCE} characters, not in {len(text)}.")
    if (named := find(text) or find(_bare(text))) is not None:
        return ReadWish(named.mood, f"{named.name!r} is the name of a mood")
    if not any(map(str.isalpha, text)):
        raise WishError("no mood is said there: write a name (`ambient-player moods`) or a sentence.")
    moods = reader()
    bundled_only = moods.name != ReaderName.LLM or moods.note is not None
    if bundled_only and (found := _beyond_bundled(text, moods, of_room)) is not None:
        return found
    read = moods.read([text])[0]
    if not bundled_only and moods.note is not None:  # the language model has failed just now
        found = _beyond_bundled(text, moods, of_room)
        if found is not None:
            return found
    if HANGUL.search(text) and _is_nothing(read):
        return _by_names(text)
    bundled = moods.name == ReaderName.BUNDLED or moods.note is not None
    by = moods.name if not bundled else "Korean" if HANGUL.search(text) else ReaderName.BUNDLED
    return ReadWish(read, f"the {by} reader read the sentence: {describe_room(read)}")


def _beyond_bundled(text: str, moods: MoodReader, of_room: bool) -> ReadWish | None:
    """The mood of what the bundled readers do not read; None if they do. Raises WishError."""
    if (meant := _misspelled(text, moods)) is not None:
        return ReadWish(meant.mood, f"{meant.name!r} is the name of a mood, and nearly spelled so")
    letters = [letter for letter in text if letter.isalpha()]
    readable = sum(map(_is_known, letters)) >= MOSTLY * len(letters)
    if not (readable and moods.knows(text)):
        return _by_names(text)
    if (word := denied(text)) is not None:
        if of_room:
            raise WishError(f"say what the room is like, not what it is not ({word!r}): for example quiet.")
        raise WishError(
            f"say what the music should be, not what it should not ({word!r}): for example lively, or a sunny"
            " afternoon in the garden."
        )
    return None


def of_scene(scene: Scene, moods: MoodReader, impression: float) -> ReadWish:
    """The mood of what a photo shows: of the sentence about it, moved by the look of the picture.

    impression: how far that counts, 0 to 1 (`mood.impression`)
    """
    said = moods.read([scene.caption])[0]
    mood = blend(said, scene.image_mood, impression)
    why = f"the {moods.name} reader read what is seen: {describe_room(said)}"
    if mood.distance(said) >= _NOTICEABLE:
        why += f", and with the look of the picture {describe_room(mood)}"
    return ReadWish(mood, why)


def _bare(text: str) -> str:
    """What is left without marks at its ends and words for music: the player itself says "calm music"."""
    words = unmarked(text).split()
    while len(words) > 1 and words[-1] in MUSIC_WORDS:
        words.pop()
    while len(words) > 1 and words[0] in ("play", "some", "something"):
        words.pop(0)
    return " ".join(words)


def _misspelled(text: str, moods: MoodReader) -> Named | None:
    """The mood whose name is one slip of the finger away, if that is plain."""
    bare = _bare(text)
    if len(bare) < SPELLED_FROM or not (bare.isascii() and bare.isalpha()) or moods.is_word(bare):
        return None
    near = {named.point: named for each in nearly(bare) if (named := find(each)) is not None}
    return next(iter(near.values())) if len(near) == 1 else None


def _is_known(letter: str) -> bool:
    """Of Korean, whole syllables: ㅋㅋㅋ and ㅠㅠ laugh and weep, and say no mood of a room."""
    return letter.isascii() or "가" <= letter <= "힣"


def _is_nothing(mood: Mood) -> bool:
    """Whether it is the neutral mood that a reader answers a text with that says nothing to it."""
    return (mood.valence, mood.energy, mood.mood7) == (0.0, 0.0, NEUTRAL)


def _by_names(text: str) -> ReadWish:
    """The moods that a sentence names, if no reader understands the rest of it."""
    named = mentioned(text)
    if not named:
        raise WishError(
            "no mood was recognised there: say it in other words, for example 비 오는 일요일 아침 or"
            " a lively evening, or type a name (`ambient-player moods` lists them)."
        )
    point = MoodPoint(
        sum(one.point.valence for one in named) / len(named),
        sum(one.point.energy for one in named) / len(named),
    )
    mood = named[0].mood if len(named) == 1 else Mood(point.valence, point.energy, feelings_at(point))
    return ReadWish(mood, f"the sentence names {', '.join(one.korean for one in named)}")
