"""How long an MP3 or AAC file is whose header does not say it: its frames, counted.

libVLC guesses from the first bit rate, minutes beside the mark if the rate varies. Only the standard
library is imported: a deck does this for each file that it opens, beside the opening.
"""

from __future__ import annotations

import logging
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

log = logging.getLogger(__name__)

_BUFFER = 1 << 18
_WINDOW = 1 << 16
_JUNK = 16 * _WINDOW
"""Frames are looked for so far into a file, and behind what is none of them."""
_OTHER = (b"RIFF", b"RF64", b"BW64", b"fLaC", b"OggS", b"\x1aE\xdf\xa3", b"FORM")
_SLACK = 0.02
"""A header that tells another size than this apart from the file's speaks of another file, or of a part."""
_HEADER = 7
# ISO/IEC 11172-3 and 13818-3, kbit/s by (MPEG-1?, layer); MPEG-2.5 is as MPEG-2.
_RATES = {
    (True, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_MPEG_HZ = (44100, 48000, 32000)
# ISO/IEC 13818-7, sampling_frequency_index.
_AAC_HZ = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)


@dataclass(frozen=True, slots=True)
class Frames:
    """What was counted."""

    duration_s: float
    uniform: bool
    """Whether sampling rate and number of channels are the same throughout."""


class _Frame(NamedTuple):
    length: int
    """In bytes."""
    duration_s: float
    kind: tuple[int, int, bool]
    """Layer (0 for AAC), sampling rate, mono: joined files differ in it."""


def count(path: Path) -> Frames | None:
    """None if the file states its length by itself, or is neither MP3 nor AAC. Raises OSError.

    Reads the whole file otherwise: some 20 ms for a song, and what its disk takes.
    """
    start = _unstated(path)
    return None if start is None else _walk(path, start)


def _unstated(path: Path) -> int | None:
    """Where the frames begin that nothing but counting tells the number of; None if there are no such."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        start = _first(file)
        return None if start is None or _states_its_length(file, start, size) else start


def _walk(path: Path, at: int, stopped: Callable[[], bool] = lambda: False) -> Frames | None:
    duration_s, kinds = 0.0, set()
    with path.open("rb", buffering=_BUFFER) as file:
        size = file.seek(0, 2)
        file.seek(at)
        while at < size:
            if stopped():
                return None
            frame = _frame(file.read(_HEADER))
            if frame is None:
                found = _next(file, at)
                if found is None:
                    break
                at = file.seek(found)
                continue
            if at + frame.length > size:
                break  # cut off: no decoder makes sound of it
            duration_s += frame.duration_s
            kinds.add(frame.kind)
            at += frame.length
            file.seek(frame.length - _HEADER, 1)
    return Frames(duration_s, len(kinds) == 1) if kinds else None


def _first(file: BinaryIO) -> int | None:
    """Where the first frame is; None if there is none, or the file is of another kind."""
    at = 0
    while True:
        file.seek(at)
        head = file.read(12)
        if head[:3] != b"ID3" or len(head) < 10:
            break
        sizes = head[6:10]
        at += 10 + (sizes[0] << 21 | sizes[1] << 14 | sizes[2] << 7 | sizes[3])
    if head.startswith(_OTHER) or head[4:8] == b"ftyp":
        return None
    return _next(file, at - 1)


def _next(file: BinaryIO, after: int) -> int | None:
    """The next place behind `after` at which two frames of a kind follow each other."""
    for begin in range(after + 1, after + 1 + _JUNK, _WINDOW):
        file.seek(begin)
        window = file.read(_WINDOW + _HEADER)
        place = window.find(b"\xff")
        while 0 <= place <= len(window) - _HEADER:
            frame = _frame(window[place : place + _HEADER])
            if frame is not None:
                file.seek(begin + place + frame.length)
                follower = _frame(file.read(_HEADER))
                if follower is not None and follower.kind == frame.kind:
                    return begin + place
            place = window.find(b"\xff", place + 1)
    return None


def _frame(header: bytes) -> _Frame | None:
    if len(header) < _HEADER or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return None
    return _aac(header) if header[1] & 0xF6 == 0xF0 else _mpeg(header)


def _aac(header: bytes) -> _Frame | None:
    index = header[2] >> 2 & 15
    length = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    if index >= len(_AAC_HZ) or length <= _HEADER:
        return None
    channels = (header[2] & 1) << 2 | header[3] >> 6
    blocks = (header[6] & 3) + 1
    return _Frame(length, 1024 * blocks / _AAC_HZ[index], (0, _AAC_HZ[index], channels == 1))


def _mpeg(header: bytes) -> _Frame | None:
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    rate, place, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version == 1 or layer == 4 or rate in (0, 15) or place == 3:
        return None
    first = version == 3
    hz = _MPEG_HZ[place] >> (0 if first else 1 if version == 2 else 2)
    samples = 384 if layer == 1 else 1152 if first or layer == 2 else 576
    slot = 4 if layer == 1 else 1
    length = (samples // 8 // slot * _RATES[first, layer][rate] * 1000 // hz + padding) * slot
    return _Frame(length, samples / hz, (layer, hz, header[3] >> 6 == 3))


def _states_its_length(file: BinaryIO, start: int, size: int) -> bool:
    """Whether a Xing, Info or VBRI header tells the number of frames, and of this file."""
    file.seek(start)
    head = file.read(256)
    if (at := max(head.find(b"Xing"), head.find(b"Info"))) >= 0 and len(head) >= at + 16:
        flags, _frames, stated = struct.unpack_from(">III", head, at + 4)
        if flags & 3 != 3:
            return bool(flags & 1)
    elif (at := head.find(b"VBRI")) >= 0 and len(head) >= at + 18:
        (stated,) = struct.unpack_from(">I", head, at + 10)
    else:
        return False
    return bool(abs(size - start - stated) <= max(4096, _SLACK * stated))


class Counting:
    """`count` on a thread of its own, if there is anything to count: a disk may be slow."""

    def __init__(self, path: Path) -> None:
        self.found: Frames | None = None
        self._path, self._done, self._stopped = path, threading.Event(), False
        try:
            start = _unstated(path)
        except OSError:  # whoever plays the file finds out
            start = None
        if start is None:
            self._done.set()
        else:
            threading.Thread(target=self._run, args=(start,), daemon=True).start()

    @property
    def done(self) -> bool:
        """Whether it has come to its end."""
        return self._done.is_set()

    def stop(self) -> None:
        """Nobody wants to know any more: let the file go."""
        self._stopped = True

    def _run(self, start: int) -> None:
        try:
            self.found = _walk(self._path, start, lambda: self._stopped)
        except OSError as error:
            log.debug("the frames of %s cannot be counted: %s", self._path, error)
        finally:
            self._done.set()
