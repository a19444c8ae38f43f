"""Which language a reader gets, and its words."""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

LOCALES = Path(__file__).with_name("locale")
COOKIE = "language"


class Language(StrEnum):
    """Those that the page speaks; the first one needs no catalogue."""

    ENGLISH = "en"
    KOREAN = "ko"


OWN_NAMES: Mapping[Language, str] = {Language.ENGLISH: "English", Language.KOREAN: "한국어"}


@cache
def catalogue(language: Language) -> gettext.NullTranslations:
    """The words of a language: a file for each view, compiled from .po by scripts/page/catalogues.py."""
    found = gettext.NullTranslations()
    for path in sorted((LOCALES / language / "LC_MESSAGES").glob("*.mo")):
        with path.open("rb") as compiled:
            words = gettext.GNUTranslations(compiled)
        words.add_fallback(found)
        found = words
    return found


def chosen(cookie: str | None, accepted: str) -> Language:
    """The reader's language: as they have switched it, else the first of their browser's that we speak.

    `accepted` is the header Accept-Language (RFC 9110, 12.5.4).
    """
    if cookie in list(Language):
        return Language(cookie)
    ranked: list[tuple[float, str]] = []
    for part in accepted.split(",")[:20]:
        name, _, weight = part.strip().lower().partition(";")
        ranked.append((_weight(weight), name.split("-")[0]))
    for likes, name in sorted(ranked, key=lambda each: -each[0]):
        if likes > 0 and name in list(Language):
            return Language(name)
    return Language.ENGLISH


def _weight(text: str) -> float:
    _, _, number = text.strip().partition("q=")
    try:
        return float(number) if number else 1.0
    except ValueError:
        return 0.0
