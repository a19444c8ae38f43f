"""Logs for people: one line per event, or one JSON object per line for programs.

A line that stands for an event carries it in `extra`: `log.info("...", extra=event("track", title=...))`.
Whoever wrote it, no line holds a password: both formats redact what they print.
"""

from __future__ import annotations

import logging
import sys
import time
from collections import deque
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TextIO

from player.privacy.printable import printable
from player.privacy.redaction import cleaned, redacted

Event = dict[str, Any]


class LogEvent(StrEnum):
    """What a line of the log is about: the `event` of its JSON. The names are a promise (docs/log.md)."""

    ANNOUNCEMENT = "announcement"
    AUDIBLE = "audible"
    CAMERA = "camera"
    CLOCK = "clock"
    COMMAND = "command"
    DAYPART = "daypart"
    FLEET = "fleet"
    HOURS = "hours"
    LENS = "lens"
    LIBRARY = "library"
    MOOD = "mood"
    MQTT = "mqtt"
    MUTED = "muted"
    PERCEPTION = "perception"
    PIN = "pin"
    PLAYBACK = "playback"
    PLAYER = "player"
    PROBLEM = "problem"
    RELOAD = "reload"
    RESTART = "restart"
    SCENE = "scene"
    SCHEDULE = "schedule"
    SELECTION = "selection"
    SHIFT = "shift"
    SILENT = "silent"
    STATE = "state"
    STOP = "stop"
    SYSTEMD = "systemd"
    TRACK = "track"
    WATCHDOG = "watchdog"
    WEB = "web"


_COLUMN = max(map(len, LogEvent))
"""Letters of the text log's second column: sentences stand below each other, whatever they are about."""


MOST_COMPLAINTS, COMPLAINTS_S = 5, 60.0
"""So many different ones in so many seconds: enough for who tries something out."""


def event(kind: LogEvent, **fields: Any) -> Event:
    """What a log line is about, as logging's `extra`: its event, and the fields that go with it."""
    return {"event": kind, "fields": fields}


class EventLog(logging.LoggerAdapter[logging.Logger]):
    """A module's logger: its lines are about one event, unless one names another (`extra=event(...)`)."""

    def __init__(self, name: str, usual: LogEvent) -> None:
        super().__init__(logging.getLogger(name), event(usual))

    def process(
        self, msg: object, kwargs: MutableMapping[str, Any]
    ) -> tuple[object, MutableMapping[str, Any]]:
        """The line with its event."""
        kwargs["extra"] = {**(self.extra or {}), **(kwargs.get("extra") or {})}
        return msg, kwargs


class Complaints:
    """Warnings of what anybody at a broker may send: none twice in a row, few a minute, or it fills the log.

    clock  a steady one, in seconds
    """

    def __init__(self, log: EventLog, clock: Callable[[], float] = time.monotonic) -> None:
        self._log, self._clock = log, clock
        self._last = ""
        self._said_at: deque[float] = deque(maxlen=MOST_COMPLAINTS)

    def say(self, sentence: str) -> None:
        """Write it into the log, unless that would be too much."""
        if sentence == self._last:
            return
        now = self._clock()
        if len(self._said_at) == MOST_COMPLAINTS and now < self._said_at[0] + COMPLAINTS_S:
            return
        self._last = sentence
        self._said_at.append(now)
        self._log.warning("%s", sentence)

    def mended(self) -> None:
        """What was wrong is right again: the next time it is said, also the same."""
        self._last = ""


def setup(level: str, json_lines: bool = False, stream: TextIO | None = None) -> None:
    """Send the program's log to `stream` (standard error), as text or as JSON lines."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_JsonFormatter() if json_lines else _TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("player").setLevel(level.upper())


def _kind(record: logging.LogRecord) -> str:
    """What the line is about; a library's line is about the player."""
    return str(getattr(record, "event", LogEvent.PLAYER))


class _TextFormatter(logging.Formatter):
    """12:03:41 scene        a group of people at a dining table, dim warm light"""

    def format(self, record: logging.LogRecord) -> str:
        """One line; warnings and errors say so, and a traceback is kept for bugs only."""
        clock = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        level = "" if record.levelno <= logging.INFO else f"{record.levelname.lower()}: "
        # A title may hold a line break, or what steers a terminal.
        message = printable(" ".join(record.getMessage().splitlines()))
        message = message.encode(errors="backslashreplace").decode()  # and a file name no Unicode
        text = f"{clock} {_kind(record):<{_COLUMN}} {level}{message}"
        return redacted(f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text)


class _JsonFormatter(logging.Formatter):
    """{"at": "2026-05-01T12:03:41.250+00:00", "level": "info", "event": "scene", "message": ..., ...}"""

    def format(self, record: logging.LogRecord) -> str:
        """One JSON object; the event's own fields stand beside the message."""
        from player.types import json_text  # noqa: PLC0415 - a log must cost a start nothing

        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields: dict[str, Any] = {
            "at": at,
            "level": record.levelname.lower(),
            "event": _kind(record),
            "message": record.getMessage(),
        }
        fields |= getattr(record, "fields", {})
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        return json_text(cleaned(fields), default=str)
