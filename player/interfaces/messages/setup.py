"""What is set and what is there, for who sets the player up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, Field

from player.interfaces import command_arguments as arguments
from player.interfaces.messages.base import Answer, Done, Request


class SetupRequest(Request):
    """What is set, and what is there?"""


class FoldersRequest(Request):
    """Which folders are in a folder?"""

    path: Annotated[
        Annotated[str, BeforeValidator(arguments.whole_path)] | None,
        Field(
            # Every character of it may take four bytes.
            max_length=1000,
            pattern=r"^/[^\x00-\x1f\x7f-\x9f]*$",
            description="the whole path of a folder; without it, the player's home",
        ),
    ] = None


class SoundTestRequest(Request):
    """A soft sound, to hear whether all is well."""

    output: Annotated[
        Annotated[str, BeforeValidator(arguments.sentence)] | None,
        Field(max_length=200, description="the output that it should come from, as playback.output"),
    ] = None


@dataclass(frozen=True)
class FoundThing:
    """`name` as config.yaml takes it, `said` as people call it."""

    name: str
    said: str


@dataclass(frozen=True)
class FoundOutput(FoundThing):
    """Whether it is the system's own choice."""

    default: bool


@dataclass(frozen=True)
class FoundFolder:
    """A folder with music files, how many, and whether there may be more."""

    path: str
    files: int
    more: bool


@dataclass(frozen=True)
class NamedFolder:
    """A folder in another."""

    name: str
    files: int
    more: bool


@dataclass(frozen=True)
class FoldersAnswer(Answer):
    """The folders in `path`; `above` is null where one may go no higher."""

    path: str
    above: str | None
    folders: tuple[NamedFolder, ...]
    left_out: int


@dataclass(frozen=True)
class SetupAnswer(Answer):
    """What config.yaml says, without passwords, and what was found.

    given           which of output, camera, folders and range stand in the file
    camera          its source, an address without user and password
    valence, energy the range of the house's music, each from -1 to 1
    blip            whether BLIP could be had: nobody chose a reader, and there is room for it
    """

    given: tuple[str, ...]
    output: str
    camera: str
    camera_on: bool
    folders: tuple[str, ...]
    valence: tuple[float, float]
    energy: tuple[float, float]
    outputs: tuple[FoundOutput, ...]
    cameras: tuple[FoundThing, ...]
    found_folders: tuple[FoundFolder, ...]
    blip: bool


@dataclass(frozen=True)
class SoundTestAnswer(Done):
    """With the output that it comes from."""

    output: str
