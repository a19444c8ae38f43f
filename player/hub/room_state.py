"""One room as the hub sees it at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from player.interfaces.front.fleet.messages import Desired, Reported, RoomReport


class Condition(StrEnum):
    """How a room is, the worst first."""

    OFFLINE = "offline"
    """It says nothing."""
    SILENT = "silent"
    """Music is wanted there, and nothing is heard."""
    TROUBLED = "troubled"
    """It plays, and something is wrong."""
    PAUSED = "paused"
    CLOSED = "closed"
    PLAYING = "playing"


SILENT_STATES = ("silent", "away")
OFF = {"paused": Condition.PAUSED, "stopped": Condition.PAUSED, "closed": Condition.CLOSED}


@dataclass(frozen=True, slots=True)
class RoomState:
    """What is known of it.

    heard_s     when it last said something itself, on the hub's steady clock
    heard_at    the same in seconds since 1970
    gone        the broker says that its connection has ended
    report      the last one; None before the first
    """

    id: str
    heard_s: float
    heard_at: float
    gone: bool = False
    report: RoomReport | None = None
    desired: Desired | None = None
    reported: Reported | None = None

    def condition(self, now_s: float, away_s: float) -> Condition:
        """How it is; one that has said nothing for `away_s` is offline."""
        report = self.report
        if report is None or self.gone or now_s - self.heard_s > away_s:
            return Condition.OFFLINE
        if report.silent or report.state in SILENT_STATES:
            return Condition.SILENT
        if report.problems or self.refusal is not None:
            return Condition.TROUBLED
        return OFF.get(report.state, Condition.PLAYING)

    def since(self, now_s: float, away_s: float) -> float:
        """From when on it is so, in seconds since 1970."""
        if self.report is None or self.condition(now_s, away_s) is Condition.OFFLINE:
            return self.heard_at
        return self.report.since

    @property
    def group(self) -> str:
        """The group that it says it belongs to."""
        return self.report.group if self.report else ""

    @property
    def is_up_to_date(self) -> bool:
        """Whether it has answered the newest settings that are wanted of it, and still knows of them."""
        if self.desired is None:
            return True
        if self.reported is None or self.reported.revision != self.desired.revision:
            return False
        # A room on a new disk reports that it goes by none; what was refused, it does not go by.
        is_refused = self.reported.problem is not None
        return is_refused or self.report is None or self.report.revision == self.desired.revision

    @property
    def refusal(self) -> str | None:
        """Why it has not taken over the settings that are wanted of it."""
        if self.desired is None or self.reported is None or not self.is_up_to_date:
            return None
        return self.reported.problem
