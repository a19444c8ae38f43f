"""Whether the rate or the channels of an MP3 change, by a look at a few of its frames."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

_LOOKS = 32
"""A change that does not last for this part of the file may be missed."""
_NEAR = 16 * 1024
_CHUNK = 256 * 1024
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
"""Version bits (ISO 11172-3, 13818-3, and the 2.5 that everybody knows) -> samples a second."""
_KBITS = {
    (True, 3): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 1): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 3): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 1): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""(MPEG 1, layer bits) -> kilobits a second, by index from 1 on."""
_MONO = 3


_Form = tuple[int, int, bool]
"""Layer bits, samples a second, whether it is mono: what a decoder must be set up for."""


class _Frame(NamedTuple):
    form: _Form
    length: int
    duration_s: float


def changes(file: BinaryIO) -> bool:
    """Whether a file is an MP3 whose form changes. Raises OSError if it cannot be read."""
    return len(_forms(file, os.fstat(file.fileno()).st_size)) > 1


def _frame(head: bytes) -> _Frame | None:
    """The frame that begins with four bytes, if they are a frame's."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    kbits, rate, padding = head[2] >> 4, head[2] >> 2 & 3, head[2] >> 1 & 1
    if version == 1 or layer == 0 or kbits in (0, 15) or rate == 3:
        return None
    hz = _RATES[version][rate]
    bits = 1000 * _KBITS[version == 3, layer][kbits - 1]
    samples = 384 if layer == 3 else 576 if layer == 1 and version != 3 else 1152
    slot = 4 if layer == 3 else 1
    length = (samples // 8 // slot * bits // hz + padding) * slot
    return _Frame((layer, hz, head[3] >> 6 == _MONO), length, samples / hz)


def _forms(file: BinaryIO, size: int) -> set[_Form]:
    """The forms of a few frames."""
    first = _tag_bytes(os.pread(file.fileno(), 10, 0))
    step = max(_NEAR, (size - first) // _LOOKS)
    forms: set[_Form] = set()
    for at in (*range(first, size - _NEAR, step), max(first, size - _NEAR)):
        read = os.pread(file.fileno(), _NEAR, at)
        if at == first and not read.lstrip(b"\0").startswith(b"\xff"):
            return set()  # no MP3, or one that begins with something else
        forms |= set(_forms_in(read))
    return forms


def length_s(file: BinaryIO, budget_s: float) -> float:
    """The length of all frames, in seconds; after `budget_s` the rest is estimated. Raises OSError."""
    until, size = time.monotonic() + budget_s, os.fstat(file.fileno()).st_size
    at, total_s = 0, 0.0
    while at < size and time.monotonic() < until:
        read = os.pread(file.fileno(), _CHUNK, at)
        place = 0
        while place < len(read) - 10 or at + len(read) >= size > at + place:
            if (frame := _frame(read[place : place + 4])) is not None:
                total_s += frame.duration_s
                place += frame.length
            else:
                place += _tag_bytes(read[place : place + 10]) or 1
        at += place
    return total_s * max(1.0, size / at) if at else 0.0


def _forms_in(read: bytes) -> Iterator[_Form]:
    """Of each three frames of one form in a row; what looks like a frame by chance stands alone."""
    at = 0
    while (at := read.find(b"\xff", at)) >= 0:
        forms: list[_Form] = []
        place = at
        while len(forms) < 3 and (frame := _frame(read[place : place + 4])) is not None:
            forms.append(frame.form)
            place += frame.length
        if len(forms) == 3 and len(set(forms)) == 1:
            yield forms[0]
            at = place
        else:
            at += 1


def _tag_bytes(head: bytes) -> int:
    """Length of the ID3v2 tag that begins with ten bytes; 0 if none does."""
    if not head.startswith(b"ID3") or len(head) < 10:
        return 0
    return 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
