"""Earlier contents of config.yaml, to go back to: a small file each, for its owner alone."""

from __future__ import annotations

import fcntl
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from os.path import realpath
from pathlib import Path

from player.privacy import private_files
from player.types import json_text

MOST = 10
LARGEST = 2_000_000
"""Bytes of one of these files."""


@dataclass(frozen=True, slots=True)
class Version:
    """What config.yaml said from a moment on.

    time   ISO 8601, to the second
    said   what was changed to come to it
    file   the path of that config.yaml, links resolved; "" in those that were kept before it was noted
    """

    number: int
    time: str
    said: str
    text: str
    file: str = ""

    @property
    def summary(self) -> dict[str, object]:
        """Without the text."""
        return {"number": self.number, "time": self.time, "changed": self.said}


class Versions:
    """The versions of one file, in a folder that it may share with others; without one, nothing is kept.

    usual  whether it is the file that holds if nobody names one: whose it was is not noted in the oldest
    """

    def __init__(self, folder: Path | None, path: Path, usual: bool) -> None:
        self._folder, self._path, self._usual = folder, path, usual

    @contextmanager
    def lock(self) -> Iterator[None]:
        """While this holds nobody else writes config.yaml through here. Raises OSError."""
        if self._folder is None:
            yield
            return
        private_files.make_folder(self._folder)
        with private_files.write(self._folder / "lock", "a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def all(self) -> list[Version]:
        """Those of the file, the newest first."""
        own = {realpath(self._path), *([""] if self._usual else [])}
        return [version for version in self._of_all_files() if version.file in own]

    def _of_all_files(self) -> list[Version]:
        """The newest first. A damaged one is passed over."""
        found: list[Version] = []
        if self._folder is None:
            return found
        with suppress(OSError):
            for path in self._folder.iterdir():
                if re.fullmatch(r"\d{1,9}\.json", path.name):
                    with suppress(OSError, ValueError, TypeError, KeyError):
                        found.append(self._read(path))
        return sorted(found, key=lambda version: version.number, reverse=True)

    def add(self, text: str, said: str, now: datetime) -> None:
        """Keep what the file says from now on; the same text is kept once. Raises OSError."""
        if self._folder is None:
            return
        private_files.make_folder(self._folder)
        versions = self.all()
        if versions and versions[0].text == text:
            return
        number = 1 + max((each.number for each in self._of_all_files()), default=0)
        version = Version(number, now.isoformat(timespec="seconds"), said, text, realpath(self._path))
        private_files.replace(self._folder / f"{number}.json", json_text(asdict(version)))
        twice = [old for old in versions if old.text == text]
        kept = [old for old in versions if old.text != text]
        for old in twice + kept[MOST:]:
            self.drop(old.number)

    def drop(self, number: int) -> None:
        """Keep a version no longer."""
        if self._folder is not None:
            with suppress(OSError):
                (self._folder / f"{number}.json").unlink(missing_ok=True)

    @staticmethod
    def _read(path: Path) -> Version:
        with path.open("rb") as file:
            said = json.loads(file.read(LARGEST))
        return Version(
            int(path.stem), str(said["time"]), str(said["said"]), str(said["text"]), str(said.get("file", ""))
        )
