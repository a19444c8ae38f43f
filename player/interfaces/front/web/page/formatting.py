"""Numbers and moods as a person reads them, in their language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from player import emotions
from player.interfaces.front.web.page.languages import Language, catalogue
from player.interfaces.front.web.page.phrases import log_line, said
from player.mood.weather import weathers
from player.types import MoodPoint

DAYS: Mapping[Language, Sequence[str]] = {
    Language.ENGLISH: ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    Language.KOREAN: "월화수목금토일",
}
FAR_DAYS = 6
"""So far from today, a weekday alone does not say which week's it is."""


def duration(seconds: float | None, _: Language) -> str:
    """3:07, or 1:02:03; a dash if it is not known."""
    if not seconds or seconds < 0:
        return "–"
    whole = int(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def ago(seconds: float | None, language: Language) -> str:
    """How long ago, roughly."""
    words = catalogue(language)
    if seconds is None:
        return words.gettext("not yet")
    if seconds < 5:
        return words.gettext("just now")
    if seconds < 90:
        return words.gettext("%(count)d s ago") % {"count": round(seconds)}
    if seconds < 5400:
        return words.gettext("%(count)d min ago") % {"count": round(seconds / 60)}
    return words.gettext("%(count)d h ago") % {"count": round(seconds / 3600)}


def day_and_time(at: float | str, language: Language) -> str:
    """An instant: seconds since 1970, by this machine's clock, or ISO 8601, by its own."""
    form = {Language.ENGLISH: "%-d %b, %H:%M", Language.KOREAN: "%-m월 %-d일 %H:%M"}[language]
    return (datetime.fromisoformat(at) if isinstance(at, str) else datetime.fromtimestamp(at)).strftime(form)


def file_name(path: str, _: Language) -> str:
    """The last part of a path."""
    return path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]


def room_word(point: Mapping[str, float], language: Language) -> str:
    """A plain word for a room's mood: what has `valence` and `energy`, -1 to 1."""
    return _word(point, "rooms", language)


def music_word(point: Mapping[str, float], language: Language) -> str:
    """A plain word for music's mood: what has `valence` and `energy`, -1 to 1."""
    return _word(point, "music", language)


def _word(point: Mapping[str, float], vocabulary: str, language: Language) -> str:
    named = emotions.nearest(MoodPoint(point["valence"], point["energy"]), vocabulary)
    return named.korean if language is Language.KOREAN else named.name


def clock(at: str, language: Language) -> str:
    """An instant in ISO 8601 by its own time zone: 18:30, on another day its weekday or its date too."""
    then = datetime.fromisoformat(at)
    days = abs((then.date() - datetime.now(then.tzinfo).date()).days)
    if not days:
        return f"{then:%H:%M}"
    weekday = DAYS[language][then.weekday()]
    if days < FAR_DAYS:
        return f"{weekday} {then:%H:%M}"
    form = {Language.ENGLISH: f"{weekday} %-d %b %H:%M", Language.KOREAN: f"%-m월 %-d일({weekday}) %H:%M"}
    return then.strftime(form[language])


def capital(sentence: str, _: Language) -> str:
    """With a capital at its begin."""
    return sentence[:1].upper() + sentence[1:]


def mood_name(name: str, language: Language) -> str:
    """A mood by its own name, in any vocabulary; what is no such name stays as it is."""
    if language is not Language.KOREAN:
        return name
    named = emotions.vocabularies()["music"].get(name) or emotions.find(name)
    return named.korean if named else name


def weather_name(name: str, language: Language) -> str:
    """A weather by its English name."""
    return weathers()[name] if language is Language.KOREAN else name


def explained(comment: str, language: Language) -> str:
    """What config.yaml's comment says of a setting."""
    return catalogue(language).gettext(comment) if comment else ""


FILTERS: Mapping[str, Callable[..., Any]] = {
    "duration": duration,
    "ago": ago,
    "capital": capital,
    "clock": clock,
    "day_and_time": day_and_time,
    "explained": explained,
    "file_name": file_name,
    "log_line": log_line,
    "mood_name": mood_name,
    "music_word": music_word,
    "room_word": room_word,
    "said": said,
    "weather_name": weather_name,
}
"""For templates; the language comes second."""
