"""What is asked about config.yaml, and what is answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from player.interfaces import command_arguments as arguments
from player.interfaces.messages.base import Answer, Done, Request
from player.types import Json

Changes = Annotated[
    dict[str, Any],
    Field(
        min_length=1,
        description="an object of values by the keys of settings (null is the default)",
    ),
]
Base = Annotated[
    str | None,
    Field(max_length=100, description="the etag of the config that the change was made for"),
]


class ConfigRequest(Request):
    """What does config.yaml say?"""


class ConfigCheckRequest(Request):
    """Would these changes do?"""

    changes: Changes


class ConfigWriteRequest(Request):
    """Change settings."""

    changes: Changes
    base: Base = None


class ConfigRevertRequest(Request):
    """Go back to an earlier version."""

    version: Annotated[
        int,
        BeforeValidator(arguments.number),
        Field(ge=1, le=10**9, description="the number of an earlier version"),
    ]
    base: Base = None


class ConfigVersionRequest(Request):
    """What would going back to an earlier version change?"""

    version: Annotated[
        int,
        BeforeValidator(arguments.number),
        Field(ge=1, le=10**9, description="the number of an earlier version"),
    ]


@dataclass(frozen=True)
class ConfigAnswer(Answer):
    """What config.yaml holds, and what may stand there.

    etag      another one as soon as the file differs
    values    every setting, without passwords; {} where the file cannot be used
    given     the keys of what stands in the file; all else is a default
    problems  what is wrong with the file, a sentence each
    settings  every setting with type, default, unit, range and explanation
    versions  earlier ones to go back to, the newest first: number, time, changed
    """

    etag: str
    values: Json
    given: tuple[str, ...]
    problems: tuple[str, ...]
    settings: list[Json]
    versions: list[Json]


@dataclass(frozen=True)
class ConfigCheckAnswer(Answer):
    """What changes would come to.

    valid          whether they could be written
    problems       why not, a sentence each
    doubts         what is allowed, but can hardly be meant
    changed        the keys of what would be new
    needs_restart  those of them that hold only after a restart
    difference     the lines of config.yaml that would change, as `diff -u` marks them, without passwords
    """

    valid: bool
    problems: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    needs_restart: tuple[str, ...] = ()
    difference: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConfigVersionAnswer(Answer):
    """An earlier version.

    changed     what was changed to come to it
    difference  what going back to it would change, as ConfigCheckAnswer has it
    """

    version: int
    time: str
    changed: str
    difference: tuple[str, ...]


@dataclass(frozen=True)
class ConfigWriteAnswer(Done):
    """With the etag of the file as it is now, and what ConfigCheckAnswer says of the change."""

    etag: str
    changed: tuple[str, ...]
    doubts: tuple[str, ...]
    needs_restart: tuple[str, ...]
