"""M3U and PLS playlists: text into the files and addresses that it names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from urllib.parse import unquote, urlsplit

MAX_BYTES = 4_000_000
"""A playlist is text of some kilobytes; what is larger is something else."""
_PLS_LINE = re.compile(r"\s*(file|title)(\d+)\s*=\s*(.*?)\s*", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a playlist."""

    source: Path | str
    """A file, absolute where the playlist's folder is; or the address of a station, as text."""
    title: str = ""
    """What the playlist calls it; empty where it does not."""


def is_address(source: str) -> bool:
    """Whether this is an http or https address with a host."""
    try:
        parts = urlsplit(source)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def decode(data: bytes) -> str:
    """The text of a playlist: UTF-8 with or without a mark, UTF-16 with one, CP949, or else Latin-1."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def parse(text: str, folder: Path) -> list[Entry]:
    """The entries of an M3U or PLS text, in its order; `folder` is what relative names start from.

    Addresses other than file, http and https are left out.
    """
    lines = text.splitlines()
    is_pls = any(line.strip().lower() == "[playlist]" for line in lines)
    named = _pls(lines) if is_pls else _m3u(lines)
    return [Entry(source, title) for name, title in named if (source := _source(name, folder)) is not None]


def read_playlist(path: Path) -> list[Entry]:
    """The entries of a playlist file. Raises OSError where it cannot be read."""
    with path.open("rb") as file:
        return parse(decode(file.read(MAX_BYTES)), path.absolute().parent)


def _m3u(lines: list[str]) -> Iterator[tuple[str, str]]:
    title = ""
    for line in map(str.strip, lines):
        if line.upper().startswith("#EXTINF:"):
            title = line.partition(",")[2].strip()
        elif line and not line.startswith("#"):
            yield line, title
            title = ""


def _pls(lines: list[str]) -> Iterator[tuple[str, str]]:
    values: dict[tuple[str, int], str] = {}
    for line in lines:
        if found := _PLS_LINE.fullmatch(line):
            values[found[1].lower(), int(found[2])] = found[3]
    for number in sorted(number for key, number in values if key == "file"):
        if name := values["file", number]:
            yield name, values.get(("title", number), "")


def _source(name: str, folder: Path) -> Path | str | None:
    if is_address(name):
        return name
    if name.lower().startswith("file://"):
        return Path(unquote(name[len("file://") :].removeprefix("localhost")))
    if _SCHEME.match(name):  # another protocol; a drive's single letter is none
        return None
    if "\\" in name and not (folder / name).exists():  # written on Windows
        name = PureWindowsPath(name).as_posix()
    return folder / name
