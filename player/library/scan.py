"""Finding music files in folders."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from os.path import expanduser
from pathlib import Path

SUFFIXES = frozenset({".mp3", ".flac", ".ogg", ".opus", ".m4a", ".wav"})
_LEADING_BYTES = (b"ID3", b"\xff", b"fLaC", b"OggS", b"RIFF")


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A music file as the file system gives it."""

    path: Path
    """Absolute."""
    size: int
    mtime_ns: int


@dataclass
class Walk:
    """One pass over folders: iterate over it for the files, then look at `problems`.

    Files come folder by folder in the order of their names. Hidden names are left out. A folder that links
    lead to more than once is entered once.
    """

    folders: Iterable[Path]
    problems: list[tuple[Path, str]] = field(default_factory=list)
    """Folders and files that could not be looked at, and why."""

    def __iter__(self) -> Iterator[FoundFile]:
        entered: set[tuple[int, int]] = set()
        # A stack and not recursion: folders may be nested deeper than Python's calls.
        waiting = [Path(expanduser(folder)).absolute() for folder in self.folders][::-1]
        while waiting:
            folder = waiting.pop()
            try:
                status = folder.stat()
                entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
            except OSError as error:
                self.problems.append((folder, f"cannot be opened ({error.strerror}): check it."))
                continue
            if (status.st_dev, status.st_ino) in entered:
                continue
            entered.add((status.st_dev, status.st_ino))
            inner = []
            for entry in entries:
                found = None if entry.name.startswith(".") else self._look(entry)
                if isinstance(found, Path):
                    inner.append(found)
                elif found is not None:
                    yield found
            waiting += inner[::-1]

    def _look(self, entry: os.DirEntry[str]) -> FoundFile | Path | None:
        """A music file, a folder (as its path), or neither."""
        path = Path(entry.path)
        try:
            if entry.is_dir():
                return path
            if path.suffix.lower() not in SUFFIXES or not entry.is_file():
                return None
            entry.name.encode()
            status = entry.stat()
        except UnicodeEncodeError:
            self.problems.append((path, "has a name that is not UTF-8: rename it."))
        except OSError as error:
            self.problems.append((path, f"cannot be looked at ({error.strerror}): check it."))
        else:
            return FoundFile(path, status.st_size, status.st_mtime_ns)
        return None


def look_up(paths: Iterable[Path]) -> Iterator[FoundFile]:
    """Those of the named files that are there and could be music."""
    for path in paths:
        try:
            if path.suffix.lower() in SUFFIXES and path.is_file():
                str(path).encode()
                status = path.stat()
                yield FoundFile(path, status.st_size, status.st_mtime_ns)
        except (OSError, ValueError):  # a name that no file can have; a disk that is away
            continue


def first_playable(folders: Iterable[Path]) -> Path | None:
    """One music file, found within milliseconds and without a database, for the very first start.

    Its first bytes are those of one of the known containers; whether it really plays, playing shows.
    """
    return next((found.path for found in Walk(folders) if _looks_like_music(found.path)), None)


def _looks_like_music(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except OSError:
        return False
    return head.startswith(_LEADING_BYTES) or head[4:] == b"ftyp"
