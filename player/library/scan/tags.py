"""What a music file says of itself: title, artist, loudness. Read by mutagen; nothing is decoded."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mutagen
from mutagen.apev2 import APETextValue, APEv2
from mutagen.flac import FLAC
from mutagen.id3 import ID3
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4, MP4Tags
from mutagen.wave import WAVE

from player.audio import joined
from player.errors import AudioFileError
from player.library.scan.old_text import meant
from player.library.scan.recording_ids import recording_ids
from player.library.scan.tag_names import artist_names, genre_names, numbered_genres
from player.types import Track

REPLAYGAIN_LUFS = -18.0
"""ReplayGain 2.0 brings a track to -18 LUFS."""
R128_LUFS = -23.0
"""RFC 7845 (Ogg Opus) brings a track to -23 LUFS; its gain is a fixed-point number with 8 fractional bits."""
_MAX_GAIN_DB = 64.0  # beyond it a tag is a mistake
_MAX_PLACE = 9999  # likewise

_OF_ONE_PIECE = (FLAC, MP4, WAVE)
"""What begins as these do can be no joined file: it need not be opened once more to see."""

_ID3 = {
    "title": ("TIT2",), "artist": ("TPE1",), "albumartist": ("TPE2",), "album": ("TALB",), "genre": ("TCON",),
    "tracknumber": ("TRCK",), "discnumber": ("TPOS",), "isrc": ("TSRC",), "composer": ("TCOM",),
    "publisher": ("TPUB",),
}  # fmt: skip
_MP4 = {
    "title": "\xa9nam", "artist": "\xa9ART", "albumartist": "aART", "album": "\xa9alb", "genre": "\xa9gen",
    "composer": "\xa9wrt", "publisher": "\xa9pub",
}  # fmt: skip
_MP4_FREE = "----:com.apple.itunes:"
_MP4_RATING = "rtng"
_MP4_NUMBERS = {"tracknumber": "trkn", "discnumber": "disk"}
_ARTISTS = ("artist", "artists", "albumartist", "album artist", "album_artist", "albumartists", "performer")
_LABEL = ("label", "record label", "recordlabel", "organization", "publisher")
"""What names the record company, the plainest first. Vorbis' ORGANIZATION is it by definition, and ID3's
publisher (TPUB) by use.
"""
_MAX_CREDIT = 500  # characters; beyond it is no name
_EXPLICIT = {"1", "4"}
"""iTunes' advisory: 1 explicit, 2 a cleaned version, 0 nothing said; 4 explicit in old files."""
_YES = {"1", "true", "yes", "explicit"}
_MARKED_EXPLICIT = re.compile(r"[\[({【（]\s*explicit\b", re.IGNORECASE)
"""In a title or the name of an album, as shops write it: "Song [Explicit]"."""
_APE = {"track": "tracknumber", "disc": "discnumber"}


@dataclass(frozen=True, slots=True)
class Tags:
    """What a file says of itself, as it stands there."""

    values: Mapping[str, list[str]]
    """Under lower-case names, all values of each, in order; at least one."""
    length_s: float = 0.0
    """0 if unknown."""


def read_track(path: Path) -> Track:
    """What one music file says of itself, as a Track without a mood: `track_of_tags`, `read_tags`."""
    return track_of_tags(path, read_tags(path))


def read_tags(path: Path) -> Tags:
    """What mutagen reads of a file. Raises AudioFileError if it cannot be read or is no audio."""
    try:
        file = opened(path)
    except Exception as error:  # mutagen's parsers let struct.error, IndexError and others through
        raise AudioFileError(f"{path} is no readable music file ({error}): replace or remove it.") from error
    if file is None or file.info is None:
        raise AudioFileError(f"{path} is no music file, whatever its name says: remove it.")
    values = _values(file.tags)
    if isinstance(file, MP3):
        values = _with_ape(path, file.tags, values)
    several_s = 0.0 if isinstance(file, _OF_ONE_PIECE) else joined.length_s(path)
    length_s = several_s or float(getattr(file.info, "length", 0.0))
    return Tags(values, length_s if math.isfinite(length_s) and length_s > 0 else 0.0)


def track_of_tags(path: Path, tags: Tags) -> Track:
    """A file that says this of itself, as a Track without a mood. Odd or missing tags are passed over.

    Without a title the file's name stands in, less its ending. The artist stays empty and is never guessed
    from a folder: folders are named after moods and years as often as after artists. Loudness and peak come
    from ReplayGain or R128 gain tags.
    """
    values = tags.values
    texts = {name: found[0] for name, found in values.items()}
    title = texts.get("title") or path.stem
    genres = numbered_genres(values.get("genre", []))
    return Track(
        path=path,
        title=title,
        artist=texts.get("artist", ""),
        album=texts.get("album", ""),
        genre=genres[0] if genres else "",
        duration_s=tags.length_s,
        loudness_lufs=_loudness_lufs(texts),
        peak_dbfs=_peak_dbfs(texts),
        track_no=_place(texts.get("tracknumber")),
        disc_no=_place(texts.get("discnumber")),
        explicit=_is_explicit(texts, title),
        artists=artist_names((one for name in _ARTISTS for one in values.get(name, [])), title),
        genres=genre_names(values.get("genre", [])),
        recording_ids=recording_ids(values),
        composer=_credit(values.get("composer", [])),
        label=_credit(next((values[name] for name in _LABEL if name in values), [])[:1]),
    )


