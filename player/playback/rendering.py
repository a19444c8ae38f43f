"""A file decoded here and handed to libVLC as stereo sound, if libVLC's own way would not be true.

libVLC 3 leaves out or swaps channels when it mixes more than two (which ones, differs from format to format),
or leaves that to the sound server. And there are files that it cannot open though they can be decoded. Only a
deck that has such a file imports this.
"""

from __future__ import annotations

import struct
from collections.abc import Generator, Iterator
from itertools import chain
from pathlib import Path

import av

from player.audio.joined import length_s, links
from player.audio.stereo import (
    ToStereo,
    announced_s,
    decoded_from,
    decoded_links,
    is_estimate,
    opened,
)
from player.errors import AudioFileError

_BYTES = 8
"""Of a stereo sample, 32-bit floating point."""
_HEADER = struct.Struct("<4sI8sIHHIIHH4sI")


class Rendering:
    """A file from `start_s` on, as a WAV file without a length. Raises AudioFileError if nothing is in it."""

    def __init__(self, path: Path, start_s: float) -> None:
        self._frames: Generator[av.AudioFrame | None] | None = None
        try:
            self._container = opened(path)
        except AudioFileError:
            raise
        except (av.FFmpegError, OSError, ValueError) as error:
            raise AudioFileError(f"{path} cannot be decoded: replace or remove it.") from error
        try:
            stream = self._container.streams.audio[0]
            known_s = 0.0 if is_estimate(self._container) else announced_s(self._container, stream)
            self.duration_s = length_s(path) or known_s
            """0 if the file does not say it, or only by an estimate."""
            if found := links(path):
                frames = decoded_links(path, found, start_s)
            else:
                frames = decoded_from(self._container, stream, start_s)
            self._frames = frames
            self._sound = _wav(frame for frame in frames if frame is not None)
            self._rest = next(self._sound)  # what cannot be decoded shows now
        except (av.FFmpegError, OSError, ValueError, LookupError) as error:
            self.close()
            raise AudioFileError(f"{path} cannot be decoded: replace or remove it.") from error

    def read(self, most: int) -> bytes:
        """The next bytes, `most` of them or fewer; none at the end. What is damaged beyond repair ends it."""
        if not self._rest:
            try:
                self._rest = next(self._sound, b"")
            except (av.FFmpegError, OSError, ValueError):
                return b""
        chunk, self._rest = self._rest[:most], self._rest[most:]
        return chunk

    def close(self) -> None:
        """Let the file go."""
        if self._frames is not None:
            self._frames.close()  # it has a link of its own open, as long as anybody knows of it
        self._container.close()


def _wav(frames: Iterator[av.AudioFrame]) -> Iterator[bytes]:
    if (first := next(frames, None)) is None:
        raise LookupError("no sound")
    stereo = ToStereo(first, "flt")
    rate = stereo.rate_hz
    # Float (3), two channels; a length of 0: until the end.
    form = (16, 3, 2, rate, rate * _BYTES, _BYTES, 32)
    yield _HEADER.pack(b"RIFF", 0, b"WAVEfmt ", *form, b"data", 0)
    for frame in stereo.over(chain([first], frames)):
        yield bytes(frame.planes[0])[: frame.samples * _BYTES]
