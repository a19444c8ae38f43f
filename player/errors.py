"""Everything that can go wrong and that a person can do something about.

Each message is one sentence: what happened, where, and what to do. A child also inherits the builtin
a caller would naturally catch.
"""

from __future__ import annotations

from enum import StrEnum


class ErrorCode(StrEnum):
    """Why a command was not carried out, for programs; the sentence is for people."""

    UNKNOWN = "unknown"
    """There is no such command."""
    ARGUMENT = "argument"
    """What was given does not fit."""
    REFUSED = "refused"
    """It cannot be done now."""
    MISSING = "missing"
    """There is no such track, cover, ..."""
    CHANGED = "changed"
    """It was meant for something that somebody else has changed meanwhile."""
    BUSY = "busy"
    """Too many of the kind are under way, or the player is stopping: try again."""
    DISK = "disk"
    """A disk does not take it, whatever it says: try again when that is mended."""
    FAILED = "failed"
    """A fault inside the player."""


class PlayerError(Exception):
    """Base of every error this program raises on purpose; the CLI prints it without a traceback."""

    code = ErrorCode.REFUSED
    """Of a command that ends with it."""


class ConfigError(PlayerError, ValueError):
    """config.yaml cannot be used; `problems` holds one line for each thing that is wrong."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class NeedsRestartError(ConfigError):
    """A setting has changed that cannot change while the player runs."""

    SAID = "has changed, which needs a restart"
    """What its message says of each."""


class BackupError(PlayerError):
    """A backup cannot be written, or is none that can be restored."""


class ConfigFileError(ConfigError):
    """config.yaml cannot be read or written, whatever it says."""

    code = ErrorCode.DISK


class ConfigChangedError(PlayerError):
    """config.yaml has changed since it was looked at."""

    code = ErrorCode.CHANGED


class CameraError(PlayerError, OSError):
    """The camera cannot be opened, or stopped giving frames."""


class EndOfFrames(CameraError, EOFError):  # noqa: N818 - it ends a source, as StopIteration does
    """A source that plays once has given its last frame."""


class StateError(PlayerError, OSError):
    """The folder for state and database cannot be used."""


class ModelError(PlayerError):
    """A bundled model cannot be used."""


class ModelFileNotFoundError(ModelError, FileNotFoundError):
    """A file named in models_onnx/manifest.json is not there."""


class ModelFileDamagedError(ModelError, ValueError):
    """A file in models_onnx does not have the sha256 its manifest gives."""


class LibraryError(PlayerError):
    """The music library cannot be read or written."""


class NoLibraryError(LibraryError):
    """There is no music library yet."""


class OldLibraryError(LibraryError):
    """The music library is of an earlier version of this program."""


class RowError(LibraryError):
    """One row of the library cannot be read or written; the others are not touched by it."""


class AudioFileError(LibraryError, ValueError):
    """One music file cannot be read; the others are not touched by it."""


class NotNowError(AudioFileError):
    """One music file cannot be read at present, through no fault of its own: it is tried again later."""

    def for_once(self) -> NotNowError:
        """The same for somebody who asks once, for whom nothing tries it again."""
        return NotNowError(str(self).replace("it is tried again", "try it again"))


class PlaylistError(LibraryError, ValueError):
    """A playlist is of a kind that is not read: the message names it, and says what to do."""


class ClusterError(LibraryError, ConnectionError):
    """The Dask cluster that was to analyse music cannot be reached or cannot do it."""


class NoMusicError(LibraryError, LookupError):
    """There is not one playable track."""


class WishError(PlayerError, ValueError):
    """What somebody asks for cannot be meant: it says no mood, or not how long."""

    code = ErrorCode.ARGUMENT


class OutputError(PlayerError, OSError):
    """No sound can be made: libVLC is missing, or a deck does not answer."""


class ControlError(PlayerError, ConnectionError):
    """The running player cannot be reached, or refused a command."""


class UnknownCommandError(ControlError, LookupError):
    """There is no such command."""

    code = ErrorCode.UNKNOWN


class ArgumentError(ControlError, ValueError):
    """What a command was given does not fit; `field` names the one that does not, where it is one."""

    code = ErrorCode.ARGUMENT

    def __init__(self, message: str, field: str | None = None) -> None:
        self.field = field
        super().__init__(message)


class MissingError(ControlError, LookupError):
    """What a command is about does not exist."""

    code = ErrorCode.MISSING


class BusyError(ControlError):
    """Too many commands of this kind are under way, or the player is stopping; try again in a moment."""

    code = ErrorCode.BUSY


class CommandFailedError(ControlError):
    """A command failed through a fault of the player's own."""

    code = ErrorCode.FAILED


class ReloadRefusedError(ControlError):
    """The running player refuses its config.yaml: a line for each thing that is wrong with it."""


class AlreadyRunningError(ControlError):
    """Another player of this user runs."""


class ServiceError(PlayerError, OSError):
    """The player cannot be made a service of this user, or not be asked about as one."""


class TagServiceError(PlayerError, ConnectionError):
    """A service that knows moods of tracks cannot be asked."""


class EndpointError(PlayerError, ConnectionError):
    """A language model's endpoint gave no usable answer: the message says what it did, without naming it.

    `retry_after_s` is the pause it asked for, if it did.
    """

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(message)
