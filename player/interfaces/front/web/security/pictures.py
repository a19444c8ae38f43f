"""Pictures from outside: known by their content, measured before anybody decodes them, rid of all else.

What comes out is a JPEG, PNG or WebP that is whole and holds no metadata (place, camera, comments, previews),
no profile, no film and nothing after its end: what else a file may be at the same time is gone.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from http import HTTPStatus

from player.camera.image_headers import PictureKind, kind_of
from player.camera.picture_limits import SENT
from player.interfaces.front.web.problems import Problem

PIXELS = SENT.most_pixels
LONGEST_SIDE = 16_383
"""Pixels; what WebP can have, and more than any camera."""
MOST_PARTS = 10_000
"""Segments or chunks of one picture."""

PNG = b"\x89PNG\r\n\x1a\n"
_KEPT_CHUNKS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_FRAMES = (0xC0, 0xC1, 0xC2)
"""Baseline, extended and progressive JPEG; the other kinds are for scanners and archives."""
_KEPT_MARKERS = (*_FRAMES, 0xC4, 0xDB, 0xDD)


@dataclass(frozen=True)
class Picture:
    """A picture that may be handed on."""

    kind: str
    width: int
    height: int
    data: bytes


class _Broken(ValueError):  # noqa: N818 - it is what the picture is
    """It is not what its beginning says, or cut short."""


def clean(data: bytes) -> Picture:
    """The picture alone. Raises Problem: 415 if it is none, 413 if too large, 422 if it is broken."""
    kind = kind_of(data)
    if kind is not None and kind in SENT.kinds:
        try:
            return Picture(kind.lower(), *_READ[kind](data))
        except (_Broken, IndexError, struct.error):
            raise Problem(
                HTTPStatus.UNPROCESSABLE_ENTITY, "argument", "the picture is damaged, or cut short."
            ) from None
    raise Problem(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "media_type",
        "that is no picture that is taken: send a JPEG, PNG or WebP.",
    )


def _check_size(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise _Broken
    if width > LONGEST_SIDE or height > LONGEST_SIDE or width * height > PIXELS:
        raise Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "too_large",
            f"the picture is too large ({width} by {height}); at most {PIXELS // 1_000_000} megapixels are"
            " taken.",
        )


def _jpeg(data: bytes) -> tuple[int, int, bytes]:
    at, size, scans = 2, (0, 0), 0
    kept = [data[:2]]
    for _ in range(MOST_PARTS):
        marker, at = _marker(data, at)
        if marker == 0xD9 and scans:
            return *size, b"".join((*kept, b"\xff\xd9"))
        length = struct.unpack_from(">H", data, at)[0]
        segment = data[at : at + length]
        if length < 2 or len(segment) < length:
            raise _Broken
        at += length
        if marker in _FRAMES:
            size = _jpeg_size(segment, size)
        if marker == 0xDA and size != (0, 0):
            end = _end_of_scan(data, at)
            kept.append(b"\xff\xda" + segment + data[at:end])
            at, scans = end, scans + 1
        else:
            kept.append(_kept_segment(marker, segment))
    raise _Broken


def _marker(data: bytes, at: int) -> tuple[int, int]:
    """The marker here, and what follows it."""
    if data[at] != 0xFF:
        raise _Broken
    while data[at] == 0xFF:
        at += 1
    return data[at], at + 1


def _jpeg_size(segment: bytes, before: tuple[int, int]) -> tuple[int, int]:
    if before != (0, 0):  # two pictures in one
        raise _Broken
    height, width = struct.unpack_from(">HH", segment, 3)
    _check_size(width, height)
    return width, height


def _kept_segment(marker: int, segment: bytes) -> bytes:
    """A segment without which the picture would be another; nothing of EXIF, XMP, ICC, comments, previews."""
    if marker in _KEPT_MARKERS or (marker == 0xEE and segment[2:7] == b"Adobe"):
        return bytes((0xFF, marker)) + segment
    if 0xC0 <= marker <= 0xDF:  # a kind of JPEG that is not taken, or out of its place
        raise _Broken
    turned = _orientation(segment) if marker == 0xE1 else 0
    return _turned(turned) if turned else b""


def _end_of_scan(data: bytes, at: int) -> int:
    """Where the next marker stands; a stuffed 0xFF and a restart belong to the scan."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise _Broken
        if data[at + 1] == 0 or 0xD0 <= data[at + 1] <= 0xD7:
            at += 2
        else:
            return at


