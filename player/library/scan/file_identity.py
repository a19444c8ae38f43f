"""What makes a track the same track: its sound as it lies in the file, whatever the file's name and tags."""

from __future__ import annotations

import hashlib
from pathlib import Path

import av

from player.audio.stereo import opened
from player.errors import AudioFileError
from player.library.transient_errors import not_now

HEAD_BYTES = 256 * 1024
"""So much encoded sound is hashed: a quarter of a minute of a good MP3."""
_DIGEST_BYTES = 16
_UNPACKED = ("pcm_", "flac", "alac", "wavpack")
"""Codecs whose first bytes may be seconds of digital silence: their length, which they state, counts too."""


def content_hash(path: Path) -> str:
    """Hexadecimal BLAKE2b of the first HEAD_BYTES of the audio packets; "" if there are none.

    Nothing is decoded: it takes milliseconds. Tags, covers and their places in the file do not count. Raises
    NotNowError if the file is there and cannot be read at present.
    """
    digest, taken = hashlib.blake2b(digest_size=_DIGEST_BYTES), 0
    try:
        with opened(path) as container:
            stream = container.streams.audio[0]
            name = stream.codec_context.name
            length = stream.duration if name.startswith(_UNPACKED) else None
            digest.update(f"{name} {stream.rate} {length}".encode())
            for packet in container.demux(stream):
                data = bytes(packet)[: HEAD_BYTES - taken]
                digest.update(data)
                taken += len(data)
                if taken == HEAD_BYTES:
                    break
    except (AudioFileError, FileNotFoundError):
        return ""
    except (av.FFmpegError, OSError, ValueError, LookupError, RuntimeError) as error:
        if (passing := not_now(path, error)) is not None:
            raise passing from error
        return ""
    return digest.hexdigest() if taken else ""
