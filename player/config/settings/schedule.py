"""Settings of the clock: the venue's time zone, when it is open, what is announced."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from player.config.settings.base import Settings, TimeOfDay
from player.privacy.redaction import key, program, shown

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MIN = 24 * 60
_TIMES = 'closed, open, or times such as "08:00-19:30" or "08:00-12:00,14:00-18:00"'
_DATES = '"MM-DD" (every year) or "YYYY-MM-DD"'


class Span(NamedTuple):
    """From when to when the venue is open, in minutes from midnight; past 24 h is the next day."""

    start_min: int
    end_min: int


def days_of(text: str) -> tuple[int, ...]:
    """The days that "mon-fri", "mon,wed" or "daily" names, 0 for Monday. Raises ValueError."""
    if text.strip().lower() == "daily":
        return tuple(range(7))
    days: list[int] = []
    for part in text.lower().split(","):
        first, dash, last = (word.strip() for word in part.partition("-"))
        if first not in DAYS or (dash and last not in DAYS):
            raise ValueError(
                f"found {shown(text)}, which names no days; "
                'allowed are mon, tue, wed, thu, fri, sat, sun, mon-fri, "mon,wed" and daily'
            )
        start = DAYS.index(first)
        length = (DAYS.index(last) - start) % 7 if dash else 0
        days += [(start + n) % 7 for n in range(length + 1)]
    return tuple(days)


def spans_of(text: str) -> tuple[Span, ...]:
    """What "08:00-12:00,14:00-18:00", "20:00-02:00", "open" or "closed" means. Raises ValueError."""
    if text.strip().lower() in ("open", "closed"):
        return (Span(0, DAY_MIN),) if text.strip().lower() == "open" else ()
    spans = sorted(_span(part.strip(), text) for part in text.split(","))
    for before, after in pairwise(spans):
        if after.start_min < before.end_min:
            raise ValueError(f"found {shown(text)}, in which two times overlap")
    return tuple(spans)


def _span(part: str, text: str) -> Span:
    match = re.fullmatch(r"(\d\d?):(\d\d)\s*-\s*(\d\d?):(\d\d)", part)
    if match is None:
        raise ValueError(f"found {shown(text)}; allowed is {_TIMES}")
    from_h, from_min, to_h, to_min = map(int, match.groups())
    start, end = 60 * from_h + from_min, 60 * to_h + to_min
    if start >= DAY_MIN or end > DAY_MIN or max(from_min, to_min) > 59:
        raise ValueError(f"found {shown(text)}, in which {key(part)} is no time from 00:00 to 24:00")
    if start == end:
        raise ValueError(f"found {shown(text)}, which ends as it begins; write open for a whole day")
    return Span(start, end if end > start else end + DAY_MIN)


def holiday_of(text: str) -> tuple[int | None, int, int]:
    """Year (None for every year), month and day of "12-25" or "2026-12-24". Raises ValueError."""
    match = re.fullmatch(r"(?:(\d{4})-)?(\d\d)-(\d\d)", text.strip())
    try:
        if match is None:
            raise ValueError
        year, month, day = int(match[1]) if match[1] else None, int(match[2]), int(match[3])
        date(2000 if year is None else year, month, day)  # 2000 had a 29 February
    except ValueError:
        raise ValueError(f"found {shown(text)}, which is no date; allowed is {_DATES}") from None
    return year, month, day


def _checked(parse: Any, allowed: str) -> BeforeValidator:
    """Keeps the text, once `parse` has understood it."""

    def check(value: Any) -> str:
        if isinstance(value, date):  # YAML reads 2026-12-24 as one
            value = value.isoformat()
        if not isinstance(value, str):  # YAML reads off as false, and nothing as null
            raise ValueError(f"found {shown(value)}; allowed is {allowed}")
        parse(value)
        return value

    return BeforeValidator(check)


Days = Annotated[str, _checked(days_of, "days such as mon-fri, sat or daily")]
Times = Annotated[str, _checked(spans_of, _TIMES)]
Holiday = Annotated[str, _checked(holiday_of, _DATES)]


def _once(named: Mapping[str, str]) -> Mapping[str, str]:
    """No day is named twice; `daily` gives way to the days that are named."""
    by_day: dict[int, str] = {}
    for text in named:
        for day in () if text.strip().lower() == "daily" else days_of(text):
            if day in by_day:
                raise ValueError(f"{DAYS[day]} is named twice, in {by_day[day]!r} and in {text!r}")
            by_day[day] = text
    return named


def _zone(name: str | None) -> str | None:
    if name is not None:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"found {shown(name)}, which is no time zone; one is Europe/Berlin") from error
    return name


Zone = Annotated[str | None, AfterValidator(_zone)]


class HoursSettings(Settings):
    """When the music plays. Days not named are closed, unless none is: then it always plays."""

    open: Annotated[dict[Days, Times], AfterValidator(_once)] = Field(default_factory=dict)
    holidays: dict[Holiday, Times] = Field(default_factory=dict)
    fade_s: float = Field(8, ge=0, le=60)

    def week(self) -> tuple[tuple[Span, ...], ...]:
        """When it is open on each day of the week, Monday first."""
        if not self.open:
            return (spans_of("open"),) * 7
        week: list[tuple[Span, ...]] = [()] * 7
        for days, times in sorted(self.open.items(), key=lambda item: len(days_of(item[0])), reverse=True):
            for day in days_of(days):
                week[day] = spans_of(times)
        return tuple(week)

    def special(self) -> dict[tuple[int | None, int, int], tuple[Span, ...]]:
        """When it is open on the holidays, by (year or None, month, day)."""
        return {holiday_of(day): spans_of(times) for day, times in self.holidays.items()}


class AnnouncementItem(Settings):
    """One announcement: a file that is played, or a command that makes its own sound."""

    file: Path | None = None
    command: str | None = Field(None, min_length=1)
    at: tuple[TimeOfDay, ...] = ()
    every_min: float | None = Field(None, ge=1, le=1440)

    @model_validator(mode="after")
    def _whole(self) -> AnnouncementItem:
        if (self.file is None) == (self.command is None):
            raise ValueError("an announcement needs either a file or a command")
        if bool(self.at) == (self.every_min is not None):
            raise ValueError("an announcement needs either times (at) or an interval (every_min)")
        return self

    @property
    def title(self) -> str:
        """The name of the file or of the program: what the program is told may hold a key."""
        return self.file.name if self.file else program(self.command or "")


class VoiceSettings(Settings):
    """The program that speaks: its words, without a shell."""

    command: tuple[Annotated[str, Field(min_length=1, max_length=1000)], ...] = Field((), max_length=30)

    @field_validator("command")
    @classmethod
    def _writes(cls, command: tuple[str, ...]) -> tuple[str, ...]:
        if command and not any("{file}" in word for word in command[1:]):
            raise ValueError("the program needs to be told {file}, into which it speaks")
        return command


class AnnouncementSettings(Settings):
    """How the music makes room for announcements, and which there are."""

    duck_db: float = Field(15, ge=0, le=60)
    duck_ramp_s: float = Field(0.8, ge=0.05, le=10)
    target_lufs: float = Field(-16, ge=-40, le=-5)
    voice: VoiceSettings = VoiceSettings()
    items: tuple[AnnouncementItem, ...] = ()
