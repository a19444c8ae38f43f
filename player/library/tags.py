"""What a music file says of itself: title, artist, loudness. Read by mutagen; nothing is decoded."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import mutagen
from mutagen.id3 import ID3, Encoding
from mutagen.mp4 import MP4Tags

from player.errors import AudioFileError
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
_HIGH = re.compile("[\x80-\xff]")
_HANGUL = re.compile("[가-힣]")


def read_track(path: Path) -> Track:
    """What one music file says of itself, as a Track without a mood. Odd or missing tags are passed over.

    Without a title the file's name stands in, less its ending. The artist stays empty and is never guessed
    from a folder: folders are named after moods and years as often as after artists. Loudness and peak come
    from ReplayGain or R128 gain tags. Raises AudioFileError where the file cannot be read or is no audio.
    """
    try:
        file = _opened(path)
    except Exception as error:  # mutagen's parsers let struct.error, IndexError and others through
        raise AudioFileError(f"{path} is no readable music file ({error}): replace or remove it.") from error
    if file is None or file.info is None:
        raise AudioFileError(f"{path} is no music file, whatever its name says: remove it.")
    texts = _texts(file.tags)
    length_s = float(getattr(file.info, "length", 0.0))
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


def _opened(path: Path) -> Any:
    """What mutagen makes of a file: by its name and content, or else by its content alone."""
    with suppress(mutagen.MutagenError):
        if (file := mutagen.File(path)) is not None:
            return file
    with path.open("rb", buffering=0) as raw:
        raw.name = ""  # an ending may be wrong, and mutagen believes it
        return mutagen.File(raw)


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
    texts = {}
    for name, frame in frames.items():
        # TCON may hold numbers of ID3v1's genres; `genres` gives their names.
        values = getattr(frame, "genres", None) or getattr(frame, "text", None)
        if values:
            text = str(values[0]).strip()
            texts[name] = korean(text) if frame.encoding == Encoding.LATIN1 else text
    return texts


def _first_values(tags: Mapping[str, Any]) -> dict[str, str]:
    texts = {}
    for name, value in tags.items():
        first = value[0] if isinstance(value, list) and value else value
        if isinstance(first, bytes):
            first = first.decode("utf-8", errors="replace")
        if isinstance(first, str) and first.strip():
            texts[name] = first.strip()
    return texts


def korean(text: str) -> str:
    """Undo what old Korean taggers did: EUC-KR bytes in a frame that says Latin-1.

    Only where every byte above 0x7f fits EUC-KR and more than half of them become Hangul, so that "Björk"
    stays "Björk".
    """
    high = len(_HIGH.findall(text))
    if high < 2:
        return text
    try:
        repaired = text.encode("latin-1").decode("euc_kr")
    except UnicodeError:
        return text
    return repaired if 4 * len(_HANGUL.findall(repaired)) > high else text  # two bytes to a syllable


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
