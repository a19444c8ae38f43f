"""A look at a file before libVLC gets it: is it there, can it be read, is it text, would it be loud noise?"""

from __future__ import annotations

from io import FileIO
from pathlib import Path

from player.audio.noise_check import noise
from player.playback.failure_reasons import NO_FILE, NO_MUSIC, NOT_NOW

HEAD_BYTES = 4096
TEXT_BYTES = 24
"""No kind of music file begins with so many characters; the shortest list of addresses has more."""
_CONTROL = bytes({*range(32)} - {*b"\t\n\v\f\r\x1b"})


def file_trouble(path: str) -> str:
    """Why a file cannot be read, as far as the system knows; empty if it can."""
    try:
        if not Path(path).is_file():
            return NO_FILE
        with open(path, "rb", buffering=0) as file:
            if _is_text(_head(file)):
                return NO_MUSIC
        return f"it {reason}" if (reason := noise(Path(path))) else ""
    except FileNotFoundError:
        return NO_FILE
    except OSError:  # no right to, a disk that is failing, too many open files, a mount that lost its server
        return NOT_NOW


def _head(file: FileIO) -> bytes:
    """What a file begins with, after an ID3 tag."""
    head = file.read(HEAD_BYTES)
    if head[:3] != b"ID3" or len(head) < 10:
        return head
    size = 0
    for byte in head[6:10]:
        size = size << 7 | byte & 0x7F  # ID3v2.4, 3.1
    file.seek(10 + size)
    return file.read(HEAD_BYTES)


def _is_text(head: bytes) -> bool:
    """Whether readers of media may take it for a list of addresses, of which they call or await some."""
    before = head.partition(b"\0")[0]  # they read it as a C string
    readable = before.translate(None, _CONTROL) == before
    return (readable and len(before) >= TEXT_BYTES) or b"\nc=IN IP" in b"\n" + before  # SDP, RFC 8866
