"""The links of an Ogg file (RFC 3533), found by looking at a few places of it."""

from __future__ import annotations

import math
import os
import struct
import time
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from player.audio.joined.link import ChainLink, rest

_HEADER = struct.Struct("<4sBBqIIIB")
"""OggS, version, flags, place in samples, serial, number of the page, checksum, segments."""
_MOST = _HEADER.size + 255 + 255 * 255
"""Bytes of the longest page."""
_FIRST = 2
"""Flag of the first page of a stream."""
_LOOKS = 16
"""If links share a serial number, one that is shorter than this part of the file may be missed."""
_NEAR = 64 * 1024
_SMALL = 512 * 1024
"""So much is looked at page by page."""
_HEADERS_MOST = 4 * 1024 * 1024
"""Tags with a cover picture lie before the first sound."""


class _Page(NamedTuple):
    at: int
    first: bool
    samples: int
    serial: int
    number: int
    body: int
    end: int


def links(
    file: BinaryIO, since: int = 0, since_s: float = 0.0, budget_s: float = math.inf
) -> list[ChainLink]:
    """The links with sound in them from byte `since` on; after `budget_s` what is left is one more.

    None if all of the file is one. Raises OSError if it cannot be read.
    """
    until = time.monotonic() + budget_s
    found: list[ChainLink] = []
    size = os.fstat(file.fileno()).st_size
    at = since
    while at < size and (head := _head(file, at)) is not None:
        start_s = found[-1].end_s if found else since_s
        if found and time.monotonic() > until:
            return [*found, rest(at, size, since, since_s, start_s)]
        serials, rates = head
        end = _end(file, at, size, serials)
        if (duration_s := _duration_s(file, at, end, rates)) > 0:
            found.append(ChainLink(at, end, start_s, duration_s))
        at = end
    return found if since or len(found) > 1 else []


def _page(file: BinaryIO, at: int) -> _Page | None:
    """The page that begins at a place."""
    head = os.pread(file.fileno(), _HEADER.size + 255, at)
    if len(head) < _HEADER.size:
        return None
    mark, _, flags, samples, serial, number, _, segments = _HEADER.unpack_from(head)
    if mark != b"OggS":
        return None
    body = at + _HEADER.size + segments
    end = body + sum(head[_HEADER.size : _HEADER.size + segments])
    return _Page(at, bool(flags & _FIRST), samples, serial, number, body, end)


def _after(file: BinaryIO, at: int, before: int) -> _Page | None:
    """The first page that begins at a place or behind it, and before another."""
    read = os.pread(file.fileno(), min(_MOST, before - at), at)
    found = read.find(b"OggS")
    while found >= 0:
        page = _page(file, at + found)
        # The mark may stand in the sound by chance: after a real page comes another one, or the end.
        if page is not None and os.pread(file.fileno(), 4, page.end) in (b"OggS", b""):
            return page
        found = read.find(b"OggS", found + 1)
    return None


def _pages(file: BinaryIO, at: int, end: int) -> Iterator[_Page]:
    while at < end and (page := _page(file, at)) is not None:
        yield page
        at = page.end


def _head(file: BinaryIO, at: int) -> tuple[set[int], dict[int, tuple[int, int]]] | None:
    """The serials of a link and, of those with sound, samples a second and those left out at the start."""
    serials: set[int] = set()
    rates: dict[int, tuple[int, int]] = {}
    for page in _pages(file, at, at + _HEADERS_MOST):
        if not page.first:
            break
        serials.add(page.serial)
        rate = _rate(os.pread(file.fileno(), 64, page.body))
        if rate is not None:
            rates[page.serial] = rate
    return (serials, rates) if serials else None


def _rate(packet: bytes) -> tuple[int, int] | None:
    """Of a first packet with sound: samples a second, samples that are left out; None of another."""
    packet = packet.ljust(64, b"\0")
    if packet.startswith(b"OpusHead"):  # RFC 7845
        return 48000, int.from_bytes(packet[10:12], "little")
    if packet.startswith(b"\x01vorbis"):
        rate = int.from_bytes(packet[12:16], "little")
    elif packet.startswith(b"\x7fFLAC"):  # 20 bits in STREAMINFO
        rate = int.from_bytes(packet[27:30], "big") >> 4
    elif packet.startswith(b"Speex   "):
        rate = int.from_bytes(packet[36:40], "little")
    else:
        return None
    return (rate, 0) if rate > 0 else None


def _end(file: BinaryIO, start: int, size: int, serials: set[int]) -> int:
    """Where the link that begins at `start` ends."""
    numbers = dict.fromkeys(serials, -1)

    def belongs(page: _Page) -> bool:
        return page.serial in serials and page.number >= numbers[page.serial]

    inside, outside = start, 0
    step = max(_NEAR, (size - start) // _LOOKS)
    looks = (*range(start + step, size - _NEAR, step), size - _NEAR) if size - start > _SMALL else ()
    for at in looks:
        if (page := _after(file, at, size)) is None:
            continue
        if not belongs(page):
            outside = page.at
            break
        inside, numbers[page.serial] = page.at, page.number
    while outside - inside > _NEAR:
        page = _after(file, (inside + outside) // 2, outside)
        if page is None:
            break
        if belongs(page):
            inside, numbers[page.serial] = page.at, page.number
        else:
            outside = page.at
    music = inside > start
    for page in _pages(file, inside, size):
        if page.first and music:
            return page.at
        music = music or not page.first
    return size


def _duration_s(file: BinaryIO, start: int, end: int, rates: dict[int, tuple[int, int]]) -> float:
    """Length of the longest sound of a link; that of a station's rip does not begin at 0."""
    lengths = [0.0]
    for serial, (rate, skipped) in rates.items():
        places = (
            page.samples
            for page in _pages(file, start, min(end, start + _HEADERS_MOST))
            if page.serial == serial and page.samples > 0
        )
        first = next(places, 0)
        last = max(
            (page.samples for page in _last_pages(file, start, end) if page.serial == serial), default=first
        )
        lengths.append((last - (first if first > 2 * rate else skipped)) / rate)
    return max(lengths)


def _last_pages(file: BinaryIO, start: int, end: int) -> Iterator[_Page]:
    page = _after(file, max(start, end - 2 * _NEAR), end)
    return _pages(file, page.at, end) if page is not None else iter(())
