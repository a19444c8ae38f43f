"""The log and the report, for the owner and for whoever helps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, Field

from player.interfaces import command_arguments as arguments
from player.interfaces.messages.base import Answer, Done, Request
from player.interfaces.messages.library import Moment, Words
from player.interfaces.recent_log import LogLevel

MOST = 1000
"""Lines of one answer."""


class LogRequest(Request):
    """What has happened in the last day?"""

    text: Words = None
    since: Moment = None
    level: Annotated[
        LogLevel,
        BeforeValidator(arguments.word),
        Field(description="the least of it: info, warning or error"),
    ] = LogLevel.INFO
    limit: Annotated[
        int,
        BeforeValidator(arguments.number),
        Field(ge=1, le=MOST, description=f"how many at most, 1 to {MOST}"),
    ] = 200


class ReportRequest(Request):
    """All that somebody needs to know who helps."""


@dataclass(frozen=True)
class LogEntry:
    """A line of the log. `at` is ISO 8601 by the house's clock; `message` holds no password."""

    at: str
    level: LogLevel
    event: str
    message: str


@dataclass(frozen=True)
class LogAnswer(Answer):
    """Lines, the newest first, and how many more there are."""

    lines: tuple[LogEntry, ...]
    left_out: int


@dataclass(frozen=True)
class ReportAnswer(Done):
    """`message` is the report, a text of many lines."""
