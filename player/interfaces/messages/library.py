"""The library and its play history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from player.interfaces import command_arguments as arguments
from player.interfaces.command_arguments import MAX_ID
from player.interfaces.messages.base import Answer, Done, Request
from player.library.queries.pages import MOST
from player.library.queries.records import (
    AlbumEntry,
    PlayRecord,
    ProblemFile,
    TrackCard,
    TrackEntry,
    TrackMood,
)
from player.types import Json

MAX_TEXT = 200
"""Characters of what is looked for."""
MAX_TOKEN = 8000


def _sentence(value: object) -> object:
    return value if value is None else arguments.sentence(value)


def _axis(value: object) -> object:
    return value if value is None else arguments.signed(value)


Id = Annotated[
    int,
    BeforeValidator(arguments.number),
    Field(ge=1, le=MAX_ID, description="the number of a track, as library and history name it"),
]
Words = Annotated[
    str | None,
    BeforeValidator(_sentence),
    Field(max_length=MAX_TEXT, description=f"words that the names hold, at most {MAX_TEXT} characters"),
]
Moment = Annotated[
    str | None,
    BeforeValidator(_sentence),
    Field(max_length=40, description='a date or a time, as "2026-05-01" or "2026-05-01T18:00"'),
]
Limit = Annotated[
    int,
    BeforeValidator(arguments.number),
    Field(ge=1, le=MOST, description=f"how many at most, 1 to {MOST}"),
]
Token = Annotated[
    str | None,
    Field(max_length=MAX_TOKEN, description='what the page before answered as "next"'),
]
Axis = Annotated[
    float | None,
    BeforeValidator(_axis),
    Field(ge=-1, le=1, allow_inf_nan=False, description="a number from -1 to 1"),
]


class HistoryRequest(Request):
    """What was played, the newest first."""

    text: Words = None
    since: Moment = None
    until: Moment = None
    limit: Limit = 50
    before: Token = None


class LibraryRequest(Request):
    """Tracks by their names."""

    text: Words = None
    limit: Limit = 50
    after: Token = None


class TrackRequest(Request):
    """All about one track."""

    id: Id


class SetMoodRequest(Request):
    """Correct the mood of a track, or take that back."""

    id: Id
    mood: Annotated[
        str | None,
        BeforeValidator(_sentence),
        Field(
            min_length=1,
            max_length=arguments.MAX_SENTENCE,
            description="a mood's name or a sentence; without it what was said before is taken back",
        ),
    ] = None
    valence: Axis = None
    energy: Axis = None
    undo: Annotated[bool, Field(strict=True, description="take back the last change instead")] = False

    @model_validator(mode="after")
    def _together(self) -> SetMoodRequest:
        if (self.valence is None) != (self.energy is None):
            raise ValueError("valence and energy together")
        if self.mood is not None and self.valence is not None:
            raise ValueError("a mood, or valence and energy, not both")
        if self.undo and (self.mood is not None or self.valence is not None):
            raise ValueError("a mood or undo, not both")
        return self


class LibraryMapRequest(Request):
    """Where the tracks lie on the mood plane."""

    text: Words = None
    known: Annotated[
        str | None,
        Field(
            max_length=64, description="the version that is known: if it still holds, there are no columns"
        ),
    ] = None


class CollectionRequest(Request):
    """What the library holds by name."""

    known: Annotated[
        str | None,
        Field(max_length=64, description="the version that is known: if it still holds, there are no albums"),
    ] = None


class LibraryProblemsRequest(Request):
    """Files that do not play."""

    limit: Limit = 50
    after: Token = None


class CoverRequest(Request):
    """The picture of a track."""

    id: Id


class LedgerRequest(Request):
    """Plays that have ended, in the order of their numbers."""

    after: Annotated[
        int,
        BeforeValidator(arguments.number),
        Field(ge=0, le=2**62, description="the number of a play; those that follow it are answered"),
    ]
    limit: Limit = 50


@dataclass(frozen=True)
class HistoryAnswer(Answer):
    """A page of plays; `next` is `before` of the page that follows, null if there is none."""

    plays: tuple[PlayRecord, ...]
    next: str | None


@dataclass(frozen=True)
class LedgerAnswer(Answer):
    """Plays about which nothing changes any more, the oldest first; none if there are none yet."""

    plays: tuple[PlayRecord, ...]


@dataclass(frozen=True)
class LibraryAnswer(Answer):
    """A page of tracks; `next` is `after` of the page that follows, null if there is none."""

    tracks: tuple[TrackEntry, ...]
    next: str | None


@dataclass(frozen=True)
class TrackAnswer(Answer):
    """One track."""

    track: TrackCard


@dataclass(frozen=True)
class SetMoodAnswer(Done):
    """With the mood that counts for the track now, and how many changes of it can be taken back.

    The mood is None if nothing is known of it.
    """

    mood: TrackMood | None
    left: int


@dataclass(frozen=True)
class LibraryMapAnswer(Answer):
    """Columns in the order of `ids`, in whole numbers of which `scale` make 1; null if they are as known.

    `corrected`: the ids of those whose mood is the owner's word.
    """

    version: str
    scale: int
    ids: list[int] | None
    valence: list[int] | None
    energy: list[int] | None
    corrected: list[int] | None

    def as_json(self) -> Json:
        """As they are: a hundred thousand numbers need no copy."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True)
class CollectionAnswer(Answer):
    """Artists' albums with their tracks; `albums` and `changed` are null if they are as known.

    changed    when the newest file was written, ISO 8601
    running_s  how long the player has run
    heard_s    how much music was heard in that time
    """

    version: str
    albums: tuple[AlbumEntry, ...] | None
    changed: str | None
    running_s: float
    heard_s: float


@dataclass(frozen=True)
class LibraryProblemsAnswer(Answer):
    """A page of files; `next` is `after` of the page that follows, null if there is none."""

    files: tuple[ProblemFile, ...]
    next: str | None


@dataclass(frozen=True)
class CoverAnswer(Answer):
    """A JPEG in base64; `etag` changes if the picture does."""

    jpeg: str
    etag: str
    width: int
    height: int
