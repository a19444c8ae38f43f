"""The log of the last day, and the report made of it and of everything else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path

from player.clock import Wall
from player.interfaces.messages.base import Handler, Request
from player.interfaces.messages.support import LogAnswer, LogEntry, LogRequest, ReportAnswer, ReportRequest
from player.interfaces.recent_log import LogLine, RecentLog
from player.interfaces.report import report
from player.library.queries.history import moment
from player.status import PlayerStatus, as_json


class SupportCommands:
    """For the owner, and for whoever helps.

    clock     the house's, in its time zone
    settings  what config.yaml says, by key, without passwords
    folder    has the player's state
    """

    def __init__(
        self,
        recent: RecentLog,
        clock: Wall,
        status: Callable[[], PlayerStatus],
        settings: Callable[[], Iterable[tuple[str, object]]],
        folder: Path,
    ) -> None:
        self._recent, self._clock, self._status = recent, clock, status
        self._settings, self._folder = settings, folder

    def handlers(self) -> Mapping[type[Request], Handler]:
        """See Handlers."""
        return {LogRequest: self._log, ReportRequest: self._report}

    def _log(self, request: LogRequest) -> LogAnswer:
        zone = self._clock().tzinfo
        assert zone is not None
        since = moment(request.since, zone)
        found = self._recent.lines(since.timestamp() if since else 0.0, request.level, request.text or "")
        shown = found[: request.limit]
        return LogAnswer(tuple(self._entry(line) for line in shown), len(found) - len(shown))

    def _entry(self, line: LogLine) -> LogEntry:
        at = datetime.fromtimestamp(line.at_s, self._clock().tzinfo).isoformat(timespec="seconds")
        return LogEntry(at, line.name, line.event, line.message)

    def _report(self, _: ReportRequest) -> ReportAnswer:
        text = report(
            self._clock(), as_json(self._status()), self._settings(), self._recent.lines(), self._folder
        )
        return ReportAnswer(text)
