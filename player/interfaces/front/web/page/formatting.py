"""Numbers and moods as a person reads them, in their language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from player.emotions import vocabularies
from player.interfaces.front.web.page.languages import Language, catalogue


def duration(seconds: float | None, _: Language) -> str:
    """3:07, or 1:02:03; a dash if it is not known."""
    if not seconds or seconds < 0:
        return "–"
    whole = int(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def ago(seconds: float | None, language: Language) -> str:
    """How long ago, roughly."""
    said = catalogue(language)
    if seconds is None:
        return said.gettext("not yet")
    if seconds < 5:
        return said.gettext("just now")
    if seconds < 90:
        return said.gettext("%(count)d s ago") % {"count": round(seconds)}
    if seconds < 5400:
        return said.gettext("%(count)d min ago") % {"count": round(seconds / 60)}
    return said.gettext("%(count)d h ago") % {"count": round(seconds / 3600)}


def day_and_time(at: float | str, language: Language) -> str:
    """An instant: seconds since 1970, by this machine's clock, or ISO 8601, by its own."""
    form = {Language.ENGLISH: "%-d %b, %H:%M", Language.KOREAN: "%-m월 %-d일 %H:%M"}[language]
    return (datetime.fromisoformat(at) if isinstance(at, str) else datetime.fromtimestamp(at)).strftime(form)


def mood_word(name: str, language: Language, vocabulary: str = "music") -> str:
    """A mood's name of emotions.toml, as people of this language say it."""
    named = vocabularies()[vocabulary].get(name)
    return named.korean if named is not None and language is Language.KOREAN else name


def file_name(path: str, _: Language) -> str:
    """The last part of a path."""
    return path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]


FILTERS: Mapping[str, Callable[..., Any]] = {
    "duration": duration,
    "ago": ago,
    "day_and_time": day_and_time,
    "mood_word": mood_word,
    "file_name": file_name,
}
"""For templates; the language comes second."""
