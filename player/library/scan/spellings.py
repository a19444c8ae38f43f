"""How the name of a file in a playlist may be meant: escapes, addresses, Windows' ways, old encodings."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote

ENCODINGS = (
    "cp949", "cp1252", "latin-1", "cp932", "gb18030", "big5", "cp1250", "cp1251", "cp1254", "iso8859-15",
    "cp850", "cp437", "mac-roman", "johab", "euc-jp",
)  # fmt: skip
"""What playlists were written in before UTF-8; a wrong one leads to no file, so the order matters little."""
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_LONG_ESCAPE = re.compile(r"%u([0-9A-Fa-f]{4})")
_FILE = re.compile(r"file:", re.IGNORECASE)
_SHARE = re.compile(r"(?:smb|cifs|nfs|afp)://", re.IGNORECASE)
_DRIVE = re.compile(r"/*[A-Za-z][:|](?=/)")
_VOLUME = re.compile(r"[\w-]{2,}:(?=[^/]+/)")
"""Android names its memory so: primary:Music/a.mp3, 12AB-34CD:a/b.mp3."""
_BROKEN = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way to read a name."""

    path: str
    """With forward slashes; absolute if it begins with one."""
    is_foreign: bool = False
    """Whether it is a place on another machine: below a drive's letter or a volume's or server's name."""


def spellings(name: str) -> Iterator[Spelling]:
    """Every way to read a name, the most literal one first. Bytes that are no UTF-8 are surrogates in it."""
    seen: set[Spelling] = set()
    for text in _unquoted(name):
        for escaped in _unescaped(text):
            for decoded in (again for once in _decoded(escaped) for again in _mended(once)):
                for one in _places(decoded):
                    if one not in seen and one.path:
                        seen.add(one)
                        yield one


def readable(name: str) -> str:
    """A name as it may be shown: what is no UTF-8 in it is read as CP949 or else Latin-1."""
    return next((text for text in _decoded(name) if not _BROKEN.search(text)), name)


def _unquoted(name: str) -> Iterator[str]:
    yield name
    if (inner := name.strip(" \t\"'<>")) != name:
        yield inner


def _unescaped(name: str) -> Iterator[str]:
    """With %20, %u00E9 and the like as they stand, as what they stand for, and undone twice."""
    yield name
    if _LONG_ESCAPE.search(name):
        name = _LONG_ESCAPE.sub(lambda found: chr(int(found[1], 16)), name)
        yield name
    for _ in range(2):
        if not _ESCAPE.search(name):
            return
        name = unquote(name, errors="surrogateescape")
        yield name


def _decoded(name: str) -> Iterator[str]:
    yield name
    if _BROKEN.search(name):
        data = name.encode(errors="surrogateescape")
        for encoding in ENCODINGS:
            try:
                yield data.decode(encoding)
            except UnicodeDecodeError:
                continue


def _mended(name: str) -> Iterator[str]:
    """As it stands, with &amp; and the like undone, and as UTF-8 that somebody read as an old encoding."""
    yield name
    if (text := html.unescape(name)) != name:
        yield text
    if not name.isascii():
        for encoding in ("cp1252", "latin-1"):
            with suppress(UnicodeError):
                yield name.encode(encoding).decode()


def _places(name: str) -> Iterator[Spelling]:
    if scheme := _FILE.match(name):
        rest = name[scheme.end() :].replace("\\", "/")
        if rest.startswith("//") and not rest.startswith("///"):
            server, _, path = rest[2:].partition("/")
            is_here = server.lower() in ("", "localhost", "127.0.0.1")
            # A letter where the server should be: file://C:/Music
            rest = f"/{path}" if is_here else f"//{server}/{path}"
        elif rest.startswith("/"):
            rest = "/" + rest.lstrip("/") if not rest.startswith("////") else "//" + rest.lstrip("/")
        name = rest
    elif scheme := _SHARE.match(name):
        name = "//" + name[scheme.end() :]
    else:
        yield Spelling(name)
        if name.startswith("~/"):
            yield Spelling(os.path.expanduser(name))
        name = name.replace("\\", "/")
    if drive := _DRIVE.match(name):
        yield Spelling(name[drive.end() :], is_foreign=True)
    elif re.match(r"[A-Za-z]:[^/]", name):  # C:a.mp3, from where that drive stood
        yield Spelling("/" + name[2:], is_foreign=True)
    elif name.startswith("//"):
        yield Spelling(name, is_foreign=True)
    else:
        yield Spelling(name)
        if volume := _VOLUME.match(name):
            yield Spelling(name[volume.end() :], is_foreign=True)
