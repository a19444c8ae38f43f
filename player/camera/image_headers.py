"""What a picture's header says of its size, read by us before any decoder sets memory aside for it."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from player.camera import avif_sizes

MOST_MARKERS = 10_000
"""Of a JPEG, before its first scan, and from there on: far more than any camera or editor writes."""
MOST_SCANS = 100
"""Of a JPEG: a progressive one has some ten, and each may take as long as a whole plain one."""

USUAL_TEXTS, TEXT_BYTES = 4, 8_000_000
"""Of a PNG: so many that may be packed are nothing odd, and unpacked each may have so many bytes."""

_SIZES = {1: "B", 2: "B", 3: "H", 4: "I", 6: "B", 7: "B", 8: "H", 16: "Q"}
"""TIFF's types of numbers."""
_LOSSLESS = (0xC3, 0xC7, 0xCB, 0xCF)
_PROGRESSIVE = (0xC2, 0xC6, 0xCA, 0xCE)
_FRAMES = tuple(marker for marker in range(0xC0, 0xD0) if marker not in (0xC4, 0xC8, 0xCC))
_NEXT = re.compile(rb"\xff([^\0\x01\xd0-\xd8\xff])")
"""The next marker with a length, behind a scan or anything else."""


class PictureKind(StrEnum):
    """A kind of picture, as people call it."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WebP"
    BMP = "BMP"
    GIF = "GIF"
    TIFF = "TIFF"
    AVIF = "AVIF"


@dataclass(frozen=True, slots=True)
class Header:
    """A picture's size in pixels, and the memory that decoding it takes."""

    width: int
    height: int
    pixel_bytes: float = 6
    """For each pixel, the decoder's own and the picture; measured with OpenCV 5."""
    held_bytes: float = 0
    """On top of that, however small it is decoded: a progressive JPEG is kept whole, a TIFF by its tiles."""
    can_shrink: bool = False
    """Whether it can be decoded at a half, a quarter or an eighth of its size."""

    def decoding_bytes(self, reduction: int = 1) -> float:
        """The memory that decoding at 1/reduction of each side takes."""
        return self.held_bytes + self.pixel_bytes * self.width * self.height / reduction**2


def read_header(data: bytes) -> Header | None:
    """The header of a JPEG, PNG, WebP, BMP, GIF, TIFF or AVIF; None if it is none of them, or broken."""
    for _, magic, read in _KINDS:
        if magic.match(data):
            try:
                header = read(data)
            except (struct.error, IndexError, KeyError, ValueError):  # cut short, or nonsense
                return None
            return header if header is not None and header.width > 0 and header.height > 0 else None
    return None


def kind_of(head: bytes) -> PictureKind | None:
    """What begins with these bytes (64 are enough), broken or not; None if it is no picture."""
    return next((kind for kind, magic, _ in _KINDS if magic.match(head)), None)


def is_picture(head: bytes) -> bool:
    """Whether a file that begins with these bytes (64 are enough) is a picture, broken or not."""
    return kind_of(head) is not None


def _jpeg(data: bytes) -> Header | None:
    at, largest = 2, None
    for _ in range(MOST_MARKERS):
        at = data.index(b"\xff", at) + 1 if b"\xff" in data[at : at + 65536] else len(data)
        while data[at] == 0xFF:
            at += 1
        marker, at = data[at], at + 1
        if marker <= 0x01 or 0xD0 <= marker <= 0xD8:  # alone, without a length
            continue
        if marker == 0xD9:
            return None
        if marker == 0xDA:  # fewer parts in its first scan than in the picture: there are more scans
            if largest is None:
                return None
            in_scans = data[at + 2] < len(largest.samplings) or largest.marker in _PROGRESSIVE
            return None if in_scans and not _ends(data, at) else largest.header(in_scans)
        if marker in _FRAMES:
            height, width, parts = struct.unpack_from(">HHB", data, at + 3)
            frame = _JpegFrame(marker, width, height, data[at + 9 : at + 8 + 3 * parts : 3])
            largest = max(largest or frame, frame, key=lambda one: one.width * one.height)
        at += int(struct.unpack_from(">H", data, at)[0])
    return None


def _ends(data: bytes, at: int) -> bool:
    """Whether a JPEG has no more scans than one may have, from the header of its first one on."""
    scans = 1
    for _ in range(MOST_MARKERS):
        found = _NEXT.search(data, at + max(2, int.from_bytes(data[at : at + 2], "big")))
        if found is None or found[1] == b"\xd9":
            return True
        at, scans = found.end(), scans + (found[1] == b"\xda")
        if scans > MOST_SCANS:
            return False
    return False


