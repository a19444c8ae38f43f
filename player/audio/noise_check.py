"""Files of plain samples (WAV, AIFF) that would come out as loud noise: refused, whoever would play them.

ffmpeg, and with it libVLC, reads some of them wrongly: big-endian WAV swapped, 24 bits in 32 as fractions.
Only the standard library is imported: a deck looks at each file that it opens, in a few milliseconds.
"""

from __future__ import annotations

import math
import re
import struct
import sys
from array import array
from collections import Counter
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

BIG_ENDIAN = "is a WAV file with its bytes in the order of other computers (RIFX)"
HEADER = "has a header that contradicts itself (its samples are of another size than it says)"
RANGE = "holds fractional samples far beyond full scale"
SWAPPED = "holds its bytes the other way round than its header says"
FRACTIONS = "holds fractional samples although its header says whole numbers"
RECEIVER = "holds a compressed stream for a surround receiver (S/PDIF)"
NOISE = "holds nothing but noise at full scale, as another kind of data does"

MEND = "save it again as an ordinary WAV or FLAC file, or remove it"

_SWAPPED_FORMS = (b"RIFX", b"XFIR", b"FFIR")
_INTEGERS, _FRACTIONS, _EXTENSIBLE = 1, 3, 0xFFFE  # WAVE_FORMAT_..., mmreg.h
_PLACES = (0.1, 0.35, 0.6, 0.85)
"""Parts of the sound that are looked at, by their shares of its length: music may begin with silence."""
_BYTES = 4096
_LEAST, _MOST = 1e-3, 16.0
"""24 dB beyond full scale: no mix is so far out, but samples in steps of 16 bits and integers are. And 60 dB
below it: what is a number of such size as a fraction was no whole number."""
_WHITE = 1.4
"""Power of the steps from sample to sample by that of the samples: 2 for white noise, 0.1 for most music."""
_SMOOTH = 0.5
_LOUD = 0.3
"""RMS of samples whose bits are random: 0.58 of full scale."""
_OTHER_KINDS = (b"fLaC", b"OggS", b"PK\x03\x04", b"\x1f\x8b\x08")
_CHUNKS = 64
_BURST = re.compile(rb"\x72\xf8\x1f\x4e|\xf8\x72\x4e\x1f")
"""How each frame of a compressed stream in 16-bit samples begins (IEC 61937), in both orders of bytes."""
_SEEN = re.compile(rb"\x72\xf8\x1f\x4e")
_LOOK_BYTES = 6144
"""libVLC finds them behind so much, and not behind 96 KB: what it does not find, it plays as it is."""
_FEWEST_BURSTS = 4
_BURSTS_BYTES = 1 << 16
"""Several bursts of any kind are in so much, but for TrueHD."""


class _Samples(NamedTuple):
    kind: int
    channels: int
    bits: int
    frame: int
    """Bytes of a sample of each channel."""
    start: int
    end: int
    swapped: bool = False
    """Whether they are big-endian."""
    is_signed: bool = True
    """Those of a WAV file are not, up to 8 bits."""


def noise(path: Path) -> str:
    """Why a file would be heard as noise, as the end of a sentence; empty if it would not. Raises OSError."""
    with path.open("rb", buffering=0) as file:
        head = _behind_id3(file)
        if head[:4] in _SWAPPED_FORMS:
            return BIG_ENDIAN
        with suppress(struct.error, IndexError):
            if head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:] == b"WAVE":
                return _judge(file, _wave(file))
            if head[:4] == b"FORM" and head[8:] in (b"AIFF", b"AIFC"):
                return _judge(file, _aiff(file))
    return ""


def _behind_id3(file: BinaryIO) -> bytes:
    while (head := file.read(12))[:3] == b"ID3" and len(head) == 12:
        sizes = head[6:10]
        file.seek(
            sum((byte & 0x7F) << shift for byte, shift in zip(sizes, (21, 14, 7, 0), strict=True)) - 2, 1
        )
    return head


def _wave(file: BinaryIO) -> _Samples | None:
    form = b""
    for _ in range(_CHUNKS):
        name, size = struct.unpack("<4sI", file.read(8))
        if name == b"fmt ":
            form = file.read(min(size, 64))
            file.seek(size + size % 2 - len(form), 1)
        elif name == b"data":
            kind, channels, _, _, frame, bits = struct.unpack_from("<HHIIHH", form)
            if kind == _EXTENSIBLE:
                _, valid, _, kind = struct.unpack_from("<HHIH", form, 16)
                bits = valid or bits
            start = file.seek(0, 1)
            # 0 or too much where the writer did not know it.
            whole = file.seek(0, 2)
            end = min(start + size, whole) if size else whole
            return _Samples(kind, channels, bits, frame, start, end, is_signed=bits > 8)
        else:
            file.seek(size + size % 2, 1)
    return None


def _aiff(file: BinaryIO) -> _Samples | None:
    channels = bits = 0
    for _ in range(_CHUNKS):
        name, size = struct.unpack(">4sI", file.read(8))
        if name == b"COMM":
            form = file.read(min(size, 64))
            channels, _, bits = struct.unpack_from(">hIh", form)
            if form[18:22] not in (b"", b"NONE", b"twos", b"sowt"):
                return None
            swapped = form[18:22] != b"sowt"
            file.seek(size + size % 2 - len(form), 1)
        elif name == b"SSND":
            start = file.seek(8, 1)
            frame = channels * math.ceil(bits / 8)
            return _Samples(_INTEGERS, channels, bits, frame, start, start + size - 8, swapped)
        else:
            file.seek(size + size % 2, 1)
    return None


