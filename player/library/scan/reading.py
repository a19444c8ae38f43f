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
from player.library.scan.old_text import meant
from player.library.scan.tags import Tags, read_tags, track_of_tags
from player.library.transient_errors import not_now
from player.types import Track

FIRST = 20
"""Frames or packets at the beginning: noise passes for one frame, and not for most of so many."""
_OF_TWO_KINDS = (b"RIFF", b"RF64")
"""A WAV has its tags in an ID3 chunk, which is all that mutagen reads, or in a LIST INFO chunk."""
_RENAMED = {"track": "tracknumber", "disc": "discnumber"}
_RENAMED_MP4 = {"rating": "itunesadvisory"}
"""Names that ffmpeg has for tags. In other containers a rating is somebody's stars."""


def read_file(path: Path) -> Track:
    """A Track of what a file says of itself: by mutagen, and where that reads nothing by ffmpeg.

    mutagen finds what looks like MP3 in files of any kind: unless a file begins as music does, ffmpeg is
    asked, too. Raises AudioFileError if neither can read it, or if it would be heard as noise.
    """
    _refuse_noise(path)
    try:
        tags = read_tags(path)
    except AudioFileError as error:
        if not_now(path, error) is not None or (texts := _container_texts(path)) is None:
            raise
        return track_of_tags(path, Tags(texts))
    head = _head(path)
    begins_as_music = head.startswith(BEGINNINGS) or head[4:] == b"ftyp"
    if begins_as_music and tags.values and not head.startswith(_OF_TWO_KINDS):
        return track_of_tags(path, tags)
    texts = _container_texts(path)
    if texts is None and not begins_as_music:
        raise AudioFileError(f"{path} holds nothing that can be decoded: replace or remove it.")
    return track_of_tags(path, Tags({**(texts or {}), **tags.values}, tags.length_s))


def _refuse_noise(path: Path) -> None:
    reason = ""
    with suppress(OSError, ValueError):  # who reads it says what is wrong with it
        reason = noise(path)
    if reason:
        raise AudioFileError(f"{path} {reason}: {MEND}.")


def _head(path: Path) -> bytes:
    """Its first eight bytes; what begins as music does if they cannot be read now."""
    with suppress(OSError), path.open("rb", buffering=0) as file:
        return file.read(8)
    return BEGINNINGS[0]


def _container_texts(path: Path) -> dict[str, list[str]] | None:
    """What ffmpeg reads of its tags, under the names of `Tags`; None if its beginning cannot be decoded."""
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
            renamed = _RENAMED | (_RENAMED_MP4 if "mp4" in container.format.name else {})
            found = {name.lower(): text for name, text in (stream.metadata | container.metadata).items()}
    except (AudioFileError, av.FFmpegError, OSError, ValueError, LookupError, RuntimeError):
        return None
    texts = {renamed.get(name, name): text.strip() for name, text in _meant(found).items()}
    return {name: [text] for name, text in texts.items() if text}


def _meant(found: dict[str, str]) -> dict[str, str]:
    """Texts whose bytes came as Latin-1 (`stereo.opened`): UTF-8 where all are, as with most containers."""
    try:
        return {name: text.encode("latin-1").decode() for name, text in found.items()}
    except UnicodeDecodeError:
        return meant(found)
