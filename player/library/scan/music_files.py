"""Finding music files in folders."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from os.path import expanduser
from pathlib import Path

from player.library.scan.left_out import is_left_out, lies_left_out
from player.types import is_utf8

SUFFIXES = frozenset({".mp3", ".flac", ".ogg", ".opus", ".m4a", ".wav"})
_MOST_NS = 2**63 - 1
_NO_UTF8 = "has a name that is not UTF-8: rename it."
BEGINNINGS = (b"ID3", b"\xff", b"fLaC", b"OggS", b"RIFF")
"""First bytes of most music; a file in MP4 has "ftyp" behind its first four."""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A music file as the file system gives it."""

    path: Path
    """Absolute."""
    size: int
    mtime_ns: int
    ctime_ns: int = 0
    """When what the disk has of it last changed: an edit may keep size and mtime. 0 if unknown."""
    place: tuple[int, int] = (0, 0)
    """Disk and number of the file there: the same for all names that lead to it."""


@dataclass
class Walk:
    """One pass over folders: iterate over it for the files, then look at `problems`.

    Files come folder by folder in the order of their names. What systems, bins and downloads leave there is
    left out (`left_out.py`). What links lead to comes last, and only if it was found nowhere else: where a
    song really lies is where a rule on paths looks for it. A folder is entered once.
    """

    folders: Iterable[Path]
    problems: list[tuple[Path, str]] = field(default_factory=list)
    """Folders and files that could not be looked at, and why."""
    left_out: list[Path] = field(default_factory=list)
    """Folders, and files that could be music, that are not the owner's by their names."""
    closed: dict[Path, int] = field(default_factory=dict)
    """Of these, what the system did not let this pass look at, and its error number."""

    def __iter__(self) -> Iterator[FoundFile]:
        places: set[tuple[int, int]] = set()
        links: list[FoundFile] = []
        for file, is_link in self._files():
            if is_link:
                links.append(file)
            else:
                places.add(file.place)
                yield file
        yield from (file for file in links if file.place not in places)

    def _files(self) -> Iterator[tuple[FoundFile, bool]]:
        """Files, each with whether it is a link: those of real folders before those of linked ones."""
        entered: set[tuple[int, int]] = set()
        roots = [Path(expanduser(folder)).absolute() for folder in self.folders]
        linked = deque(root for root in roots if os.path.islink(root))
        # A stack and not recursion: folders may be nested deeper than Python's calls.
        waiting = [root for root in roots[::-1] if root not in linked]
        while waiting or linked:
            folder = waiting.pop() if waiting else linked.popleft()
            if not is_utf8(str(folder)):  # the database and what leaves as JSON take no other names
                self.problems.append((folder, _NO_UTF8))
                continue
            try:
                status = folder.stat()
                entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
            except OSError as error:
                self.problems.append((folder, f"cannot be opened ({error.strerror}): check it."))
                self.closed[folder] = error.errno or 0
                continue
            if (status.st_dev, status.st_ino) in entered:
                continue
            entered.add((status.st_dev, status.st_ino))
            inner: list[Path] = []
            for entry in entries:
                found = self._look(entry)
                if isinstance(found, Path):
                    (linked if entry.is_symlink() else inner).append(found)
                elif found is not None:
                    yield found, entry.is_symlink()
            waiting += inner[::-1]

    def _look(self, entry: os.DirEntry[str]) -> FoundFile | Path | None:
        """A music file, a folder (as its path), or neither."""
        path = Path(entry.path)
        try:
            if is_left_out(entry.name):
                if entry.is_dir() or not SUFFIXES.isdisjoint(map(str.lower, path.suffixes)):
                    self.left_out.append(path)
                return None
            if entry.is_dir():
                return path
            if path.suffix.lower() not in SUFFIXES or not entry.is_file():
                return None
            if not is_utf8(entry.name):
                self.problems.append((path, _NO_UTF8))
                return None
            status = entry.stat()
        except OSError as error:
            self.problems.append((path, f"cannot be looked at ({error.strerror}): check it."))
            self.closed[path] = error.errno or 0
        else:
            return _found(path, status)
        return None


def _found(path: Path, status: os.stat_result) -> FoundFile:
    # What SQLite can hold: a file may say that it is from the year 2400.
    mtime_ns, ctime_ns = (
        max(-_MOST_NS, min(_MOST_NS, ns)) for ns in (status.st_mtime_ns, status.st_ctime_ns)
    )
    return FoundFile(path, status.st_size, mtime_ns, ctime_ns, (status.st_dev, status.st_ino))


def look_up(paths: Iterable[Path], folders: Iterable[Path] = ()) -> Iterator[FoundFile]:
    """Those of the named files that are there and could be music; in `folders`, a Walk decides on names."""
    folders = [folder.expanduser().absolute() for folder in folders]
    for path in paths:
        if lies_left_out(path, folders):
            continue
        try:
            if path.suffix.lower() in SUFFIXES and is_utf8(str(path)) and path.is_file():
                yield _found(path, path.stat())
        except (OSError, ValueError):  # a name that no file can have; a disk that is away
            continue