def _orientation(segment: bytes) -> int:
    """Of an EXIF segment, how the picture is turned, 2 to 8; 0 if it is upright or does not say."""
    exif = segment[8:]
    if segment[2:8] != b"Exif\0\0" or exif[:4] not in (b"II*\0", b"MM\0*"):
        return 0
    order = "<" if exif[:2] == b"II" else ">"
    try:
        first = struct.unpack_from(order + "I", exif, 4)[0]
        for entry in range(min(200, struct.unpack_from(order + "H", exif, first)[0])):
            tag, kind, count, value = struct.unpack_from(order + "HHIH", exif, first + 2 + 12 * entry)
            if (tag, kind, count) == (0x0112, 3, 1):
                return int(value) if 2 <= value <= 8 else 0
    except struct.error:
        return 0
    return 0


def _turned(orientation: int) -> bytes:
    """An EXIF segment that says nothing but how the picture is turned."""
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", len(tiff) + 8) + b"Exif\0\0" + tiff


def _png(data: bytes) -> tuple[int, int, bytes]:
    at, size = len(PNG), (0, 0)
    kept = [PNG]
    for count in range(MOST_PARTS):
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data) or (count == 0) != (name == b"IHDR"):
            raise _Broken
        if zlib.crc32(data[at + 4 : end - 4]) != struct.unpack_from(">I", data, end - 4)[0]:
            raise _Broken
        if name == b"IHDR":
            if length != 13:
                raise _Broken
            size = struct.unpack_from(">II", data, at + 8)
            _check_size(*size)
        if name in _KEPT_CHUNKS:
            kept.append(data[at:end])
        elif not name[0] & 0x20:  # one that a decoder must know
            raise _Broken
        if name == b"IEND":
            if not any(chunk[4:8] == b"IDAT" for chunk in kept):
                raise _Broken
            return *size, b"".join(kept)
        at = end
    raise _Broken


def _webp(data: bytes) -> tuple[int, int, bytes]:
    if data[8:12] != b"WEBP" or 8 + struct.unpack_from("<I", data, 4)[0] > len(data):
        raise _Broken
    end = 8 + struct.unpack_from("<I", data, 4)[0]
    at, kept = 12, dict[bytes, bytes]()
    for _ in range(MOST_PARTS):
        if at + 8 > end:
            break
        name, length = struct.unpack_from("<4sI", data, at)
        body = data[at + 8 : at + 8 + length]
        if len(body) < length or at + 8 + length > end or name in kept:
            raise _Broken
        if name in (b"VP8 ", b"VP8L", b"ALPH"):
            kept[name] = body
        elif name in (b"ANIM", b"ANMF"):
            raise _Broken
        at += 8 + length + (length & 1)
    if (b"VP8 " in kept) == (b"VP8L" in kept):
        raise _Broken
    if b"VP8L" in kept:
        kept = {b"VP8L": kept[b"VP8L"]}
        width, height = _lossless_size(kept[b"VP8L"])
    else:
        width, height = _lossy_size(kept[b"VP8 "])
    _check_size(width, height)
    head = b""
    if b"ALPH" in kept:
        sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        head = _webp_chunk(b"VP8X", b"\x10\0\0\0" + sides) + _webp_chunk(b"ALPH", kept.pop(b"ALPH"))
    body = head + b"".join(_webp_chunk(name, found) for name, found in kept.items())
    return width, height, b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _webp_chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) & 1)


def _lossless_size(body: bytes) -> tuple[int, int]:
    if body[0] != 0x2F:
        raise _Broken
    bits = struct.unpack_from("<I", body, 1)[0]
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1


def _lossy_size(body: bytes) -> tuple[int, int]:
    if body[3:6] != b"\x9d\x01\x2a":
        raise _Broken
    width, height = struct.unpack_from("<HH", body, 6)
    return width & 0x3FFF, height & 0x3FFF


_READ = {PictureKind.JPEG: _jpeg, PictureKind.PNG: _png, PictureKind.WEBP: _webp}
