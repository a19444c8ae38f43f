"""Every command of the running player: what it takes, what it answers, and who may give it.

Command line, socket and whatever comes next are made from COMMANDS; commands.py carries the requests out.
A new command is a request (messages/), an entry here, and a method of one of handlers/.

The module is long because every command has its entry in one table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, get_args

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from player.errors import ArgumentError, UnknownCommandError
from player.interfaces import command_arguments as arguments
from player.interfaces.messages.base import Answer, Done, Flag, OwnerOnly, Request
from player.interfaces.messages.config import (
    ConfigAnswer,
    ConfigCheckAnswer,
    ConfigCheckRequest,
    ConfigRequest,
    ConfigRevertRequest,
    ConfigVersionAnswer,
    ConfigVersionRequest,
    ConfigWriteAnswer,
    ConfigWriteRequest,
)
from player.interfaces.messages.day import DayAnswer, DayRequest
from player.interfaces.messages.library import (
    CollectionAnswer,
    CollectionRequest,
    CoverAnswer,
    CoverRequest,
    HistoryAnswer,
    HistoryRequest,
    LedgerAnswer,
    LedgerRequest,
    LibraryAnswer,
    LibraryMapAnswer,
    LibraryMapRequest,
    LibraryProblemsAnswer,
    LibraryProblemsRequest,
    LibraryRequest,
    SetMoodAnswer,
    SetMoodRequest,
    TrackAnswer,
    TrackRequest,
)
from player.interfaces.messages.pictures import (
    PlaylistAnswer,
    PlaylistRequest,
    PlaylistStep,
    PlaylistStepsRequest,
    PreviewAnswer,
    PreviewRequest,
)
from player.interfaces.messages.playing import (
    AnnounceRequest,
    CameraRequest,
    LikeRequest,
    NextRequest,
    NightRequest,
    PauseRequest,
    PinAnswer,
    PinRequest,
    PlayListRequest,
    ReloadAnswer,
    ReloadRequest,
    ResumeRequest,
    SayRequest,
    SeekRequest,
    SensorRequest,
    StatusAnswer,
    StatusRequest,
    UnpinRequest,
    VolumeRequest,
    WrongRequest,
)
from player.interfaces.messages.setup import (
    FoldersAnswer,
    FoldersRequest,
    SetupAnswer,
    SetupRequest,
    SoundTestAnswer,
    SoundTestRequest,
)
from player.interfaces.messages.support import LogAnswer, LogRequest, ReportAnswer, ReportRequest
from player.interfaces.messages.teaching import TeachAnswer, TeachRequest
from player.interfaces.messages.watching import StatusLine, WatchRequest
from player.types import Json

MAX_WATCHERS = 100
"""Each has a thread and two descriptors of the player."""
MAX_BYTES = 65536
"""Of a line that holds a command, unless its spec says more."""


class Role(StrEnum):
    """Who asks, in ascending order: each may do what those before it may, and more."""

    STAFF = "staff"
    OWNER = "owner"


@dataclass(frozen=True)
class CommandSpec:
    """One command.

    request      what it takes: the first field is the main argument
    answer       what it answers; the type of each line where it is a Stream of them
    role         the least who may give it
    help         one line for a person in the café
    example      fields that make sense
    changes      whether a restart has something new to find again
    max_bytes    of its line on the socket; one of more than MAX_BYTES has "command" as its first key
    at_once      how many of it may be under way; None: any number
    streams      whether the answer is many lines
    at_terminal  whether the command line makes a command of it; False where that has one of its own
    """

    name: str
    request: type[Request]
    answer: type[Answer]
    role: Role
    help: str
    example: Json = field(default_factory=dict)
    changes: bool = True
    max_bytes: int = MAX_BYTES
    at_once: int | None = None
    streams: bool = False
    at_terminal: bool = True

    def allows(self, role: Role, fields: Iterable[str] = ()) -> bool:
        """Whether somebody in this role may give it, with these fields."""
        ascending = list(Role)
        needed = [self.role, *(Role.OWNER for name in fields if name in self.owner_only)]
        return all(ascending.index(role) >= ascending.index(least) for least in needed)

    @property
    def owner_only(self) -> frozenset[str]:
        """The fields that only an owner may give."""
        known = self.request.model_fields.items()
        return frozenset(name for name, info in known if _beside(info, OwnerOnly))

    @property
    def argument(self) -> tuple[str, FieldInfo] | None:
        """Name and description of the main argument; None if it takes nothing."""
        return next(iter(self.request.model_fields.items()), None)

    @property
    def options(self) -> dict[str, FieldInfo]:
        """The fields beside the main argument, by name."""
        return dict([*self.request.model_fields.items()][1:])

    @property
    def metavar(self) -> str:
        """The main argument as a usage line has it: PERCENT, or on|off."""
        return metavar(*self.argument) if self.argument else ""

    @property
    def usage(self) -> str:
        """The example as it is typed at a terminal, after the program's name."""
        words = [self.name]
        for name, value in self.example.items():
            main = self.argument is not None and name == self.argument[0]
            listed = isinstance(value, list)
            text = ",".join(map(str, value)) if listed else str(value)
            text = f'"{text}"' if " " in text and not main else text
            words += [text] if main else [flag(name, self.options[name]), text]
        return " ".join(words)

    def read(self, argument: Any = None, more: Mapping[str, Any] | None = None) -> Request:
        """The request with this main argument and these fields, as JSON or a person has them.

        Raises ArgumentError, in one sentence, where one does not fit.
        """
        fields = {name: value for name, value in (more or {}).items() if not self._is_default(name, value)}
        if self.argument is None:
            if argument is not None:
                raise ArgumentError(f"{self.name} takes nothing more, not {arguments.quoted(argument)}.")
        elif argument is not None and self.argument[0] in fields:
            raise ArgumentError(f"{self.name} takes value or {self.argument[0]}, not both.")
        elif argument is not None or self.argument[1].is_required():
            fields.setdefault(self.argument[0], argument)
        try:
            return self.request.model_validate(fields)
        except ValidationError as error:
            # What pydantic says of it is for programmers, and one sentence says it all.
            raise self._refusal(error, fields) from None

    def _is_default(self, name: str, value: Any) -> bool:
        """Whether this is as good as not given: null, where that is not refused in words of its own."""
        needed = self.argument is not None and name == self.argument[0] and self.argument[1].is_required()
        return value is None and name in self.request.model_fields and not needed

    def _refusal(self, error: ValidationError, fields: Mapping[str, Any]) -> ArgumentError:
        """What is wrong with the first field that does not fit."""
        found = error.errors(include_url=False)[0]
        name = str(found["loc"][0]) if found["loc"] else ""
        info = self.request.model_fields.get(name)
        if info is None and name:
            known = ", ".join(self.request.model_fields) or "no fields"
            return ArgumentError(f"{self.name} takes {known}, not {arguments.quoted(name)}.")
        if info is None:  # the fields do not go together, and our own check says how they would
            return ArgumentError(f"{self.name} takes {found.get('ctx', {}).get('error', found['msg'])}.")
        as_field = f" as {name}" if name in self.options else ""
        said = f"{self.name} takes {info.description}{as_field}, not {arguments.quoted(fields.get(name))}."
        return ArgumentError(said, name)


