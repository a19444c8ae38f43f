"""What a music file that can be played says of itself, whatever its ending and the state of its tags."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import av

from player.audio.stereo import decoded, opened
from player.errors import AudioFileError
from player.library.scan.tags import read_track
from player.library.transient_errors import not_now
from player.types import Track

FIRST = 20
"""Frames or packets at the beginning: noise passes for one frame, and not for most of so many."""


def read_file(path: Path) -> Track:
    """`tags.read_track`; of a file that mutagen cannot read, but ffmpeg can, what that says of it.

    Raises AudioFileError if neither can be.
    """
    try:
        return read_track(path)
    except AudioFileError as error:
        if not_now(path, error) is not None or (texts := _container_texts(path)) is None:
            raise
    return Track(
        path,
        title=texts.get("title") or path.stem,
        artist=texts.get("artist", ""),
        album=texts.get("album", ""),
        genre=texts.get("genre", ""),
    )


def _container_texts(path: Path) -> dict[str, str] | None:
    """What ffmpeg reads of its tags, under lower-case names; None if its beginning cannot be decoded."""
    try:
        with opened(path) as container:
            stream = container.streams.audio[0]
            first = list(islice(decoded(container, stream), FIRST)) if stream.format and stream.rate else []
            if 2 * first.count(None) >= len(first):
                return None
            return {name.lower(): text for name, text in (stream.metadata | container.metadata).items()}
    except (AudioFileError, av.FFmpegError, OSError, ValueError, LookupError, RuntimeError):
        return None
