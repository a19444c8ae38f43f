"""Every command of the running player: what it takes, what it answers, and who may give it.

Command line, socket and whatever comes next are made from COMMANDS; commands.py carries the requests out.
A new command is a request (messages.py), an entry here, and a method there.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from player.errors import ControlError
from player.interfaces import command_arguments as arguments
from player.interfaces.messages import (
    AnnounceRequest,
    Answer,
    CameraRequest,
    Done,
    LikeRequest,
    NextRequest,
    NightRequest,
    PauseRequest,
    PinAnswer,
    PinRequest,
    ReloadAnswer,
    ReloadRequest,
    Request,
    ResumeRequest,
    SeekRequest,
    StatusAnswer,
    StatusRequest,
    UnpinRequest,
    VolumeRequest,
    WrongRequest,
)


class Role(StrEnum):
    """Who asks, in ascending order: each may do what those before it may, and more."""

    VIEWER = "viewer"
    STAFF = "staff"
    OWNER = "owner"


@dataclass(frozen=True)
class CommandSpec:
    """One command.

    help     one line for a person in the café
    role     the least who may give it
    example  an argument that makes sense; None if it takes none
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
        """Name and description of what it takes; None if it takes nothing."""
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