def metavar(name: str, info: FieldInfo) -> str:
    """A field as a usage line has it: PERCENT, or on|off."""
    kind = plain_type(info)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return "|".join(kind)
    return name.removesuffix("_s").upper()


def plain_type(info: FieldInfo) -> Any:
    """A field's type, without the None that stands for "not given"."""
    kinds = [kind for kind in get_args(info.annotation) if kind is not type(None)]
    return kinds[0] if len(kinds) == 1 and type(None) in get_args(info.annotation) else info.annotation


def flag(name: str, info: FieldInfo) -> str:
    """A field as an option at a terminal: --for."""
    named = _beside(info, Flag)
    return f"--{named.name if named else name.removesuffix('_s').replace('_', '-')}"


def _beside(info: FieldInfo, kind: type[Any]) -> Any:
    return next((one for one in info.metadata if isinstance(one, kind)), None)


_ALL = (
    CommandSpec(
        "status",
        StatusRequest,
        StatusAnswer,
        Role.STAFF,
        "What the running player plays, why, and how it is.",
        changes=False,
    ),
    CommandSpec(
        "watch",
        WatchRequest,
        StatusLine,
        Role.STAFF,
        "A line with the status for every change of it, at most five a second, and one every 10 s without.",
        {"since": "5d41a0c2-17"},
        changes=False,
        at_once=MAX_WATCHERS,
        streams=True,
        at_terminal=False,
    ),
    CommandSpec("next", NextRequest, Done, Role.STAFF, "Crossfade to another track now."),
    CommandSpec(
        "play_list",
        PlayListRequest,
        Done,
        Role.STAFF,
        "Play some tracks of the library, beginning now; then the music follows the room again.",
        {"tracks": [12, 7, 31]},
        changes=False,
    ),
    CommandSpec("pause", PauseRequest, Done, Role.STAFF, "Hold the music."),
    CommandSpec("resume", ResumeRequest, Done, Role.STAFF, "Play on after a pause."),
    CommandSpec(
        "like",
        LikeRequest,
        Done,
        Role.STAFF,
        "Say that the track that plays, or one of the history, is right: more like it, at that time of day.",
        {"play": 812},
    ),
    CommandSpec(
        "wrong",
        WrongRequest,
        Done,
        Role.STAFF,
        "Say that the track that plays is in the wrong mood, or one of the history, and which it has; go on.",
        {"play": 812},
    ),
    CommandSpec(
        "pin",
        PinRequest,
        PinAnswer,
        Role.STAFF,
        "Hold the music at a mood: a name (calm) or a sentence (rainy sunday morning), or for a time only.",
        {"mood": "calm", "lasting": "1h"},
    ),
    CommandSpec("unpin", UnpinRequest, Done, Role.STAFF, "Let the music follow the room again."),
    CommandSpec(
        "teach",
        TeachRequest,
        TeachAnswer,
        Role.OWNER,
        "Say what the room is like at this moment, so that its reading learns; list, forget 3 or reset.",
        {"what": "lively"},
    ),
    CommandSpec(
        "volume",
        VolumeRequest,
        Done,
        Role.STAFF,
        "Set the player's volume, 0 to 100; the system's own is never touched.",
        {"percent": 40},
    ),
    CommandSpec(
        "seek",
        SeekRequest,
        Done,
        Role.STAFF,
        "Go to another place in the track: 1:30, or in seconds.",
        {"position_s": "1:30"},
    ),
    CommandSpec(
        "night",
        NightRequest,
        Done,
        Role.STAFF,
        "Night mode: quieter, with less bass; auto is as the dayparts have it.",
        {"mode": "on"},
    ),
    CommandSpec(
        "sensor",
        SensorRequest,
        Done,
        Role.STAFF,
        "Tell what a sensor of the venue says (docs/sensors.md), which moves the music a little.",
        {"name": "weather", "says": "rainy"},
        changes=False,
    ),
    CommandSpec(
        "announce",
        AnnounceRequest,
        Done,
        Role.OWNER,
        "Play a file over the music, which makes room for it.",
        {"file": "/srv/gong.wav"},
    ),
    CommandSpec(
        "say",
        SayRequest,
        Done,
        Role.OWNER,
        "Speak a text over the music, by an installed speech program (espeak-ng, piper).",
        {"text": "We close in ten minutes."},
    ),
    CommandSpec(
        "camera",
        CameraRequest,
        Done,
        Role.OWNER,
        "Release the camera (off), or use it again (on).",
        {"state": "off"},
    ),
    CommandSpec(
        "reload",
        ReloadRequest,
        ReloadAnswer,
        Role.OWNER,
        "Let the running player read its config again; if it has a mistake, the old one stays in force.",
    ),
    CommandSpec(
        "history",
        HistoryRequest,
        HistoryAnswer,
        Role.OWNER,
        "What was played when, the newest first, as licensing asks for it.",
        {"text": "bach", "since": "2026-05-01", "limit": 20},
        changes=False,
        at_once=2,
        at_terminal=False,
    ),
    CommandSpec(
        "day",
        DayRequest,
        DayAnswer,
        Role.OWNER,
        "How a day went: what was played, mood, people and volume as curves, and what happened.",
        {"date": "2026-05-01"},
        changes=False,
        at_once=2,
        at_terminal=False,
    ),
    CommandSpec(
        "ledger",
        LedgerRequest,
        LedgerAnswer,
        Role.OWNER,
        "The plays that have ended since one of them, the oldest first, for whoever keeps all of them.",
        {"after": 812, "limit": 50},
        changes=False,
        at_once=2,
        at_terminal=False,
    ),
    CommandSpec(
        "library",
        LibraryRequest,
        LibraryAnswer,
        Role.STAFF,
        "Find tracks by title, artist, album or genre.",
        {"text": "bach", "limit": 20},
        changes=False,
        at_once=2,
        at_terminal=False,
    ),
    CommandSpec(
        "map",
        LibraryMapRequest,
        LibraryMapAnswer,
        Role.STAFF,
        "Where all tracks lie on the mood plane, as columns of whole numbers.",
        {"text": "bach"},
        changes=False,
        at_once=2,
        at_terminal=False,
    ),
    CommandSpec(
        "collection",
        CollectionRequest,
        CollectionAnswer,
        Role.STAFF,
        "Which artists, albums and genres there are, each with how many tracks and how long they last.",
        {"known": "1e9a53f0b2c4d687"},
        changes=False,
        at_once=2,
        at_terminal=False,
    ),
    CommandSpec(
        "problems",
        LibraryProblemsRequest,
        LibraryProblemsAnswer,
        Role.STAFF,
        "Files that do not play, each with why, and what to do.",
        {"limit": 20},
        changes=False,
        at_once=2,
    ),
    CommandSpec(
        "track",
        TrackRequest,
        TrackAnswer,
        Role.STAFF,
        "All that is known of a track: its mood, why it does not play, its plays and what was said of it.",
        {"id": 12},
        changes=False,
        at_once=2,
    ),
    CommandSpec(
        "set_mood",
        SetMoodRequest,
        SetMoodAnswer,
        Role.OWNER,
        "Say what mood a track has, whatever was heard in it; without one, take that back.",
        {"id": 12, "mood": "calm"},
        changes=False,
        at_once=2,
    ),
    CommandSpec(
        "cover",
        CoverRequest,
        CoverAnswer,
        Role.STAFF,
        "The picture of a track, from its file or folder, as a small JPEG.",
        {"id": 12},
        changes=False,
        at_once=2,
        at_terminal=False,
    ),
    CommandSpec(
        "playlist",
        PlaylistRequest,
        PlaylistAnswer,
        Role.STAFF,
        "List tracks for a mood, or for a picture, with every step that led to them.",
        {"mood": "calm", "minutes": 30},
        changes=False,
        max_bytes=8_100_000,
        at_once=1,
        at_terminal=False,
    ),
    CommandSpec(
        "playlist_steps",
        PlaylistStepsRequest,
        PlaylistStep,
        Role.STAFF,
        "The same, a line for each step as it is done: what was seen, the mood, the list.",
        {"mood": "calm", "minutes": 30},
        changes=False,
        max_bytes=8_100_000,
        at_once=1,
        streams=True,
        at_terminal=False,
    ),
    CommandSpec(
        "preview",
        PreviewRequest,
        PreviewAnswer,
        Role.OWNER,
        "What the camera sees at this moment, and what the player makes of it (with --json, the picture).",
        changes=False,
        at_once=2,
    ),
    CommandSpec(
        "config",
        ConfigRequest,
        ConfigAnswer,
        Role.OWNER,
        "What config.yaml says, without passwords, what may stand there, and its earlier versions.",
        changes=False,
        at_once=2,
        at_terminal=False,
    ),
    CommandSpec(
        "config_check",
        ConfigCheckRequest,
        ConfigCheckAnswer,
        Role.OWNER,
        "Whether settings could be changed so, and what would come of it; nothing is written.",
        {"changes": {"playback.volume": 40}},
        changes=False,
        at_once=2,
        at_terminal=False,
    ),
    CommandSpec(
        "config_write",
        ConfigWriteRequest,
        ConfigWriteAnswer,
        Role.OWNER,
        "Change settings in config.yaml and take them over; comments and all else stay as they are.",
        {"changes": {"dayparts.evening.volume": 40}},
        at_once=2,
        at_terminal=False,
    ),
    CommandSpec(
        "config_revert",
        ConfigRevertRequest,
        ConfigWriteAnswer,
        Role.OWNER,
        "Go back to one of the last ten versions of config.yaml, and take it over.",
        {"version": 3},
        at_once=2,
        at_terminal=False,
    ),
    CommandSpec(
        "config_version",
        ConfigVersionRequest,
        ConfigVersionAnswer,
        Role.OWNER,
        "What going back to an earlier version of config.yaml would change in it.",
        {"version": 3},
        changes=False,
        at_once=2,
        at_terminal=False,
    ),
    CommandSpec(
        "log",
        LogRequest,
        LogAnswer,
        Role.OWNER,
        "What has happened in the last day, the newest first, without passwords.",
        {"text": "camera", "level": "warning", "limit": 20},
        changes=False,
        at_once=2,
        at_terminal=False,
    ),
    CommandSpec(
        "report",
        ReportRequest,
        ReportAnswer,
        Role.OWNER,
        "A text for whoever helps: versions, machine, status, settings and log, without passwords.",
        changes=False,
        at_once=1,
    ),
    CommandSpec(
        "setup",
        SetupRequest,
        SetupAnswer,
        Role.OWNER,
        "What is set, and what there is on this machine: outputs, cameras, folders with music.",
        changes=False,
        at_once=2,
        at_terminal=False,
    ),
    CommandSpec(
        "folders",
        FoldersRequest,
        FoldersAnswer,
        Role.OWNER,
        "The folders in a folder, by name, with how many music files lie in each.",
        {"path": "/home/ann/Music"},
        changes=False,
        at_once=2,
        at_terminal=False,
    ),
    CommandSpec(
        "test_sound",
        SoundTestRequest,
        SoundTestAnswer,
        Role.OWNER,
        "Play three soft notes over the music, which makes room for them.",
        {"output": "auto"},
        changes=False,
        at_once=1,
    ),
)
COMMANDS = {spec.name: spec for spec in _ALL}
"""By name, in the order in which they are listed."""
BY_REQUEST = {spec.request: spec for spec in _ALL}


def read_request(name: Any, argument: Any = None, more: Mapping[str, Any] | None = None) -> Request:
    """The request that a name, a main argument and further fields from outside mean.

    Raises UnknownCommandError or ArgumentError, in one sentence.
    """
    spec = COMMANDS.get(name) if isinstance(name, str) else None
    if spec is None:
        said = f"there is no command {arguments.quoted(name)}; there are {', '.join(COMMANDS)}."
        raise UnknownCommandError(said)
    return spec.read(argument, more)
