"""M3U and PLS playlists: text into the files and addresses that it names."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from urllib.parse import unquote

from player.errors import PlaylistError
from player.library.scan.entry_finder import Finder
from player.library.scan.music_files import SUFFIXES
from player.library.scan.spellings import readable
from player.types import is_address

MAX_BYTES = 64_000_000
"""The largest playlists, of some 100,000 files, have a tenth of that; what is larger is something else."""
_LINE_END = re.compile(r"\r\n|\r|\n")
"""Not splitlines(): names may hold what that takes for a line's end."""
_BLANK = " \t\0\ufeff"
_PLS_LINE = re.compile(r"\s*(file|title)(\d{1,9})\s*=\s*(.*)", re.IGNORECASE)
_PLS_ANY = re.compile(r"(?:(?:file|title|length)\d+|numberofentries|version)\s*=", re.IGNORECASE)
_OTHERS = (".xspf", ".cue", ".wpl", ".asx")
_OTHER_HEAD = re.compile(
    r"<(?:[?!]|(?:playlist|smil|asx|html)\b)|(?:DAUM|MPC)PLAYLIST\b|\[Reference\]|"
    r'[{\[]\s*(?:["{]|$)',
    re.IGNORECASE,
)
"""What playlists of other kinds begin with: XSPF, WPL, ASX, the page of a web site; those of PotPlayer and
MPC-HC; an ASX without markup; JSON.
"""
_EXTINF = re.compile(r'#EXTINF:(?:"[^"]*+"|[^",]++)*+,(.*)', re.IGNORECASE)
"""Its title; before that may stand a station's name between quotes, with commas in it."""
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a playlist."""

    source: Path | str
    """A file, absolute if the playlist's folder is; or the address of a station, as text."""
    title: str = ""
    """What the playlist calls it; empty if it does not."""
    missing: str = ""
    """What the playlist names, if that leads to no music that is here."""


def lines_of(data: bytes) -> list[str]:
    """The lines of a playlist, in UTF-8, UTF-16 or UTF-32; bytes in another encoding are surrogates there."""
    if data.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        text = data.decode("utf-32", errors="ignore")
    elif data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", errors="ignore")
    elif (zeros := data[1:4096:2].count(0)) + (others := data[:4096:2].count(0)) > len(data[:4096]) // 8:
        text = data.decode("utf-16-le" if zeros > others else "utf-16-be", errors="ignore")
    else:
        text = data.removeprefix(b"\xef\xbb\xbf").decode(errors="surrogateescape")
    return _LINE_END.split(text)


def read_playlist(path: Path, finder: Finder | None = None) -> list[Entry]:
    """The entries of a playlist file, each with the file that is really there, if one is.

    What `finder` finds in no way is marked as missing. Raises OSError if the playlist cannot be read, and
    PlaylistError if it is of another kind.
    """
    with path.open("rb") as file:
        lines = lines_of(file.read(MAX_BYTES))
    first = next(filter(None, (line.strip(_BLANK) for line in lines)), "")
    if path.suffix.lower() in _OTHERS or _OTHER_HEAD.match(first):
        raise PlaylistError(f"{path.name}: this is no M3U or PLS playlist; save it as M3U")
    folder, finder = path.absolute().parent, finder or Finder()

    def is_there(name: str) -> bool:
        return finder.find(name, folder) is not None

    return [_entry(name, title, folder, finder) for name, title in _named(lines, is_there)]


def _entry(line: str, title: str, folder: Path, finder: Finder) -> Entry:
    title, name = readable(title), line.strip(_BLANK)
    if is_address(name):
        return Entry(readable(name), title)
    if found := finder.find(line.strip("\0\ufeff"), folder):
        return Entry(found, title)
    shown = readable(name)
    return Entry(_source(shown, folder) or folder / shown, title, missing=shown)


def _named(lines: list[str], is_there: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """Lines with names, and titles."""
    return _pls(lines) if _is_pls(lines) else _m3u(lines, is_there)


def _is_pls(lines: list[str]) -> bool:
    """By its head, or where that is missing by most of its lines."""
    said = [line for each in lines if (line := each.strip(_BLANK)) and line[0] not in "#;"]
    keyed = sum(_PLS_ANY.match(line) is not None for line in said)
    return 2 * keyed > len(said) or any(line.lower() == "[playlist]" for line in said)


def _m3u(lines: list[str], is_there: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    title = ""
    for whole in lines:
        line = whole.strip(_BLANK)
        if line.upper().startswith("#EXTINF:"):
            found = _EXTINF.match(line)
            title = (found[1] if found else line.partition(",")[2]).strip()
        elif line and (not line.startswith("#") or (_is_song(line) and is_there(line))):
            yield whole, title
            title = ""


def _is_song(comment: str) -> bool:
    """Whether a comment may be the name of a file: "#1 Hit.mp3"."""
    return not comment.upper().startswith("#EXT") and comment.lower().endswith(tuple(SUFFIXES))


def _pls(lines: list[str]) -> Iterator[tuple[str, str]]:
    values: dict[tuple[str, int], str] = {}
    for line in lines:
        if found := _PLS_LINE.fullmatch(line.strip(_BLANK)):
            values[found[1].lower(), int(found[2])] = found[3].strip()
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
    if "\\" in name and not os.path.exists(folder / name):  # written on Windows
        name = PureWindowsPath(name).as_posix()
    return folder / name
