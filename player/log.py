"""Logs for people: one line per event, or one JSON object per line for programs.

A line that stands for an event carries it in `extra`: `log.info("...", extra=event("track", title=...))`.
Whoever wrote it, no line holds a password: both formats redact what they print.
"""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

from player.redaction import cleaned, redacted
from player.settings import LogSettings
from player.types import Json, json_text

Event = dict[str, Any]


def event(kind: str, **fields: Any) -> Event:
    """What a log line is about, as logging's `extra`: a kind (scene, shift, track, ...) and its fields."""
    return {"event": kind, "fields": fields}


def setup(settings: LogSettings, json_lines: bool = False, stream: TextIO | None = None) -> None:
    """Send the program's log to `stream` (standard error), as text or as JSON lines."""
    handler = logging.StreamHandler(stream or sys.stderr)
    as_json = json_lines or settings.json_lines
    handler.setFormatter(_JsonFormatter() if as_json else _TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("player").setLevel(settings.level.upper())


def _kind(record: logging.LogRecord) -> str:
    """What the line is about: its event, or else the stage that says it (player.camera.capture -> camera)."""
    parts = record.name.split(".")
    return str(getattr(record, "event", parts[1] if len(parts) > 1 else parts[0]))


class _TextFormatter(logging.Formatter):
    """12:03:41 scene    a group of people at a dining table, dim warm light"""

    def format(self, record: logging.LogRecord) -> str:
        """One line; warnings and errors say so, and a traceback is kept for bugs only."""
        clock = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        level = "" if record.levelno <= logging.INFO else f"{record.levelname.lower()}: "
        message = " ".join(record.getMessage().splitlines())  # a title may hold a line break
        message = message.encode(errors="backslashreplace").decode()  # and a file name no Unicode
        text = f"{clock} {_kind(record):<8} {level}{message}"
        return redacted(f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text)


class _JsonFormatter(logging.Formatter):
    """{"at": "2026-05-01T12:03:41.250+00:00", "level": "info", "event": "scene", "message": ..., ...}"""

    def format(self, record: logging.LogRecord) -> str:
        """One JSON object; the event's own fields stand beside the message."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields: Json = {
            "at": at,
            "level": record.levelname.lower(),
            "event": _kind(record),
            "message": record.getMessage(),
        }
        fields |= getattr(record, "fields", {})
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        return json_text(cleaned(fields), default=str)
