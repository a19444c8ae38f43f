"""Arguments of commands as they come from outside, made ready for their type. What cannot be meant raises
ValueError; the ranges are the table's.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from player.privacy.redaction import redacted
from player.types import is_utf8

MAX_SENTENCE = 500
"""Characters; longer than anybody says a mood in, and short enough for log and status."""
MAX_PLACE_S = 360_000.0
"""100 h: longer than any file of music."""
MAX_ID = 2**53 - 1
"""The greatest whole number that every reader of JSON keeps whole."""
MAX_PATH = 4095
"""Bytes; PATH_MAX of Linux without its end."""
MAX_QUOTED = 60
"""Characters; what is longer is not repeated when it is refused."""
PLACE = re.compile(r"(?:(?:(\d{1,6}):)?(\d{1,6}):)?(\d{1,9}(?:\.\d{1,9})?)")
SIGNED = re.compile(r"[-+]?\d{1,9}(?:\.\d{1,9})?")
MAX_SPAN_S = 30 * 86400.0
"""A pin for longer was not meant for a time."""
UNTIL_CLOSING = "until closing"
SPAN = re.compile(
    r"(?:(\d{1,3}(?:\.\d{1,3})?) ?(?:d|days?))? ?"
    r"(?:(\d{1,4}(?:\.\d{1,3})?) ?(?:h|hrs?|hours?))? ?"
    r"(?:(\d{1,6}(?:\.\d{1,3})?) ?(?:m|mins?|minutes?))? ?"
    r"(?:(\d{1,8}(?:\.\d{1,3})?) ?(?:s|secs?|seconds?))?",
    re.ASCII,
)
NUMBER = re.compile(r"\d{1,9}")
JOINERS = "\u200c\u200d"
"""Persian, Indian scripts and joined emoji are written with them."""


def number(value: object) -> object:
    """A number, or digits; JSON's true is no number."""
    if isinstance(value, bool):
        raise ValueError("true and false are no numbers")
    if isinstance(value, str):
        if not NUMBER.fullmatch(text := _plain(value)):
            raise ValueError("not only digits")
        return int(text)
    return value


def numbers(value: object) -> object:
    """Whole numbers in a list, or written with blanks or commas between them."""
    if isinstance(value, str):
        value = _plain(value).replace(",", " ").split()
    if not isinstance(value, list | tuple):
        raise ValueError("no list")
    return [number(each) for each in value]


def signed(value: object) -> object:
    """A number, or one that is written with digits, a point and a sign."""
    if isinstance(value, bool):
        raise ValueError("true and false are no numbers")
    if isinstance(value, str):
        if not SIGNED.fullmatch(text := _plain(value)):
            raise ValueError("no number")
        return float(text)
    return value


def value_of_sensor(value: object) -> object:
    """A number or a word, as text on one line; JSON's true is neither."""
    if isinstance(value, bool):
        raise ValueError("true and false are no values")
    if isinstance(value, float) or (isinstance(value, int) and abs(value) < 10**18):
        return repr(value)
    return value if value is None else sentence(value)


def seconds(value: object) -> object:
    """Seconds as a number, or written as 90, 1:30 or 1:02:03."""
    if isinstance(value, bool):
        raise ValueError("true and false are no numbers")
    if isinstance(value, str):
        found = PLACE.fullmatch(_plain(value))
        if found is None:
            raise ValueError("no place in a track")
        hours, minutes, rest = (float(part or 0) for part in found.groups())
        return 3600 * hours + 60 * minutes + rest
    return value


def lasting(value: object) -> object:
    """A time such as 90s, 1h30m or "1 h", or "until closing"; written the same way each time."""
    text = _plain(value).casefold().removeprefix("for ") if isinstance(value, str) else ""
    text = " ".join(text.split())
    if text in (UNTIL_CLOSING, "closing"):
        return UNTIL_CLOSING
    found = SPAN.fullmatch(text)
    if found is None or not any(found.groups()):
        raise ValueError("no time")
    said = "".join(f"{count}{unit}" for count, unit in zip(found.groups(), "dhms", strict=True) if count)
    if not 1 <= (span_s(said) or 0) <= MAX_SPAN_S:
        raise ValueError("too short or too long")
    return said


def span_s(said: str) -> float | None:
    """Seconds of what `lasting` gives; None for "until closing"."""
    found = SPAN.fullmatch(said)
    if found is None:
        return None
    parts = (float(part or 0) for part in found.groups())
    return sum(part * unit_s for part, unit_s in zip(parts, (86400, 3600, 60, 1), strict=True))


def word(value: object) -> object:
    """One of a few words, in letters of any case."""
    if not isinstance(value, str):
        raise ValueError("no word")
    return _plain(value).casefold()


def sentence(value: object) -> object:
    """Text on one line without control characters: it goes into the log and onto terminals."""
    if not isinstance(value, str) or not is_utf8(value):
        raise ValueError("no text")
    return " ".join("".join(" " if unicodedata.category(c) == "Cc" else c for c in _composed(value)).split())


def spoken(value: object) -> object:
    """Text on one line for a speech program, which could take a hyphen at its beginning for an option.

    What is not seen goes, but for what joins letters or signs, or keeps them apart.
    """
    text = _composed(value) if isinstance(value, str) and is_utf8(value) else ""
    text = "".join(c for c in text if c in JOINERS or unicodedata.category(c) != "Cf")
    text = " ".join(text.split()).strip(f"{JOINERS} ")
    if text.startswith("-") or any(unicodedata.category(letter) == "Cc" for letter in text):
        raise ValueError("no text")
    return text


def _composed(text: str) -> str:
    """Some keyboards send Korean in its parts."""
    return unicodedata.normalize("NFC", text)


def whole_path(value: object) -> object:
    """An absolute path of a length that a file can have."""
    text = str(value) if isinstance(value, str | Path) else ""
    if not is_utf8(text) or "\0" in text or len(text.encode()) > MAX_PATH or not Path(text).is_absolute():
        raise ValueError("no whole path")
    return value


def quoted(value: object) -> str:
    """What was found instead, whole or not at all: half a password would not be known as one."""
    match value:
        case None:
            return "nothing"
        case str():
            return repr(redacted(value)) if len(value) <= MAX_QUOTED else f"a text of {len(value)} characters"
        case list():
            return "a list"
        case dict():
            return "an object"
        case int() if abs(value) >= 10**12:
            return "a number of many digits"
    return repr(value)


def _plain(text: str) -> str:
    """Digits and colons of full width, as Korean keyboards can have them, as the usual ones."""
    return unicodedata.normalize("NFKC", text).strip()
