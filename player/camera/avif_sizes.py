"""The sizes in an AVIF: what it says, and those of the frames of AV1 in it, which a decoder goes by."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Callable, Iterator

Size = tuple[int, int]
"""Width and height, in pixels."""

MOST = 1000
"""Boxes in another, pictures in the file, parts of one: a phone's, made of tiles, has some hundred."""
MOST_PIECES = 16
"""Of a picture that is scattered over the file, as those are that grow clearer while they come."""
MOST_FRAMES = 16
"""In a picture: one, or a few that make it clearer."""
_SEQUENCE, _FRAMES = 1, (3, 6)
"""AV1's kinds of parts: what is so of all frames, and the beginning of a frame."""


def sizes(data: bytes) -> tuple[list[Size], list[Size]]:
    """What the file says of itself and its tiles; and those of the frames.

    Raises ValueError, IndexError or struct.error for what no camera and no program writes.
    """
    said = [struct.unpack(">II", found) for found in re.findall(rb"ispe\0\0\0\0(.{8})", data, re.DOTALL)]
    if data[8:12] == b"avis":  # a moving one: a decoder looks at its tracks alone
        said += [_track_size(data, begin) for begin, _ in _inside(data, b"moov", b"trak", b"tkhd")]
        return said, [size for sample in _first_samples(data) for size in _frame_sizes(sample)]
    frames: list[Size] = []
    for kind, content in _items(data):
        if kind == b"grid":
            said.append(_grid_size(content))
        else:
            frames += _frame_sizes(content)
    return said, frames


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The name of each box, and where its content begins and ends."""
    for _ in range(MOST):
        if at + 8 > end:
            return
        length, name = struct.unpack_from(">I4s", data, at)
        begin = at + 8
        if length == 1:
            length, begin = struct.unpack_from(">Q", data, begin)[0], begin + 8
        at = at + length if length else end
        if not begin <= at <= end:  # cut short, or what follows is no box
            return
        yield name, begin, at
    raise ValueError


def _inside(data: bytes, *names: bytes, at: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Where the content of each box begins and ends that has the last name, in one of the name before, ..."""
    for name, begin, stop in _boxes(data, at, len(data) if end is None else end):
        if name != names[0]:
            continue
        if len(names) == 1:
            yield begin, stop
        else:
            yield from _inside(data, *names[1:], at=begin + (4 if name == b"meta" else 0), end=stop)


def _numbers(data: bytes) -> Callable[[int], int]:
    """Reads numbers of so many bytes each, one after the other. Raises ValueError at the end."""
    stream = io.BytesIO(data)

    def number(length: int) -> int:
        if len(found := stream.read(length)) < length:
            raise ValueError
        return int.from_bytes(found, "big")

    return number


# ---- a still picture's items ----


