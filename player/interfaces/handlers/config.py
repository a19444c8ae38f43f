"""config.yaml read, tried, written and taken back for its owner's page."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from player.config.settings.config import Config
from player.errors import (
    ArgumentError,
    BusyError,
    ConfigError,
    ConfigFileError,
    ControlError,
    NeedsRestartError,
    PlayerError,
)
from player.interfaces.messages.base import Handler, Request
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
from player.log import EventLog, LogEvent
from player.types import Json

if TYPE_CHECKING:  # nobody may edit for months: the player does not carry it meanwhile
    from player.config.editing.config_file import ConfigFile, Written

log = EventLog(__name__, LogEvent.COMMAND)


class ConfigCommands:
    """Works on the config file that the player reads.

    path      None is the one that holds if nobody names one
    versions  the folder for its earlier contents
    now       the time, with its zone
    reload    takes over what is written; raises PlayerError for what it refuses
    check     raises PlayerError for what `reload` would refuse
    """

    def __init__(
        self,
        path: Path | None,
        versions: Path,
        now: Callable[[], datetime],
        reload: Callable[[], Sequence[str]],
        check: Callable[[Config], None] = lambda _: None,
    ) -> None:
        self._path, self._versions, self._now = path, versions, now
        self._reload, self._refuse = reload, check
        self._lock = threading.Lock()

    def handlers(self) -> Mapping[type[Request], Handler]:
        """See Handlers."""
        return {
            ConfigRequest: self._config,
            ConfigCheckRequest: self._check,
            ConfigWriteRequest: self._write,
            ConfigRevertRequest: self._revert,
            ConfigVersionRequest: self._version,
        }

    def _file(self) -> ConfigFile:
        from player.config.editing.config_file import ConfigFile  # noqa: PLC0415

        return ConfigFile(self._path, self._versions)

    def _config(self, _: ConfigRequest) -> ConfigAnswer:
        from player.config.editing.form import fields  # noqa: PLC0415

        file = self._file()
        versions = [version.summary for version in file.versions()]
        try:
            held = file.read()
        except ConfigError as error:  # an earlier version may be the way out
            return ConfigAnswer(file.etag(), {}, (), tuple(error.problems), fields(), versions)
        return ConfigAnswer(held.etag, held.values, held.given, (), fields(), versions)

    def held(self) -> tuple[Json, tuple[str, ...]]:
        """What the file says, with defaults and without passwords, and the keys that stand in it.

        Raises ConfigError.
        """
        held = self._file().read()
        return held.values, held.given

    def settings(self) -> list[tuple[str, object]]:
        """What stands in the file, by key, without passwords."""
        try:
            held = self._file().read()
        except ConfigError as error:
            return [("config.yaml", problem) for problem in error.problems]
        return [(name, value) for name, value in _flat(held.values) if _is_given(name, held.given)]

    def _check(self, request: ConfigCheckRequest) -> ConfigCheckAnswer:
        try:
            file = self._file()
            made = file.check(request.changes)
            difference = file.difference(made.text)
        except ConfigFileError:
            raise
        except ConfigError as error:
            return ConfigCheckAnswer(valid=False, problems=tuple(error.problems))
        try:
            self._refuse(made.config)
        except PlayerError as error:
            return ConfigCheckAnswer(valid=False, problems=(str(error),))
        return ConfigCheckAnswer(True, (), made.doubts, made.changed, made.needs_restart, difference)

    def _version(self, request: ConfigVersionRequest) -> ConfigVersionAnswer:
        file = self._file()
        found = file.version(request.version)
        return ConfigVersionAnswer(found.number, found.time, found.said, file.difference(found.text))

    def _write(self, request: ConfigWriteRequest) -> ConfigWriteAnswer:
        return self._written(lambda file: file.write(request.changes, request.base, self._now()))

    def _revert(self, request: ConfigRevertRequest) -> ConfigWriteAnswer:
        return self._written(lambda file: file.revert(request.version, self._now(), request.base))

    def _written(self, write: Callable[[ConfigFile], Written]) -> ConfigWriteAnswer:
        """Write, and take it over; what the player refuses is taken back."""
        with self._lock:
            file = self._file()
            try:
                written = write(file)
            except ConfigFileError:
                raise
            except ConfigError as error:
                raise ArgumentError(str(error)) from None
            made = written.candidate
            message = self._taken_over(file, written)
            if written.kept:
                message = f"{message} The earlier version could not be kept ({written.kept})."
            log.info("%s", message)
            return ConfigWriteAnswer(message, written.etag, made.changed, made.doubts, made.needs_restart)

    def _taken_over(self, file: ConfigFile, written: Written) -> str:
        """What has become of a write, in a sentence."""
        made = written.candidate
        if written.before == written.after:
            return "nothing has changed."
        if made.needs_restart:
            fixed = ", ".join(made.needs_restart)
            return f"config.yaml: {made.said}. {fixed} needs a restart: stop the player and start it."
        try:
            self._reload()
        except NeedsRestartError:
            return (
                f"config.yaml: {made.said}. An earlier change needs a restart, and this holds from then on."
            )
        except Exception as error:
            back = "is as it was" if file.take_back(written) else "has been edited since"
            if isinstance(error, ConfigError | ControlError):
                kind = BusyError if isinstance(error, BusyError) else ControlError
                raise kind(f"the player refuses it, and config.yaml {back}: {error}") from error
            raise
        return f"config.yaml: {made.said}."


def _flat(values: Json, above: str = "") -> Iterator[tuple[str, object]]:
    """Each setting by its whole key."""
    for name, value in values.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def _is_given(name: str, given: Sequence[str]) -> bool:
    """Whether the file says it, or a part of it."""
    return any(
        name == key or name.startswith((f"{key}.", f"{key}[")) or key.startswith(f"{name}[") for key in given
    )
