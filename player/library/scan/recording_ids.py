"""By which numbers the world knows a recording: MusicBrainz's and the record companies' (ISRC)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_UUID = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}(?![0-9a-f])")
_ISRC = re.compile(r"\b([A-Z]{2})[- ]?([A-Z0-9]{3})[- ]?(\d{2})[- ]?(\d{5})\b")
_MUSICBRAINZ = {"musicbrainztrackid", "musicbrainzrecordingid"}
"""Names of tags, letters alone. The "release track id" is another: it differs from album to album."""
_ISRCS = {"isrc", "tsrc", "wmisrc"}


def recording_ids(values: Mapping[str, Iterable[str]]) -> tuple[str, str]:
    """A file's MusicBrainz recording id and its ISRC, in one spelling each; empty if there is none.

    Of several the first in order counts, so that files with the same ones agree. Placeholders are none.

    values  tags under their names
    """
    named: dict[str, list[str]] = {}
    for name, texts in values.items():
        named.setdefault(re.sub(r"[^a-z]", "", name.lower()), []).extend(texts)
    uuids = [
        uuid.replace("-", "")
        for name in _MUSICBRAINZ & named.keys()
        for text in named[name]
        for uuid in _UUID.findall(text.lower())
    ]
    codes = [
        "".join(parts)
        for name in _ISRCS & named.keys()
        for text in named[name]
        for parts in _ISRC.findall(text.upper())
    ]
    real_uuids = (uuid for uuid in uuids if len(set(uuid)) > 2)
    # The last seven digits are a year and a number; XX is no country.
    real_codes = (
        code
        for code in codes
        if len(set(code[5:])) > 1 and code[5:] != "1234567" and code[7:] != "00000" and code[:2] != "XX"
    )
    return min(real_uuids, default=""), min(real_codes, default="")