def _items(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The kind and the content of each that is a picture, or says how several make one."""
    kinds, left = set(_kinds(data)), len(data)
    beside = [begin for begin, _ in _inside(data, b"meta", b"idat")]
    pieces: dict[int, list[tuple[int, int]]] = {}
    for item, method, begin, length in _places(data):
        at = begin + (beside[0] if method == 1 else 0)
        pieces.setdefault(item, []).append((at, at + length if length else len(data)))
    for item, kind in kinds:
        if kind in (b"av01", b"grid"):
            content = b"".join(data[at:end] for at, end in pieces[item])
            left -= len(content)
            if left < 0:  # no two share what they are
                raise ValueError
            yield kind, content


def _kinds(data: bytes) -> Iterator[tuple[int, bytes]]:
    for begin, end in _inside(data, b"meta", b"iinf"):
        for name, at, _ in _boxes(data, begin + (8 if data[begin] else 6), end):
            if name == b"infe":
                yield struct.unpack_from(">I2x4s" if data[at] > 2 else ">H2x4s", data, at + 4)


def _places(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Of each piece: whose it is, from where it is counted, its beginning and length; 0 is to the end."""
    for begin, end in _inside(data, b"meta", b"iloc"):
        number = _numbers(data[begin:end])
        version, _, lengths = number(1), number(3), number(2)
        of_at, of_length, of_base, of_index = (lengths >> shift & 15 for shift in (12, 8, 4, 0))
        wide = 4 if version == 2 else 2
        items = number(wide)
        if items > MOST:
            raise ValueError
        for _ in range(items):
            item, method = number(wide), number(2) & 15 if version else 0
            _, base, pieces = number(2), number(of_base), number(2)
            if pieces > MOST_PIECES:
                raise ValueError
            for _ in range(pieces):
                number(of_index if version else 0)
                yield item, method, base + number(of_at), number(of_length)


def _grid_size(content: bytes) -> Size:
    number = _numbers(content)
    _, flags, _ = number(1), number(1), number(2)
    wide = 4 if flags & 1 else 2
    return number(wide), number(wide)


# ---- a moving picture's tracks ----


def _track_size(data: bytes, header: int) -> Size:
    width, height = struct.unpack_from(">II", data, header + (88 if data[header] else 76))
    return width >> 16, height >> 16


def _first_samples(data: bytes) -> Iterator[bytes]:
    """The first picture of each track."""
    for begin, end in _inside(data, b"moov", b"trak", b"mdia", b"minf", b"stbl"):
        tables = [(name, at) for name, at, _ in _boxes(data, begin, end)]
        (where,) = ((name, at) for name, at in tables if name in (b"stco", b"co64"))
        (lengths,) = (at for name, at in tables if name == b"stsz")
        at = struct.unpack_from(">I" if where[0] == b"stco" else ">Q", data, where[1] + 8)[0]
        alike, _, first = struct.unpack_from(">III", data, lengths + 4)
        yield data[at : at + (alike or first)]


# ---- AV1 ----


def _frame_sizes(stream: bytes) -> list[Size]:
    """How large the frames of a stream may be, by each of its sequence headers."""
    at, frames, found = 0, 0, list[Size]()
    for _ in range(MOST):
        if at >= len(stream):
            break
        first = stream[at]
        kind, at = first >> 3 & 15, at + (2 if first & 4 else 1)
        length = len(stream) - at
        if first & 2:
            length, at = _leb128(stream, at)
        if kind == _SEQUENCE:
            found.append(_sequence_size(stream[at : at + min(length, 1024)]))
        frames += kind in _FRAMES
        at += length
    if not found or frames > MOST_FRAMES or at < len(stream):
        raise ValueError
    return found


def _leb128(stream: bytes, at: int) -> tuple[int, int]:
    """A number, and where it ends."""
    value = 0
    for n in range(8):
        value |= (stream[at + n] & 127) << 7 * n
        if stream[at + n] < 128:
            return value, at + n + 1
    raise ValueError


def _sequence_size(header: bytes) -> Size:
    """The largest frame that a sequence header allows, as section 5.5 of AV1's specification has it."""
    take = _bits(header)
    delay = later = 0
    take(4)
    if take(1):  # a still picture in short
        take(5)
    else:
        if take(1):  # timing
            take(64)
            if take(1):
                zeros = 0
                while not take(1):
                    zeros += 1
                take(zeros)
            if take(1):  # a model of the decoder
                delay = take(5) + 1
                take(42)
        later = take(1)
        for _ in range(take(5) + 1):
            take(12)
            if take(5) > 7:
                take(1)
            if delay and take(1):
                take(2 * delay + 1)
            if later and take(1):
                take(4)
    across, along = take(4) + 1, take(4) + 1
    return take(across) + 1, take(along) + 1


def _bits(data: bytes) -> Callable[[int], int]:
    """Reads numbers of so many bits each. Raises ValueError at the end."""
    whole, left = int.from_bytes(data, "big"), 8 * len(data)

    def take(count: int) -> int:
        nonlocal left
        left -= count
        if left < 0:
            raise ValueError
        return whole >> left & (1 << count) - 1

    return take
