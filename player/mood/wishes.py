"""What somebody asks for in words (the name of a mood, or a sentence) as a mood, and how it was read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from player.emotions import describe_room, feelings_at, find, mentioned
from player.errors import WishError
from player.mood.fusion import blend
from player.mood.reader import MoodReader
from player.types import Mood, MoodPoint, Scene

MAX_SENTENCE = 500
"""Characters; longer than anybody says a mood in."""
MOSTLY = 0.5
"""A sentence with a smaller share of Latin letters than this is not English, and the bundled reader reads no
other language: to it all Korean sounds alike.
"""
_NOTICEABLE = 0.02
"""A move of the mood, in mood distance, that is worth a word."""


@dataclass(frozen=True, slots=True)
class ReadWish:
    """A mood, and how it was found in the words."""

    mood: Mood
    why: str


def read_wish(text: str, reader: Callable[[], MoodReader]) -> ReadWish:
    """The mood of a name or a sentence, English or Korean; `reader` is asked for if it is no name.

    Raises WishError, in one sentence, if the words say no mood, and what `reader` raises.
    """
    text = " ".join(text.split())
    if len(text) > MAX_SENTENCE:
        raise WishError(f"a mood is said in at most {MAX_SENTENCE} characters, not in {len(text)}.")
    if (named := find(text)) is not None:
        return ReadWish(named.mood, f"{named.name!r} is the name of a mood")
    letters = [letter for letter in text if letter.isalpha()]
    if not letters:
        raise WishError("no mood is said there: write a name (`ambient-player moods`) or a sentence.")
    moods = reader()
    english_only = moods.name != "llm" or moods.note is not None
    if english_only and sum(letter.isascii() for letter in letters) < MOSTLY * len(letters):
        return _by_names(text)
    read = moods.read([text])[0]
    return ReadWish(read, f"the {moods.name} reader read the sentence: {describe_room(read)}")


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


def _by_names(text: str) -> ReadWish:
    """The moods that a sentence names, if no reader understands the rest of it."""
    named = mentioned(text)
    if not named:
        raise WishError(
            "the bundled reader of moods knows English: name a mood in the sentence (`ambient-player moods`"
            " lists them in Korean, too), or set mood.reader to llm."
        )
    point = MoodPoint(
        sum(one.point.valence for one in named) / len(named),
        sum(one.point.energy for one in named) / len(named),
    )
    mood = named[0].mood if len(named) == 1 else Mood(point.valence, point.energy, feelings_at(point))
    return ReadWish(mood, f"the sentence names {', '.join(one.korean for one in named)}")
