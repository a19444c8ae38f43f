"""The log of the last day, kept for whoever looks at it on the page or sends a report."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

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

    at_s    seconds since 1970
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


class _Lines:
    """Lines in their order, the oldest of which go."""

    def __init__(self, most: int, most_letters: int) -> None:
        self._most, self._most_letters = most, most_letters
        self._letters = 0
        self.lines: deque[LogLine] = deque()

    def add(self, line: LogLine) -> None:
        self.lines.append(line)
        self._letters += line.letters
        while len(self.lines) > self._most or self._letters > self._most_letters:
            self._drop()

    def forget(self, before_s: float) -> None:
        while self.lines and self.lines[0].at_s < before_s:
            self._drop()

    def _drop(self) -> None:
        self._letters -= self.lines.popleft().letters


class RecentLog(logging.Handler):
    """A handler of the player's logger that remembers. From any thread.

    clock  seconds since 1970
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        super().__init__(logging.INFO)
        self._clock = clock
        self._kept = {wrong: _Lines(*room) for wrong, room in ROOM.items()}
        self._taking = threading.Lock()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line as a person reads it."""
        line = _line(record)
        with self._taking:
            self._kept[record.levelno >= logging.WARNING].add(line)

    def remember(self, lines: Iterable[LogLine]) -> None:
        """Take up lines of an earlier run, the oldest first, before those of this one."""
        with self._taking:
            earlier = [*lines]
            for wrong, room in ROOM.items():
                said, kept = self._kept[wrong].lines, _Lines(*room)
                for line in (*(one for one in earlier if (one.level >= logging.WARNING) == wrong), *said):
                    kept.add(line)
                self._kept[wrong] = kept

    def lines(self, since_s: float = 0.0, level: LogLevel = LogLevel.INFO, text: str = "") -> list[LogLine]:
        """Those of the last day, the newest first.

        since_s  from then on
        level    the least
        text     what they hold, in letters of any case
        """
        with self._taking:
            for kept in self._kept.values():
                kept.forget(self._clock() - DAY_S)
            found = [line for kept in self._kept.values() for line in kept.lines]
        asked = text.casefold()
        return sorted(
            (
                line
                for line in found
                if line.at_s >= since_s
                and line.level >= level.number
                and asked in f"{line.event} {line.message}".casefold()
            ),
            key=lambda line: line.at_s,
            reverse=True,
        )


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
