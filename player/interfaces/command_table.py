"""Every command of the running player: what it takes, what it answers, and who may give it.

Command line, socket and whatever comes next are made from COMMANDS; commands.py carries the requests out.
A new command is a request and an entry here, and a method there.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from player.errors import ControlError
from player.interfaces import command_arguments as arguments
from player.types import Json


class Role(StrEnum):
    """Who asks, in ascending order: each may do what those before it may, and more."""

    VIEWER = "viewer"
    STAFF = "staff"
    OWNER = "owner"


class OnOff(StrEnum):
    """Used, or not."""

    ON = "on"
    OFF = "off"


class NightMode(StrEnum):
    """Night mode by hand, or as the dayparts have it."""

    ON = "on"
    OFF = "off"
    AUTO = "auto"


class Request(BaseModel):
    """A command as it is carried out. A subclass has one field, the argument, or none.

    The field's description ends the sentence "volume takes ...".
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    @property
    def argument(self) -> Any:
        """The argument as JSON has it; None where there is none."""
        return next(iter(self.model_dump(mode="json").values()), None)


class StatusRequest(Request):
    """How is everything?"""


class NextRequest(Request):
    """Another track."""


class PauseRequest(Request):
    """Hold the music."""


class ResumeRequest(Request):
    """Play on."""


class LikeRequest(Request):
    """The track that plays is right."""


class WrongRequest(Request):
    """The track that plays is in the wrong mood."""


class PinRequest(Request):
    """Hold the music at a mood."""

    mood: Annotated[
        str,
        BeforeValidator(arguments.sentence),
        Field(
            min_length=1,
            max_length=arguments.MAX_SENTENCE,
            description=f"a mood's name or a sentence of at most {arguments.MAX_SENTENCE} characters",
        ),
    ]


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


class NightRequest(Request):
    """Night mode."""

    mode: Annotated[NightMode, BeforeValidator(arguments.word), Field(description="on, off or auto")]


class AnnounceRequest(Request):
    """Play a file over the music."""

    file: Annotated[
        Path, BeforeValidator(arguments.whole_path), Field(description="the whole path of a file")
    ]


class CameraRequest(Request):
    """Use the camera, or release it."""

    state: Annotated[OnOff, BeforeValidator(arguments.word), Field(description="on or off")]


class ReloadRequest(Request):
    """Read config.yaml again."""


@dataclass(frozen=True)
class Answer:
    """What a command answers."""

    def as_json(self) -> Json:
        """For the edge: its fields by name."""
        return asdict(self)


@dataclass(frozen=True)
class Done(Answer):
    """What was done, for a person."""

    message: str


@dataclass(frozen=True)
class PinAnswer(Done):
    """With the mood that holds now."""

    target: str


@dataclass(frozen=True)
class ReloadAnswer(Done):
    """With the sections of config.yaml that have changed."""

    changed: tuple[str, ...]


@dataclass(frozen=True)
class StatusAnswer(Answer):
    """Every part's status."""

    status: Json

    def as_json(self) -> Json:
        """The parts by name."""
        return self.status


@dataclass(frozen=True)
class CommandSpec:
    """One command.

    help     one line for a person in the café
    role     the least who may give it
    example  an argument that makes sense; None where it takes none
    changes  whether a restart has something new to find again
    """

    name: str
    request: type[Request]
    answer: type[Answer]
    role: Role
    help: str
    example: str | None = None
    changes: bool = True

    def allows(self, role: Role) -> bool:
        """Whether somebody in this role may give it."""
        ascending = list(Role)
        return ascending.index(role) >= ascending.index(self.role)

    @property
    def argument(self) -> tuple[str, FieldInfo] | None:
        """Name and description of what it takes; None where it takes nothing."""
        return next(iter(self.request.model_fields.items()), None)

    @property
    def metavar(self) -> str:
        """The argument as a usage line has it: PERCENT, or on|off."""
        if self.argument is None:
            return ""
        name, field = self.argument
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            return "|".join(kind)
        return name.removesuffix("_s").upper()

    def read(self, argument: Any = None) -> Request:
        """The request with this argument, as JSON or a person has it.

        Raises ControlError, in one sentence, where the argument does not fit.
        """
        if self.argument is None:
            if argument is not None:
                raise ControlError(f"{self.name} takes nothing more, not {arguments.quoted(argument)}.")
            return self.request()
        name, field = self.argument
        try:
            return self.request.model_validate({name: argument})
        except ValidationError:
            # What pydantic says of it is for programmers, and one sentence says it all.
            raise ControlError(
                f"{self.name} takes {field.description}, not {arguments.quoted(argument)}."
            ) from None


_ALL = (
    CommandSpec(
        "status",
        StatusRequest,
        StatusAnswer,
        Role.VIEWER,
        "What the running player plays, why, and how it is.",
        changes=False,
    ),
    CommandSpec("next", NextRequest, Done, Role.STAFF, "Crossfade to another track now."),
    CommandSpec("pause", PauseRequest, Done, Role.STAFF, "Hold the music."),
    CommandSpec("resume", ResumeRequest, Done, Role.STAFF, "Play on after a pause."),
    CommandSpec(
        "like",
        LikeRequest,
        Done,
        Role.STAFF,
        "Say that the track that plays is right: more like it, at this time of day above all.",
    ),
    CommandSpec(
        "wrong",
        WrongRequest,
        Done,
        Role.STAFF,
        "Say that the track that plays is in the wrong mood, and go on to another one.",
    ),
    CommandSpec(
        "pin",
        PinRequest,
        PinAnswer,
        Role.STAFF,
        "Hold the music at a mood: a name (calm) or a sentence (rainy sunday morning).",
        "calm",
    ),
    CommandSpec("unpin", UnpinRequest, Done, Role.STAFF, "Let the music follow the room again."),
    CommandSpec(
        "volume",
        VolumeRequest,
        Done,
        Role.STAFF,
        "Set the player's volume, 0 to 100; the system's own is never touched.",
        "40",
    ),
    CommandSpec(
        "seek",
        SeekRequest,
        Done,
        Role.STAFF,
        "Go to another place in the track: 1:30, or in seconds.",
        "1:30",
    ),
    CommandSpec(
        "night",
        NightRequest,
        Done,
        Role.STAFF,
        "Night mode: quieter, with less bass; auto is as the dayparts have it.",
        "on",
    ),
    CommandSpec(
        "announce",
        AnnounceRequest,
        Done,
        Role.STAFF,
        "Play a file over the music, which makes room for it.",
        "/srv/gong.wav",
    ),
    CommandSpec(
        "camera",
        CameraRequest,
        Done,
        Role.OWNER,
        "Release the camera (off), or use it again (on).",
        "off",
    ),
    CommandSpec(
        "reload",
        ReloadRequest,
        ReloadAnswer,
        Role.OWNER,
        "Let the running player read its config again; if it has a mistake, the old one stays in force.",
    ),
)
COMMANDS = {spec.name: spec for spec in _ALL}
"""By name, in the order in which they are listed."""
BY_REQUEST = {spec.request: spec for spec in _ALL}


def read_request(name: Any, argument: Any = None) -> Request:
    """The request that a name and an argument from outside mean.

    Raises ControlError, in one sentence, if there is no such command or the argument does not fit.
    """
    spec = COMMANDS.get(name) if isinstance(name, str) else None
    if spec is None:
        raise ControlError(f"there is no command {arguments.quoted(name)}; there are {', '.join(COMMANDS)}.")
    return spec.read(argument)
