"""The music, the room and the player itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from player.interfaces import command_arguments as arguments
from player.interfaces.messages.base import Answer, Done, Flag, Request, Sentence
from player.status import PlayerStatus, as_json
from player.types import Json, NightMode


class OnOff(StrEnum):
    """Used, or not."""

    ON = "on"
    OFF = "off"


class StatusRequest(Request):
    """How is everything?"""


class NextRequest(Request):
    """Another track."""


TrackId = Annotated[int, Field(ge=1, le=arguments.MAX_ID)]


class PlayListRequest(Request):
    """Play these tracks next."""

    tracks: Annotated[
        list[TrackId],
        BeforeValidator(arguments.numbers),
        Field(min_length=1, max_length=100, description="numbers of tracks in the library, 1 to 100 of them"),
    ]


class PauseRequest(Request):
    """Hold the music."""


class ResumeRequest(Request):
    """Play on."""


Play = Annotated[
    int | None,
    BeforeValidator(lambda value: value if value is None else arguments.number(value)),
    Field(
        ge=1,
        le=arguments.MAX_ID,
        description="the number of a play in the history; without it, what plays now",
    ),
]


Meant = Annotated[
    TrackId | None,
    BeforeValidator(lambda value: value if value is None else arguments.number(value)),
    Field(description="the track of the library that is meant, in case another has begun since it was seen"),
]


class LikeRequest(Request):
    """A track is right."""

    play: Play = None
    track: Meant = None


class WrongRequest(Request):
    """A track is in the wrong mood."""

    play: Play = None
    track: Meant = None
    mood: Annotated[
        Annotated[str, BeforeValidator(arguments.sentence)] | None,
        Field(
            min_length=1,
            max_length=arguments.MAX_SENTENCE,
            description="which mood it has: a name or a sentence",
        ),
    ] = None


class PinRequest(Request):
    """Hold the music at a mood."""

    mood: Annotated[
        Sentence,
        Field(description=f"a mood's name or a sentence of at most {arguments.MAX_SENTENCE} characters"),
    ]

    lasting: Annotated[
        Annotated[str, BeforeValidator(arguments.lasting)] | None,
        Flag("for"),
        Field(description="a time such as 90s, 30m, 1h30m or until closing"),
    ] = None


class UnpinRequest(Request):
    """Follow the room again."""


class VolumeRequest(Request):
    """The player's own volume."""

    percent: Annotated[
        int,
        BeforeValidator(arguments.number),
        Field(ge=0, le=100, description="a whole number from 0 to 100"),
    ]


class SeekRequest(Request):
    """Another place in the track."""

    position_s: Annotated[
        float,
        BeforeValidator(arguments.seconds),
        Field(
            ge=0,
            le=arguments.MAX_PLACE_S,
            allow_inf_nan=False,
            description="a place in the track, as 1:30 or in seconds",
        ),
    ]


class SensorRequest(Request):
    """What a sensor says."""

    name: Annotated[
        Sentence, Field(description="a sensor's name and its value, such as weather rainy or noise 61.5")
    ]
    says: Annotated[
        Annotated[str, BeforeValidator(arguments.value_of_sensor)] | None,
        Field(
            max_length=arguments.MAX_SENTENCE,
            description="a number or a word: its value, if that does not stand behind the name",
        ),
    ] = None


class NightRequest(Request):
    """Night mode."""

    mode: Annotated[NightMode, BeforeValidator(arguments.word), Field(description="on, off or auto")]


class AnnounceRequest(Request):
    """Play a file over the music."""

    file: Annotated[
        Path, BeforeValidator(arguments.whole_path), Field(description="the whole path of a file")
    ]


class SayRequest(Request):
    """Speak a text over the music."""

    text: Annotated[
        str,
        BeforeValidator(arguments.spoken),
        Field(
            min_length=1, max_length=500, description="a text of 1 to 500 letters without control characters"
        ),
    ]


class CameraRequest(Request):
    """Use the camera, or release it."""

    state: Annotated[OnOff, BeforeValidator(arguments.word), Field(description="on or off")]


class ReloadRequest(Request):
    """Read config.yaml again."""


@dataclass(frozen=True)
class PinAnswer(Done):
    """With the mood that holds now, and until when (ISO 8601; None: until `unpin`)."""

    target: str
    until: str | None = None


@dataclass(frozen=True)
class ReloadAnswer(Done):
    """With the sections of config.yaml that have changed."""

    changed: tuple[str, ...]


@dataclass(frozen=True)
class StatusAnswer(Answer):
    """Every part's status."""

    status: PlayerStatus

    def as_json(self) -> Json:
        """The parts by name."""
        return as_json(self.status)
