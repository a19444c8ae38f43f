"""What a room and its hub say to each other at the broker: of one version, checked as it comes in.

Instants are seconds since 1970 by the clock of whoever says them. What a newer program says beyond this is
left out of account, so that rooms and hub need not be brought up to date at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

VERSION = 1
MOST_BYTES = 256 * 1024
"""Of a message."""
MOST_PLAYS = 50
"""In one message; each has some 400 bytes."""
MOST_PROBLEMS = 10
"""In one report: the hub has those of all its rooms in memory."""

Text = Annotated[str, Field(max_length=300)]
Sentence = Annotated[str, Field(max_length=2000)]
Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
MOST_NUMBER = 2**62
Number = Annotated[int, Field(ge=0, le=MOST_NUMBER)]
Instant = Annotated[float, Field(ge=0, le=1e11, allow_inf_nan=False)]
LONGEST_S = 1e9
Seconds = Annotated[float, Field(ge=0, le=LONGEST_S, allow_inf_nan=False)]


class MessageError(ValueError):
    """A message that is not taken; `str` is a sentence."""


def instant_s(text: str) -> float:
    """An instant in ISO 8601 in seconds since 1970. Raises ValueError."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        raise ValueError("a play begins at an instant in ISO 8601, no other text") from None


def _is_instant(text: str) -> str:
    instant_s(text)
    return text


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether a room is connected; the broker says that it is not. Kept."""

    KIND: ClassVar = "presence"
    online: bool
    v: Literal[1] = 1


@dataclass(frozen=True, slots=True)
class RoomReport:
    """How a room is; sent when it has changed, and as a sign of life. Kept.

    state     one of PlayerState's, or "away": the player does not answer its own front
    audible   whether it is heard; None if nobody can tell
    since     from when on it is audible, or is not
    silent    why there is no music, if there should be some
    room      a plain word for the room's mood; None if it may not be said, or nobody knows it
    revision  of the settings that the hub wants, the one that is applied; 0 for none
    scene     the sentence about the room, where fleet.scene allows it
    """

    KIND: ClassVar = "status"
    at: Instant
    name: Text
    group: Annotated[str, Field(max_length=60)]
    version: Annotated[str, Field(max_length=40)]
    state: Annotated[str, Field(max_length=20)]
    audible: bool | None
    since: Instant
    silent: Sentence | None
    track: Text | None
    room: Annotated[str, Field(max_length=60)] | None
    volume: Annotated[int, Field(ge=0, le=100)]
    problems: Annotated[tuple[Sentence, ...], Field(max_length=MOST_PROBLEMS)]
    revision: Number
    scene: Text | None = None
    v: Literal[1] = 1


@dataclass(frozen=True, slots=True)
class Desired:
    """The settings that the hub wants of a room, all of them or none. Kept.

    settings  values by section and key, as config.yaml has them; null is the default
    """

    KIND: ClassVar = "desired"
    revision: Annotated[int, Field(ge=1, le=2**62)]
    settings: dict[str, Any]
    who: Text
    at: Instant
    v: Literal[1] = 1


@dataclass(frozen=True, slots=True)
class Reported:
    """What has become of the newest revision. Kept.

    problem  why the room stays as it was; None if it is applied
    """

    KIND: ClassVar = "reported"
    revision: Number
    problem: Sentence | None
    at: Instant
    v: Literal[1] = 1


@dataclass(frozen=True, slots=True)
class RoomCommand:
    """A command for a room, which is carried out once or, after `expires_at`, never."""

    KIND: ClassVar = "commands"
    id: Id
    command: Annotated[str, Field(max_length=40)]
    arguments: dict[str, Any]
    who: Text
    expires_at: Instant
    v: Literal[1] = 1


@dataclass(frozen=True, slots=True)
class RoomAnswer:
    """What has become of a command, in a sentence."""

    KIND: ClassVar = "answers"
    id: Id
    done: bool
    said: Sentence
    v: Literal[1] = 1


@dataclass(frozen=True, slots=True)
class PlayLine:
    """A line of a room's play history; docs/library/history.md says what the fields mean.

    id  its number there, which with `started_at` is that of no other play of this room
    """

    id: Annotated[int, Field(ge=1, le=2**62)]
    started_at: Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_is_instant)]
    title: Sentence
    artist: Sentence
    album: Sentence
    isrc: Text
    composer: Sentence
    label: Sentence
    duration_s: Seconds | None
    audible_s: Seconds | None
    audible: bool | None
    venue: Text


@dataclass(frozen=True, slots=True)
class Plays:
    """Some plays, which the room sends again until the hub has them."""

    KIND: ClassVar = "plays"
    plays: Annotated[tuple[PlayLine, ...], Field(min_length=1, max_length=MOST_PLAYS)]
    v: Literal[1] = 1


@dataclass(frozen=True, slots=True)
class Taken:
    """The hub has these plays for good.

    refused  those that it can never keep, however often they come
    """

    KIND: ClassVar = "taken"
    ids: Annotated[tuple[Number, ...], Field(max_length=MOST_PLAYS)] = field(default=())
    refused: Annotated[tuple[Number, ...], Field(max_length=MOST_PLAYS)] = field(default=())
    v: Literal[1] = 1


@dataclass(frozen=True, slots=True)
class _AnyPlays:
    """Plays of which not each need be one."""

    plays: Annotated[tuple[Any, ...], Field(min_length=1, max_length=MOST_PLAYS)]
    v: Literal[1] = 1


AnyMessage = Presence | RoomReport | Desired | Reported | RoomCommand | RoomAnswer | Plays | Taken
M = TypeVar("M", Presence, RoomReport, Desired, Reported, RoomCommand, RoomAnswer, Plays, _AnyPlays, Taken)


def encode(message: AnyMessage) -> bytes:
    """As it goes over the wire: JSON in UTF-8."""
    return _adapter(type(message)).dump_json(message)


def decode(kind: type[M], payload: bytes) -> M:
    """What came over the wire. Raises MessageError."""
    if len(payload) > MOST_BYTES:
        raise MessageError(f"it has more than {MOST_BYTES // 1024} kB.")
    try:
        found: M = _adapter(kind).validate_json(payload)
    except ValidationError as error:
        raise MessageError(_sentence(error)) from None
    except RecursionError:
        raise MessageError("it is nested too deeply.") from None
    return found


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    at = ".".join(map(str, first["loc"]))
    if first["type"] == "json_invalid":
        return "it is no JSON."
    if at == "v":
        return f"it is not of version {VERSION}: bring the older of room and hub up to date."
    return f"{at or 'the whole'}: {first['msg'].removeprefix('Value error, ')}."


def decode_plays(payload: bytes) -> tuple[tuple[PlayLine, ...], dict[int, str]]:
    """The plays of a `Plays` that can be kept, and for the others, by number, why they never can.

    Raises MessageError where there are neither.
    """
    try:
        return decode(Plays, payload).plays, {}
    except MessageError as error:
        plays, refused = list[PlayLine](), dict[int, str]()
        for one in decode(_AnyPlays, payload).plays:
            try:
                plays.append(_adapter(PlayLine).validate_python(one))
            except ValidationError as why:
                number = one.get("id") if isinstance(one, dict) else None
                if type(number) is int and 0 < number <= MOST_NUMBER:
                    refused[number] = _sentence(why)
        if not (plays or refused):
            raise error from None
        return (*plays,), refused


_ADAPTERS: dict[object, TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    found = _ADAPTERS.get(kind)
    if found is None:
        found = _ADAPTERS[kind] = TypeAdapter(kind)
    return found


def shortened(text: str | None, letters: int) -> str | None:
    """A text that fits into its field, on one line; None stays."""
    if text is None:
        return None
    line = " ".join(text.split())
    return line if len(line) <= letters else line[: letters - 1] + "…"
