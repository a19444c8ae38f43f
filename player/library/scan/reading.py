"""What a music file that can be played says of itself, whatever its ending and the state of its tags."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from pathlib import Path

import av

from player.audio.noise_check import MEND, noise
from player.audio.stereo import decoded, opened
from player.errors import AudioFileError
from player.library.scan.music_files import BEGINNINGS
from player.library.scan.tags import read_track
from player.library.transient_errors import not_now
from player.types import Track

FIRST = 20
"""Frames or packets at the beginning: noise passes for one frame, and not for most of so many."""


def read_file(path: Path) -> Track:
    """`tags.read_track`; of a file that mutagen cannot read, but ffmpeg can, what that says of it.

    mutagen finds what looks like MP3 in files of any kind: unless a file begins as music does, ffmpeg is
    asked, too. Raises AudioFileError if neither can read it, or if it would be heard as noise.
    """
    _refuse_noise(path)
    try:
        track = read_track(path)
    except AudioFileError as error:
        if not_now(path, error) is not None or (texts := _container_texts(path)) is None:
            raise
    else:
        if _begins_as_music(path) or _container_texts(path) is not None:
            return track
        raise AudioFileError(f"{path} holds nothing that can be decoded: replace or remove it.")
    return Track(
        path,
        title=texts.get("title") or path.stem,
        artist=texts.get("artist", ""),
        album=texts.get("album", ""),
        genre=texts.get("genre", ""),
    )


def _refuse_noise(path: Path) -> None:
    reason = ""
    with suppress(OSError, ValueError):  # who reads it says what is wrong with it
        reason = noise(path)
    if reason:
        raise AudioFileError(f"{path} {reason}: {MEND}.")


def _begins_as_music(path: Path) -> bool:
    with suppress(OSError), path.open("rb", buffering=0) as file:
        head = file.read(8)
        return head.startswith(BEGINNINGS) or head[4:] == b"ftyp"
    return True


def _container_texts(path: Path) -> dict[str, str] | None:
    """What ffmpeg reads of its tags, under lower-case names; None if its beginning cannot be decoded."""
    try:
        with opened(path) as container:
            stream = container.streams.audio[0]
            first = (
                list(islice(decoded(container, stream), FIRST))
                if stream.codec_context and stream.rate
                else []
            )
            if 2 * first.count(None) >= len(first):
                return None
            return {name.lower(): text for name, text in (stream.metadata | container.metadata).items()}
    except (AudioFileError, av.FFmpegError, OSError, ValueError, LookupError, RuntimeError):
        return None
