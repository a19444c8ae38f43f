"""The parts of an MJPEG stream, as cameras really send them: wrong lengths, odd boundaries, rubbish."""

from __future__ import annotations

import re
from collections.abc import Callable

from player.errors import CameraError

MOST_PART_BYTES = 32 * 2**20
_HEADERS_END = re.compile(rb"\r?\n\r?\n")
_ANY_MARK = re.compile(rb"--[^\r\n]{1,70}\r?\n")
_FIRST_MARK = re.compile(rb"(?:^|\n)([!-9;-~]{1,74})\r?\n(?:[\w-]+:[^\r\n]*\r?\n)+\r?\n")
"""A line without a colon, then headers."""
_LENGTH = re.compile(rb"^content-length:\s*(\d{1,9})\s*$", re.IGNORECASE | re.MULTILINE)
_END_OF_JPEG = b"\xff\xd9"


class PartReader:
    """Cuts a stream into its parts; a part may hold anything."""

    def __init__(self, read: Callable[[], bytes], boundary: bytes) -> None:
        """`read` waits for more bytes, and gives none at the end of the stream."""
        self._read = read
        self._mark = b"--" + boundary.strip(b'"').removeprefix(b"--")
        self._data = bytearray()
        self._begun = False

    def next(self) -> bytes:
        """The next part's content; raises EOFError if the stream ends, CameraError if it does not."""
        if self._mark == b"--":  # the header did not say
            self._mark = self._find(_ANY_MARK, 0)[0].strip()
        if not self._begun:
            self._begin()
        start = self._find(re.compile(re.escape(self._mark)), 0).end()
        headers = self._find(_HEADERS_END, start)
        body = headers.end()
        length = _LENGTH.search(self._data[start : headers.start() + 1].replace(b"\r", b""))
        if length is not None:
            end = body + int(length[1])
            while len(self._data) < end:
                self._more()
            if self._data[:end].endswith(_END_OF_JPEG):
                return self._take(body, end, end)
        # No length, or one that may be wrong: what is before the next boundary.
        end = self._find(re.compile(rb"\r?\n?" + re.escape(self._mark)), body).start()
        return self._take(body, end, end)

    def _begin(self) -> None:
        """Some cameras announce one boundary and write another: what the first part begins with holds."""
        begin = self._data[: self._find(_HEADERS_END, 0).end()]
        if self._mark not in begin and (first := _FIRST_MARK.search(begin)):
            self._mark = first[1]
        self._begun = True

    def _find(self, what: re.Pattern[bytes], at: int) -> re.Match[bytes]:
        while (found := what.search(self._data, at)) is None:
            at = max(at, len(self._data) - len(self._mark) - 4)
            self._more()
        return found

    def _more(self) -> None:
        if len(self._data) > MOST_PART_BYTES:
            raise CameraError("a part of the stream is too large")
        more = self._read()
        if not more:
            raise EOFError
        self._data += more

    def _take(self, start: int, end: int, rest: int) -> bytes:
        part = bytes(self._data[start:end])
        del self._data[:rest]
        return part
