"""What a language model says about one sentence: checked, turned into a Mood, several made into one."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from statistics import median
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from player.emotions import FEELINGS, MOOD7, feelings_at, vocabularies
from player.errors import EndpointError
from player.types import Json, Mood, MoodPoint

SCALE = (1, 9)
MIDDLE, HALF = 5.0, 4.0
"""The labelling scale is 1 to 9, with 5 as neutral: (x - 5) / 4 lies in [-1, 1]."""

THOUGHTS = re.compile(r"<think>.*?</think>", re.DOTALL)
"""Reasoning models write these before the answer, and may try out other answers in them."""


class BadAnswerError(EndpointError):
    """The model's words are no opinion: not JSON, out of range, or a mood that does not exist."""


def _known(mood: str) -> str:
    if (name := mood.strip().lower()) not in MOOD7:
        raise ValueError(f"there is no mood {mood!r}")
    return name


Level = Annotated[float, Field(ge=SCALE[0], le=SCALE[1], strict=True)]


class MoodResponse(BaseModel):
    """One answer: a mood of mood7, valence and energy from 1 to 9."""

    model_config = ConfigDict(frozen=True)

    mood: Annotated[str, AfterValidator(_known)]
    valence: Level
    energy: Level

    @property
    def point(self) -> MoodPoint:
        """The place on the circumplex."""
        return MoodPoint((self.valence - MIDDLE) / HALF, (self.energy - MIDDLE) / HALF)

    def as_mood(self) -> Mood:
        """The same as a Mood: its feelings are half those near the point, half those the mood is made of."""
        point, named = self.point, vocabularies()["mood7"][self.mood].feelings
        feelings = feelings_at(point)
        if named:  # neutral is made of none
            feelings = {name: (feelings[name] + named.get(name, 0.0)) / 2 for name in FEELINGS}
        return Mood(point.valence, point.energy, feelings, self.mood)


_LEVEL = {"type": "integer", "minimum": SCALE[0], "maximum": SCALE[1]}
SCHEMA: Json = {
    "type": "object",
    "properties": {"mood": {"type": "string", "enum": list(MOOD7)}, "valence": _LEVEL, "energy": _LEVEL},
    "required": ["mood", "valence", "energy"],
    "additionalProperties": False,
}
"""An Opinion in JSON Schema, for servers that hold a model to one; a grammar can enforce whole numbers."""


def parse(text: str) -> MoodResponse:
    """The opinion in a model's words: the first JSON object, whatever stands around it.

    Raises BadAnswerError.
    """
    said = THOUGHTS.sub("", text)
    start = said.find("{")
    try:
        if start < 0:
            raise ValueError("no JSON object")
        found, _ = json.JSONDecoder().raw_decode(said, start)
        return MoodResponse.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise BadAnswerError(f"gave a wrong {place} ({first['msg']})") from error
    except (ValueError, RecursionError) as error:
        raise BadAnswerError(f"did not answer in JSON ({_short(said)!r})") from error


def middle(opinions: Sequence[MoodResponse]) -> MoodResponse:
    """Median of each axis and the mood of most; of moods named equally often, the one nearest to the medians.

    An odd opinion has no say then, as it would in a mean. Raises ValueError for none.
    """
    valence, energy = median(o.valence for o in opinions), median(o.energy for o in opinions)
    votes = Counter(opinion.mood for opinion in opinions)
    centre = MoodResponse(mood=opinions[0].mood, valence=valence, energy=energy).point
    best = min(opinions, key=lambda o: (-votes[o.mood], o.point.distance(centre)))
    return MoodResponse(mood=best.mood, valence=valence, energy=energy)


def _short(text: str, limit: int = 60) -> str:
    words = " ".join(text.split())
    return words if len(words) <= limit else f"{words[:limit]}…"
