"""Where the music of a backup is on this machine: its folders, in paths and in the settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from player.errors import BackupError

Folders = Mapping[str, str]
"""Where music was, absolute or from ~ on -> where it is now, absolute."""


class FolderMoves:
    """Folders that are elsewhere on this machine.

    home       of the machine that the backup is from; "" if the backup does not say
    home_here  of this one, which stands in for it in a folder that was given with ~; "" if not known

    Raises BackupError where a folder is given with ~, and no home is known.
    """

    def __init__(self, folders: Folders, home: str, home_here: str) -> None:
        self._home = home.rstrip("/") if home else None
        self._guessed: dict[str, str] = {}
        self._left: list[str] = []
        full = {_in_full(old, home or home_here): new for old, new in folders.items()}
        pairs = {old.rstrip("/"): new.rstrip("/") or "/" for old, new in full.items()}
        self._pairs = sorted(pairs.items(), key=lambda pair: -len(pair[0]))
        self._unused = dict(self._pairs)

    def __bool__(self) -> bool:
        return bool(self._pairs)

    def path(self, path: str) -> str:
        """A path as it is on this machine; of several folders that hold it, the innermost counts."""
        for old, new in self._pairs:
            if path == old or path.startswith(f"{old}/"):
                self._unused.pop(old, None)
                return new + path[len(old) :] if new != "/" else path[len(old) :] or "/"
        return path

    def values(self, value: Any) -> Any:
        """Settings with the paths in them as they are here; what begins with ~ stays if it is not moved."""
        if isinstance(value, dict):
            return {key: self.values(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.values(inner) for inner in value]
        if not isinstance(value, str):
            return value
        if value == "~" or value.startswith("~/"):
            return self._from_home(value)
        return self.path(value) if value.startswith("/") else value

    def said(self) -> Iterator[str]:
        """What its owner should look at, a sentence each."""
        for value, was in self._guessed.items():
            yield f"{value} in config.yaml was taken for {was}: this backup does not say whose home ~ was"
        for value in self._left:
            yield f"but {value} in config.yaml stays: this backup does not say whose home ~ was"
        for old in self._unused:
            yield f"but nothing in the backup was in {old or '/'}: is that where its music was?"

    def _from_home(self, value: str) -> str:
        home = self._likely_home(value) if self._home is None else self._home
        was = None if home is None else home + value[1:]
        moved = was and self.path(was)
        if self._home is None and moved == was:
            self._left.append(value)
        elif self._home is None:
            self._guessed[value] = str(was)
        return value if moved is None or moved == was else moved

    def _likely_home(self, value: str) -> str | None:
        """The home from which a setting would lead into a folder that was given; None if there is none."""
        inside = PurePosixPath(value[1:])
        for old, _ in self._pairs:
            for part in (inside, *inside.parents):
                if part.name and old.endswith(str(part)):
                    return old.removesuffix(str(part))
        return None


def _in_full(old: str, home: str) -> str:
    if not old.startswith("~"):
        return old
    if not home:
        raise BackupError(f"{old}: nobody knows whose home ~ was; write the folder in full.")
    return home.rstrip("/") + old[1:]
