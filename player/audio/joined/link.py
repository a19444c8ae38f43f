"""A piece of a music file that is read as a file of its own; it imports nothing of ours."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True)
class ChainLink:
    """Where it lies in the file, in bytes and in seconds."""

    start: int
    end: int
    start_s: float
    duration_s: float
    whole: bool = True
    """False: what is left of the file, not looked at yet; its duration is a guess."""

    @property
    def end_s(self) -> float:
        """Where the next one begins."""
        return self.start_s + self.duration_s


def rest(at: int, size: int, since: int, since_s: float, at_s: float) -> ChainLink:
    """What is left of a file from byte `at` on, at the pace of what lies between `since` and there."""
    return ChainLink(at, size, at_s, (size - at) * (at_s - since_s) / (at - since), whole=False)


class Part:
    """The bytes of a link, read as a file. Raises OSError as files do."""

    def __init__(self, path: Path, link: ChainLink) -> None:
        self._file = path.open("rb")
        self._start, self._end = link.start, link.end
        self.seek(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(self, most: int) -> bytes:
        """The next bytes, none at the end."""
        return self._file.read(max(0, min(most, self._end - self._file.tell())))

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place, counted as for any file."""
        bases = {os.SEEK_SET: self._start, os.SEEK_CUR: self._file.tell(), os.SEEK_END: self._end}
        return self._file.seek(bases[whence] + offset) - self._start

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._file.tell() - self._start
