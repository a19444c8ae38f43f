"""The log of the last day, kept for whoever looks at it on the page or sends a report."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import count

from player.clock import running_s
from player.log import LogEvent
from player.privacy.redaction import redacted

DAY_S = 86_400.0
MOST_LETTERS = 2_000
"""Of one line: what is longer is no sentence."""
ROOM = {False: (4000, 1_500_000), True: (1000, 500_000)}
"""Lines and letters that are kept: of what happened, and of what was wrong. Each has a room of its own, so
that a busy day does not push out the one warning that says why."""


class LogLevel(StrEnum):
    """The least of what is asked for."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def number(self) -> int:
        """As logging counts."""
        return logging.getLevelNamesMapping()[self.upper()]


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line, without passwords.

    at_s    seconds since 1970, by the clock of then
    level   as logging counts
    detail  a traceback, for whoever mends it; "" if there is none
    """

    at_s: float
    level: int
    event: str
    message: str
    detail: str = ""

    @property
    def name(self) -> LogLevel:
        """Its level in a word."""
        return next(each for each in reversed(LogLevel) if self.level >= each.number)

    @property
    def letters(self) -> int:
        """What it takes."""
        return len(self.event) + len(self.message) + len(self.detail)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A line, and where it stands: the wall clock may be set between two lines.

    number  in the order in which they came; below 0 those of an earlier run
    came_s  when, on a clock that nobody can set
    """

    line: LogLine
    number: int
    came_s: float


class _Lines:
    """Lines in their order, the oldest of which go."""

    def __init__(self, most: int, most_letters: int) -> None:
        self._most, self._most_letters = most, most_letters
        self._letters = 0
        self.lines: deque[_Kept] = deque()

    def add(self, kept: _Kept) -> None:
        self.lines.append(kept)
        self._letters += kept.line.letters
        while len(self.lines) > self._most or self._letters > self._most_letters:
            self._drop()

    def forget(self, before_s: float) -> None:
        while self.lines and self.lines[0].came_s < before_s:
            self._drop()

    def _drop(self) -> None:
        self._letters -= self.lines.popleft().line.letters


class RecentLog(logging.Handler):
    """A handler of the player's logger that remembers. From any thread.

    clock   seconds since 1970
    steady  seconds on a clock that nobody can set
    """

    def __init__(
        self, clock: Callable[[], float] = time.time, steady: Callable[[], float] = running_s
    ) -> None:
        super().__init__(logging.INFO)
        self._clock, self._steady = clock, steady
        self._began_s = steady()
        self._numbers = count()
        self._kept = {wrong: _Lines(*room) for wrong, room in ROOM.items()}
        self._taking = threading.Lock()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line as a person reads it."""
        line = _line(record)
        with self._taking:
            self._kept[_is_wrong(line)].add(_Kept(line, next(self._numbers), self._steady()))

    def remember(self, lines: Iterable[LogLine]) -> None:
        """Take up lines of an earlier run, the oldest first, before those of this one."""
        with self._taking:
            earlier = self._earlier([*lines])
            for wrong, room in ROOM.items():
                said, kept = self._kept[wrong].lines, _Lines(*room)
                for each in (*(one for one in earlier if _is_wrong(one.line) == wrong), *said):
                    kept.add(each)
                self._kept[wrong] = kept

    def _earlier(self, lines: list[LogLine]) -> list[_Kept]:
        """As old as the wall clock says, which may have been set: no younger than what came after them."""
        now_s, steady_s = self._clock(), self._steady()
        came_s, made = self._began_s, []
        for number, line in enumerate(reversed(lines), start=1):
            came_s = min(came_s, steady_s - (now_s - line.at_s))
            made.append(_Kept(line, -number, came_s))
        return made[::-1]

    def lines(self, since_s: float = 0.0, level: LogLevel = LogLevel.INFO, text: str = "") -> list[LogLine]:
        """Those of the last day, the newest first.

        since_s  from then on
        level    the least
        text     what they hold, in letters of any case
        """
        asked = text.casefold()
        return [
            line
            for line in (kept.line for kept in reversed(self._last_day()))
            if line.at_s >= since_s
            and line.level >= level.number
            and asked in f"{line.event} {line.message}".casefold()
        ]

    def dated_now(self) -> list[LogLine]:
        """Those of the last day, the oldest first, at the times that the clock of now would have shown."""
        ahead_s = self._clock() - self._steady()
        return [replace(kept.line, at_s=kept.came_s + ahead_s) for kept in self._last_day()]

    def _last_day(self) -> list[_Kept]:
        """In their order."""
        with self._taking:
            for kept in self._kept.values():
                kept.forget(self._steady() - DAY_S)
            found = [each for kept in self._kept.values() for each in kept.lines]
        return sorted(found, key=lambda each: each.number)


def _is_wrong(line: LogLine) -> bool:
    return line.level >= logging.WARNING


def _line(record: logging.LogRecord) -> LogLine:
    """Without passwords, and short: a line's beginning says what it is about, a traceback's end why."""
    detail = ""
    if record.exc_info:
        detail = redacted(logging.Formatter().formatException(record.exc_info))[-MOST_LETTERS:]
    message = " ".join(record.getMessage().split()).encode(errors="backslashreplace").decode()
    return LogLine(
        at_s=record.created,
        level=record.levelno,
        event=str(getattr(record, "event", LogEvent.PLAYER)),
        message=redacted(message)[:MOST_LETTERS],
        detail=detail,
    )