def _judge(file: BinaryIO, found: _Samples | None) -> str:
    if found is None or found.kind not in (_INTEGERS, _FRACTIONS) or not found.channels or not found.frame:
        return ""
    if (frame := found.channels * math.ceil(found.bits / 8)) != found.frame:
        if found.bits != 16 or found.frame > frame:
            return HEADER
        found = found._replace(frame=frame)  # careless, and harmless
    pieces = [piece for place in _PLACES if (piece := _piece(file, found, place))]
    if found.kind == _FRACTIONS:
        return RANGE if any(map(_is_out_of_range, _numbers(pieces, found))) else ""
    file.seek(found.start)
    if file.read(4) in _OTHER_KINDS:
        return NOISE
    if found.bits == 32 and not found.swapped and _are_fractions(_numbers(pieces, found)):
        return FRACTIONS
    return _compressed(file, found) if _is_for_a_receiver(file, found) else _white(pieces, found)


def _compressed(file: BinaryIO, found: _Samples) -> str:
    """Players find bursts near the beginning, and decode them."""
    seen = not found.swapped and _SEEN.search(_piece(file, found, 0.0, _LOOK_BYTES))
    return "" if seen else RECEIVER


def _is_for_a_receiver(file: BinaryIO, found: _Samples) -> bool:
    """Whether bursts follow each other at one distance."""
    if found.bits != 16:
        return False
    gaps: Counter[int] = Counter()
    for place in _PLACES:
        piece = _piece(file, found, place, _BURSTS_BYTES)
        gaps.update(b - a for a, b in pairwise(burst.start() for burst in _BURST.finditer(piece)))
    return bool(gaps) and gaps.most_common(1)[0][1] >= max(_FEWEST_BURSTS, gaps.total() / 2)


def _piece(file: BinaryIO, found: _Samples, place: float, most: int = _BYTES) -> bytes:
    frames = max(0, found.end - found.start) // found.frame
    file.seek(found.start + int(place * frames) * found.frame)
    piece = file.read(most // found.frame * found.frame)
    return piece[: len(piece) // found.frame * found.frame]


def _numbers(pieces: list[bytes], found: _Samples) -> list[array[float]]:
    kind: Literal["f", "d"] = "d" if found.bits == 64 else "f"
    read = [array(kind, piece) for piece in pieces]
    if sys.byteorder == "big":
        for numbers in read:
            numbers.byteswap()
    return read


def _is_out_of_range(numbers: array[float]) -> bool:
    return not all(abs(number) < _MOST for number in numbers)  # NaN is not, either


def _are_fractions(pieces: list[array[float]]) -> bool:
    """Whether all would be sound as fractions: whole numbers are next to nothing so, huge or no number."""
    numbers = [abs(number) for piece in pieces for number in piece if number]
    return bool(numbers) and max(numbers) < _MOST and sorted(numbers)[len(numbers) // 2] > _LEAST


def _white(pieces: list[bytes], found: _Samples) -> str:
    """Music is smooth: one sample is close to the next. What is not, and loud, may be so when swapped."""
    width = math.ceil(found.bits / 8)
    if not width or not pieces:
        return ""
    ahead = [_unlike(piece, found, width, found.swapped) for piece in pieces]
    loud = [(unlike, level) for unlike, level in ahead if level]
    rough = _SMOOTH if width == 1 and _are_wider(pieces, found) else _WHITE
    if not loud or any(unlike < rough or level < _LOUD for unlike, level in loud):
        return ""
    back = [_unlike(piece, found, width, not found.swapped) for piece in pieces]
    return SWAPPED if all(unlike < _SMOOTH for unlike, level in back if level) else NOISE


def _are_wider(pieces: list[bytes], found: _Samples) -> bool:
    """Whether samples of 8 bits are smooth if read as 16; the lower half of smooth music is not all noise."""
    wider = found._replace(frame=2 * found.frame, is_signed=True)
    whole = [piece[: len(piece) // wider.frame * wider.frame] for piece in pieces]
    return all(_unlike(piece, wider, 2, swapped=False)[0] < _SMOOTH for piece in whole)


def _unlike(piece: bytes, found: _Samples, width: int, swapped: bool) -> tuple[float, float]:
    """Of the first channel: how much samples differ from the last ones (2 for noise), and their RMS."""
    order: Literal["big", "little"] = "big" if swapped else "little"
    zero = 0 if found.is_signed else 1 << 8 * width - 1
    values = [
        int.from_bytes(piece[at : at + width], order, signed=found.is_signed) - zero
        for at in range(0, len(piece), found.frame)
    ]
    power = sum(value * value for value in values) / max(1, len(values))
    steps = sum((b - a) ** 2 for a, b in pairwise(values)) / max(1, len(values) - 1)
    return (steps / power if power else 0.0), math.sqrt(power) / (1 << 8 * width - 1)