def _is_explicit(texts: Mapping[str, str], title: str) -> bool:
    if texts.get("itunesadvisory") in _EXPLICIT or texts.get("explicit", "").lower() in _YES:
        return True
    return any(map(_MARKED_EXPLICIT.search, (title, texts.get("album", ""))))


def _credit(names: Sequence[str]) -> str:
    """Names on one line, each once, joined as cataloguers do."""
    lines = (" ".join(name.split()) for value in names for name in re.split(r"[\r\n]+", value))
    return "; ".join(dict.fromkeys(filter(None, lines)))[:_MAX_CREDIT].rstrip()


def opened(path: Path) -> Any:
    """What mutagen makes of a file: by its name and content, or else by its content alone."""
    with suppress(mutagen.MutagenError):
        if (file := mutagen.File(path)) is not None:
            return file
    with path.open("rb", buffering=0) as raw:
        raw.name = ""  # an ending may be wrong, and mutagen believes it
        return mutagen.File(raw)


def _values(tags: Any) -> dict[str, list[str]]:
    """The tags of any container under lower-case names, all values of each, in order; at least one."""
    if isinstance(tags, ID3):
        return _id3_values(tags)
    if isinstance(tags, MP4Tags):
        return _mp4_values(tags)
    return _plain({str(key).lower(): value for key, value in (tags or {}).items()})


def _mp4_values(tags: Any) -> dict[str, list[str]]:
    named = {name: tags.get(key, []) for name, key in _MP4.items()}
    named["itunesadvisory"] = [str(rating) for rating in tags.get(_MP4_RATING, []) if rating]
    # Pairs of a number and how many there are.
    named |= {
        name: [str(pair[0]) for pair in tags.get(key, []) if pair[0]] for name, key in _MP4_NUMBERS.items()
    }
    free = {key.lower().removeprefix(_MP4_FREE): value for key, value in tags.items()}
    # An atom that is not there, or empty, does not hide what a free-form one of its name says.
    said = {name: values for name, values in named.items() if any(str(value).strip() for value in values)}
    return _plain(free | said)


def _id3_values(tags: Any) -> dict[str, list[str]]:
    frames = [(name, frame) for name, keys in _ID3.items() for key in keys for frame in tags.getall(key)]
    frames += [(frame.desc.lower(), frame) for frame in tags.getall("TXXX")]
    values: dict[str, list[str]] = {}
    for name, frame in frames:
        if texts := [text for text in map(str, frame.text) if text.strip()]:
            values.setdefault(name, []).extend(texts)
    _read_again(values)
    for frame in tags.getall("UFID:http://musicbrainz.org"):
        values.setdefault("musicbrainz_trackid", []).append(frame.data.decode("latin-1"))
    # Stripped afterwards: a no-break space may be half a letter.
    return {name: [text.strip() for text in texts] for name, texts in values.items()}


def _read_again(values: dict[str, list[str]]) -> None:
    """Put right what was read as Latin-1, whatever its frame says; all such texts are judged together."""
    old = {
        f"{name}/{number}": text
        for name, texts in values.items()
        for number, text in enumerate(texts)
        if max(text) < "\u0100"
    }
    for place, text in meant(old).items():
        name, _, number = place.rpartition("/")
        values[name][int(number)] = text


def _with_ape(path: Path, tags: Any, values: dict[str, list[str]]) -> dict[str, list[str]]:
    """With what an APEv2 tag beside ID3 says: it goes before ID3v1, which cuts titles, and after ID3v2."""
    try:
        tag: Any = APEv2(path)  # type: ignore[no-untyped-call]
        ape = {key.lower(): list(value) for key, value in tag.items() if isinstance(value, APETextValue)}
    except Exception:  # noqa: BLE001 - mostly there is none; one that is damaged says nothing
        return values
    found = _plain({_APE.get(key, key): value for key, value in ape.items()})
    return values | found if tags is not None and tags.version == (1, 1) else found | values


def _plain(tags: Mapping[str, Any]) -> dict[str, list[str]]:
    """The texts among the values of tags, which may be lists, and bytes in UTF-8."""
    values = {}
    for name, value in tags.items():
        several = value if isinstance(value, list) else [value]
        read = [one.decode("utf-8", errors="replace") if isinstance(one, bytes) else one for one in several]
        texts = [text for one in read if isinstance(one, str) for text in one.split("\0") if text.strip()]
        if texts:
            values[name] = texts
    _read_again(values)
    return {name: [text.strip() for text in texts] for name, texts in values.items()}


def _number(text: str | None) -> float | None:
    match = re.match(r"\s*([-+]?\d+(?:\.\d*)?)", text or "")
    return float(match[1]) if match else None


def _place(text: str | None) -> int:
    """The number of a track or disc, "3" or "3/12"; 0 if there is none."""
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