@dataclass(frozen=True, slots=True)
class _JpegFrame:
    marker: int
    width: int
    height: int
    samplings: bytes
    """Of each colour: how many samples across, times 16, and how many down."""

    def header(self, in_scans: bool) -> Header:
        held = 0.0
        if in_scans:
            samples = [(both >> 4) * (both & 15) for both in self.samplings]
            held = 2.0 * self.width * self.height * sum(samples) / max(*samples, 1)
        return Header(self.width, self.height, held_bytes=held, can_shrink=self.marker not in _LOSSLESS)


def _png(data: bytes) -> Header:
    width, height, bits = struct.unpack_from(">IIB", data, 16)
    moving = b"acTL" in data[: data.find(b"IDAT")]
    texts = max(0, data.count(b"iTXt") + data.count(b"zTXt") - USUAL_TEXTS)
    pixel_bytes = 16 if moving else 12 if bits == 16 else 6
    return Header(width, height, pixel_bytes, held_bytes=texts * TEXT_BYTES)


def _webp(data: bytes) -> Header | None:
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
        return Header(width, height, pixel_bytes=16)
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        return Header((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, pixel_bytes=10)
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return Header(width & 0x3FFF, height & 0x3FFF)
    return None


def _bmp(data: bytes) -> Header:
    old = struct.unpack_from("<I", data, 14)[0] == 12
    width, height = struct.unpack_from("<HH" if old else "<ii", data, 18)
    return Header(abs(width), abs(height))


def _gif(data: bytes) -> Header:
    width, height = struct.unpack_from("<HH", data, 6)
    return Header(width, height, pixel_bytes=12)


def _tiff(data: bytes) -> Header | None:
    order = "<" if data[:2] == b"II" else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    first = struct.unpack_from(order + ("Q" if big else "I"), data, 8 if big else 4)[0]
    count = struct.unpack_from(order + ("Q" if big else "H"), data, first)[0]
    at, step = (first + 8, 20) if big else (first + 2, 12)
    tags: dict[int, int] = {}
    for entry in range(at, at + step * min(count, 1000), step):
        tag, kind, values = struct.unpack_from(order + ("HHQ" if big else "HHI"), data, entry)
        if kind in _SIZES:
            where = entry + (12 if big else 8)
            if values * struct.calcsize(order + _SIZES[kind]) > (8 if big else 4):
                where = struct.unpack_from(order + ("Q" if big else "I"), data, where)[0]
            tags.setdefault(tag, struct.unpack_from(order + _SIZES[kind], data, where)[0])
    width, height = tags[256], tags[257]
    sample_bytes = tags.get(277, 1) * max(8, tags.get(258, 8)) / 8
    rows = tags.get(278, height)
    strip = width * (height if rows >= 2**31 else rows)
    tile = tags[322] * tags[323] if 322 in tags and 323 in tags else strip
    return Header(width, height, 3 + max(3, sample_bytes), held_bytes=tile * max(4, sample_bytes))


def _avif(data: bytes) -> Header | None:
    said, frames = avif_sizes.sizes(data)
    if not frames:
        return None
    areas = [width * height for width, height in frames]
    width, height = max((*said, *frames), key=lambda size: size[0] * size[1])
    # A picture is decoded once for its colours, and once for how far they show through.
    more = max(0, sum(areas) - 2 * width * height)
    return Header(width, height, pixel_bytes=18, held_bytes=18 * more)


_KINDS: tuple[tuple[PictureKind, re.Pattern[bytes], Callable[[bytes], Header | None]], ...] = (
    (PictureKind.JPEG, re.compile(rb"\xff\xd8\xff"), _jpeg),
    (PictureKind.PNG, re.compile(rb"\x89PNG\r\n\x1a\n"), _png),
    (PictureKind.WEBP, re.compile(rb"RIFF.{4}WEBP", re.DOTALL), _webp),
    (PictureKind.BMP, re.compile(rb"BM.{12}[\x0c\x28-\x7c]\0\0\0", re.DOTALL), _bmp),
    (PictureKind.GIF, re.compile(rb"GIF8[79]a"), _gif),
    (PictureKind.TIFF, re.compile(rb"II[*+]\0|MM\0[*+]"), _tiff),
    (PictureKind.AVIF, re.compile(rb".{4}ftypavi[fs]", re.DOTALL), _avif),
)
