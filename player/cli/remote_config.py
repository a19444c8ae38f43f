"""config.yaml of a player on another machine: read, changed and gone back by its API."""

from __future__ import annotations

from typing import Any

from player.cli.addressed_player import ANOTHER_VERSION, AddressedPlayer
from player.cli.printing import say
from player.errors import ConfigError, ControlError
from player.privacy.redaction import redacted
from player.types import Json


class RemoteConfig:
    """Asks a player; each method raises ControlError, in one sentence."""

    def __init__(self, player: AddressedPlayer) -> None:
        self._player = player

    def values(self) -> Json:
        """Every setting, without passwords. Raises ConfigError if the file has mistakes."""
        answer = self._player.command("config", {})
        if problems := _of(answer, "problems", list):
            raise ConfigError([str(problem) for problem in problems])
        found: Json = _of(answer, "values", dict)
        return found

    def settings(self) -> list[Json]:
        """Every setting with type, default, unit, range and explanation."""
        found: list[Json] = _of(self._player.command("config", {}), "settings", list)
        return found

    def versions(self) -> list[Json]:
        """Earlier ones, the newest first: number, time, changed."""
        found: list[Json] = _of(self._player.command("config", {}), "versions", list)
        return found

    def write(self, changes: Json) -> None:
        """Change settings, and say what has come of it."""
        self._say(self._player.command("config_write", {"changes": changes}))

    def revert(self, version: int) -> None:
        """Go back, and say what has come of it."""
        self._say(self._player.command("config_revert", {"version": version}))

    def _say(self, answer: Json) -> None:
        for doubt in answer.get("doubts", ()):
            say(redacted(f"but {doubt}"))
        say(redacted(_of(answer, "message", str)))


def _of(answer: Json, name: str, kind: type) -> Any:
    found = answer.get(name)
    if not isinstance(found, kind):
        raise ControlError(ANOTHER_VERSION)
    return found
