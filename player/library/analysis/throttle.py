"""When the analysis in the background waits: a decision over time, without a clock of its own."""

from __future__ import annotations

SETTLE_S = 5.0
"""So long the machine has to be quiet before the analysis goes on: less would be a stutter of its own."""
BAND = 0.15
"""Quiet means busy by so much less than what made the analysis wait: hysteresis."""
HALF_LIFE_S = 2.0
"""Of the smoothing: a start of a program is no load."""
STALLED = 0.2
"""Share of the time in which something on this machine waits for memory: from here on it is short of it."""
PATIENCE_S = 600.0
"""After waiting for so long the analysis takes a turn: it must get on if it is never quiet."""
TURN_S = 60.0


class Throttle:
    """Says why the analysis has to wait, with hysteresis.

    busy  share of all cores' time, 0 to 1, from which on the machine belongs to others
    """

    def __init__(self, busy: float) -> None:
        self._busy = busy
        self._share = 0.0
        self._at: float | None = None
        self._why, self._crowded = "", False
        self._since = self._quiet_since = self._turn_until = float("-inf")

    def update(self, others: float | None, stalled: float, disturbed: str, now: float) -> str:
        """Why the analysis has to wait, or "" if it may run.

        others     share of all cores' time that everybody else took since the last call; None if unknown
        stalled    share of the time, 0 to 1, in which something waited for memory
        disturbed  what the analysis would disturb at this moment, if anything
        now        seconds; calls come in order
        """
        self._smooth(others, now)
        reason = self._reason(stalled, disturbed)
        if reason:
            self._quiet_since = now
            if not self._why:
                self._since = now
            self._why = reason
        elif self._why and now - self._quiet_since >= SETTLE_S:
            self._why = ""
        if not self._why:
            return ""
        if now - self._since >= PATIENCE_S:
            self._since, self._turn_until = now + TURN_S, now + TURN_S
        return "" if now < self._turn_until else self._why

    def _smooth(self, others: float | None, now: float) -> None:
        if others is None:
            return
        if self._at is None:
            self._share = others
        else:
            weight = 0.5 ** ((now - self._at) / HALF_LIFE_S)
            self._share = weight * self._share + (1 - weight) * others
        self._at = now

    def _reason(self, stalled: float, disturbed: str) -> str:
        self._crowded = self._share > self._busy - (BAND if self._crowded else 0.0)
        if disturbed:
            return disturbed
        if stalled >= STALLED:
            return "the machine is short of memory"
        return f"other programs keep the machine {self._share:.0%} busy" if self._crowded else ""
