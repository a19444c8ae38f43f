"""What is asked with a picture or about one: a playlist for it, and what the camera sees."""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, Field, StrictBool, model_validator

from player.camera.picture_limits import SENT
from player.interfaces import command_arguments as arguments
from player.interfaces.messages.base import Answer, Done, OwnerOnly, Request
from player.selection.playlist import LEAST_MIN, MOST_MIN, MoodStep, PhotoScene, Playlist
from player.status import GateStatus, LensState

LEAST_TRACKS, MOST_TRACKS = 5, 30
MOST_PICTURE = SENT.most_bytes * 4 // 3
"""Characters of base64."""


def base64_text(value: object) -> object:
    """Text that is base64, without line ends."""
    if not isinstance(value, str) or not value:
        raise ValueError("no text")
    try:
        binascii.a2b_base64(value, strict_mode=True)
    except (binascii.Error, UnicodeError) as error:
        raise ValueError("no base64") from error
    return value


Genre = Annotated[str, BeforeValidator(arguments.sentence), Field(min_length=1, max_length=100)]
Genres = Annotated[list[Genre], Field(max_length=20)]


class PlaylistRequest(Request):
    """A list of tracks for a mood or a picture."""

    mood: Annotated[
        Annotated[str, BeforeValidator(arguments.sentence)] | None,
        Field(
            min_length=1,
            max_length=arguments.MAX_SENTENCE,
            description=f"a mood's name or a sentence of at most {arguments.MAX_SENTENCE} characters",
        ),
    ] = None
    picture: Annotated[
        Annotated[str, BeforeValidator(base64_text)] | None,
        OwnerOnly(),
        Field(max_length=MOST_PICTURE, description="a JPEG, PNG or WebP picture in base64"),
    ] = None
    minutes: Annotated[
        int,
        BeforeValidator(arguments.number),
        Field(
            ge=LEAST_MIN, le=MOST_MIN, description=f"a whole number of minutes from {LEAST_MIN} to {MOST_MIN}"
        ),
    ] = 30
    tracks: Annotated[
        Annotated[int, BeforeValidator(arguments.number)] | None,
        Field(ge=LEAST_TRACKS, le=MOST_TRACKS, description="instead of minutes, so many tracks, 5 to 30"),
    ] = None
    genres: Annotated[Genres, Field(description="genres of which each track has one; none: any genre")] = (
        Field(default_factory=list)
    )
    without_genres: Annotated[Genres, Field(description="genres that no track has")] = Field(
        default_factory=list
    )
    follow: Annotated[
        StrictBool, Field(description="true or false: whether it leads on from the music that plays")
    ] = False

    @model_validator(mode="after")
    def _one_of_them(self) -> PlaylistRequest:
        if (self.mood is None) == (self.picture is None):
            raise ValueError("a mood or a picture, one of the two")
        return self


class PlaylistStepsRequest(PlaylistRequest):
    """The same, told step by step."""


class PreviewRequest(Request):
    """What does the camera see?"""


@dataclass(frozen=True)
class PlaylistAnswer(Done):
    """With the list, and every step that led to it."""

    playlist: Playlist


@dataclass(frozen=True)
class PlaylistStep(Answer):
    """One line of `playlist_steps`: all that is known by then.

    seen      what the picture shows; None if there is none
    mood      None until it has been read
    playlist  None until the last line
    """

    seen: PhotoScene | None = None
    mood: MoodStep | None = None
    playlist: Playlist | None = None


@dataclass(frozen=True)
class PreviewAnswer(Done):
    """A frame as a JPEG in base64, how old it is, and what lens check and gate make of it."""

    jpeg: str
    width: int
    height: int
    age_s: float
    source: str
    lens: LensState
    gate: GateStatus | None
