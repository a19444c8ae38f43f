"""The pictures that belong to a music file: inside of it, and in its folder. None of them is decoded here."""

from __future__ import annotations

import os
import stat
from base64 import b64decode
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from mutagen.apev2 import APEv2
from mutagen.flac import FLAC, Picture
from mutagen.id3 import ID3
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4Tags

from player.library.scan.tags import opened

FRONT = 3
"""The kind of picture that ID3, FLAC and Vorbis call the front cover."""
NAMES = tuple(f"{name}.{kind}" for name in ("cover", "folder", "front") for kind in ("jpg", "jpeg", "png"))
_MOST_FILES = 20_000  # of a folder that are looked at
_ADDRESS = "-->"  # in place of a picture's type: there is only an address, which is never asked


def pictures(path: Path, most_bytes: int) -> Iterator[bytes]:
    """Those of a track, the likeliest first: front covers, other pictures in it, then one of its folder's.

    Of one in the folder with more than `most_bytes`, one byte more is read; what cannot be is passed over.
    """
    try:
        embedded = sorted(_embedded(path), key=lambda found: found[0] != FRONT)
    except Exception:  # noqa: BLE001 - mutagen's parsers let struct.error, IndexError and others through
        embedded = []
    for _, data in embedded:
        yield data
    yield from _beside(path, most_bytes)


def _embedded(path: Path) -> Iterator[tuple[int, bytes]]:
    """Kind and content of each picture inside."""
    file = opened(path)
    tags: Any = file.tags if file is not None else None
    if isinstance(file, FLAC):
        yield from _of(file.pictures)
    if isinstance(tags, ID3):
        yield from _of(tags.getall("APIC"))  # type: ignore[no-untyped-call]
    elif isinstance(tags, MP4Tags):
        covers = tags.get("covr", [])  # type: ignore[no-untyped-call]
        yield from ((FRONT, bytes(one)) for one in covers)
    elif tags is not None and not isinstance(tags, APEv2):
        blocks = tags.get("metadata_block_picture", [])
        yield from _of(Picture(b64decode(one)) for one in blocks)  # type: ignore[no-untyped-call]
    if isinstance(file, MP3):
        tags = _ape_beside(path)
    if isinstance(tags, APEv2):
        for key in ("Cover Art (Front)", "Cover Art (Back)"):
            if key in tags:
                _, _, data = bytes(tags[key].value).partition(b"\0")  # after the name of a file
                yield FRONT if "Front" in key else 0, data


def _of(found: Any) -> Iterator[tuple[int, bytes]]:
    for one in found:
        if one.mime != _ADDRESS and one.data:
            yield int(one.type), bytes(one.data)


def _ape_beside(path: Path) -> Any:
    try:
        return APEv2(path)  # type: ignore[no-untyped-call]
    except Exception:  # noqa: BLE001 - mostly there is none
        return None


def _beside(path: Path, most_bytes: int) -> Iterator[bytes]:
    """The folder's own picture: a plain file, and no link to what lies elsewhere."""
    try:
        with os.scandir(path.parent) as entries:
            names = {entry.name.lower(): entry.name for entry in islice(entries, _MOST_FILES)}
    except OSError:
        return
    for name in NAMES:
        if name in names and (data := _content(path.parent / names[name], most_bytes)) is not None:
            yield data


def _content(path: Path, most_bytes: int) -> bytes | None:
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    try:
        with open(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return None
            return file.read(most_bytes + 1)
    except (OSError, ValueError):
        return None
