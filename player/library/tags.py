"""What a music file says of itself: title, artist, loudness. Read by mutagen; nothing is decoded."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mutagen
from mutagen.apev2 import APETextValue, APEv2
from mutagen.id3 import ID3, Encoding
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4Tags

from player import joined
from player.errors import AudioFileError
from player.library.old_text import meant
from player.types import Track

REPLAYGAIN_LUFS = -18.0
"""ReplayGain 2.0 brings a track to -18 LUFS."""
R128_LUFS = -23.0
"""RFC 7845 (Ogg Opus) brings a track to -23 LUFS; its gain is a fixed-point number with 8 fractional bits."""
_MAX_GAIN_DB = 64.0  # beyond it a tag is a mistake
_MAX_PLACE = 9999  # likewise

_ID3 = {
    "title": "TIT2", "artist": "TPE1", "album": "TALB", "genre": "TCON", "tracknumber": "TRCK",
    "discnumber": "TPOS",
}  # fmt: skip
_MP4 = {"title": "\xa9nam", "artist": "\xa9ART", "album": "\xa9alb", "genre": "\xa9gen"}
_MP4_FREE = "----:com.apple.itunes:"
_MP4_RATING = "rtng"
_MP4_NUMBERS = {"tracknumber": "trkn", "discnumber": "disk"}
_EXPLICIT = {"1", "4"}
"""iTunes' advisory: 1 explicit, 2 a cleaned version, 0 nothing said; 4 explicit in old files."""
_YES = {"1", "true", "yes", "explicit"}
_APE = {"track": "tracknumber", "disc": "discnumber"}


def read_track(path: Path) -> Track:
    """What one music file says of itself, as a Track without a mood. Odd or missing tags are passed over.

    Without a title the file's name stands in, less its ending. The artist stays empty and is never guessed
    from a folder: folders are named after moods and years as often as after artists. Loudness and peak come
    from ReplayGain or R128 gain tags. Raises AudioFileError where the file cannot be read or is no audio.
    """
    try:
        file = mutagen.File(path)
    except Exception as error:  # mutagen's parsers let struct.error, IndexError and others through
        raise AudioFileError(f"{path} is no readable music file ({error}): replace or remove it.") from error
    if file is None or file.info is None:
        raise AudioFileError(f"{path} is no music file, whatever its name says: remove it.")
    texts = _texts(file.tags)
    if isinstance(file, MP3):
        texts = _with_ape(path, file.tags, texts)
    length_s = joined.length_s(path) or float(getattr(file.info, "length", 0.0))
    return Track(
        path=path,
        title=texts.get("title") or path.stem,
        artist=texts.get("artist", ""),
        album=texts.get("album", ""),
        genre=texts.get("genre", ""),
        duration_s=length_s if math.isfinite(length_s) and length_s > 0 else 0.0,
        loudness_lufs=_loudness_lufs(texts),
        peak_dbfs=_peak_dbfs(texts),
        track_no=_place(texts.get("tracknumber")),
        disc_no=_place(texts.get("discnumber")),
        explicit=texts.get("itunesadvisory") in _EXPLICIT or texts.get("explicit", "").lower() in _YES,
    )


def _texts(tags: Any) -> dict[str, str]:
    """The tags of any container under lower-case names, the first value of each."""
    if isinstance(tags, ID3):
        return _id3_texts(tags)
    if isinstance(tags, MP4Tags):
        return _mp4_texts(tags)
    return _first_values({str(key).lower(): value for key, value in (tags or {}).items()})


def _mp4_texts(tags: Any) -> dict[str, str]:
    named = {name: tags.get(key) for name, key in _MP4.items()}
    named["itunesadvisory"] = [str(rating) for rating in tags.get(_MP4_RATING, [])]
    # Pairs of a number and how many there are.
    named |= {name: [str(pair[0]) for pair in tags.get(key, [])] for name, key in _MP4_NUMBERS.items()}
    free = {key.lower().removeprefix(_MP4_FREE): value for key, value in tags.items()}
    return _first_values(free | named)


def _id3_texts(tags: Any) -> dict[str, str]:
    frames = {name: tags.get(key) for name, key in _ID3.items()}
    frames |= {frame.desc.lower(): frame for frame in tags.getall("TXXX")}
    texts: dict[str, str] = {}
    old: dict[str, str] = {}
    for name, frame in frames.items():
        # TCON may hold numbers of ID3v1's genres; `genres` gives their names.
        values = getattr(frame, "genres", None) or getattr(frame, "text", None)
        if values:
            # Stripped afterwards: a no-break space may be half a letter.
            (old if frame.encoding == Encoding.LATIN1 else texts)[name] = str(values[0])
    return {name: text.strip() for name, text in (texts | meant(old)).items()}


def _with_ape(path: Path, tags: Any, texts: dict[str, str]) -> dict[str, str]:
    """With what an APEv2 tag beside ID3 says: it goes before ID3v1, which cuts titles, and after ID3v2."""
    try:
        tag: Any = APEv2(path)  # type: ignore[no-untyped-call]
        ape = {key.lower(): list(value) for key, value in tag.items() if isinstance(value, APETextValue)}
    except Exception:  # noqa: BLE001 - mostly there is none; one that is damaged says nothing
        return texts
    found = _first_values({_APE.get(key, key): value for key, value in ape.items()})
    said = {name: text for name, text in texts.items() if text}
    return said | found if tags is not None and tags.version == (1, 1) else found | said


def _first_values(tags: Mapping[str, Any]) -> dict[str, str]:
    texts = {}
    for name, value in tags.items():
        first = value[0] if isinstance(value, list) and value else value
        if isinstance(first, bytes):
            first = first.decode("utf-8", errors="replace")
        if isinstance(first, str) and first.strip():
            texts[name] = first.strip()
    return texts


def _number(text: str | None) -> float | None:
    match = re.match(r"\s*([-+]?\d+(?:\.\d*)?)", text or "")
    return float(match[1]) if match else None


def _place(text: str | None) -> int:
    """The number of a track or disc, "3" or "3/12"; 0 where there is none."""
    number = _number(text) or 0
    return int(number) if 0 < number <= _MAX_PLACE else 0


def _loudness_lufs(texts: Mapping[str, str]) -> float | None:
    r128, replaygain = _number(texts.get("r128_track_gain")), _number(texts.get("replaygain_track_gain"))
    if r128 is not None and abs(r128 / 256) <= _MAX_GAIN_DB:
        return R128_LUFS - r128 / 256
    if replaygain is not None and abs(replaygain) <= _MAX_GAIN_DB:
        return REPLAYGAIN_LUFS - replaygain
    return None


def _peak_dbfs(texts: Mapping[str, str]) -> float | None:
    peak = _number(texts.get("replaygain_track_peak"))
    return 20 * math.log10(peak) if peak is not None and 0 < peak < 16 else None
