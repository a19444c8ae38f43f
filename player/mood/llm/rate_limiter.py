"""When the next request may go out: a budget in every hour, and pauses that double while requests fail."""

from __future__ import annotations

from collections import deque

from player.system.backoff import BackOff

HOUR_S = 3600.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 15.0, 900.0
"""A server that is restarted is back soon; one that is gone is asked four times an hour."""


class RateLimiter:
    """Pure: `now` is in seconds on the monotonic clock."""

    def __init__(self, per_hour: int) -> None:
        self._per_hour = per_hour
        self._sent: deque[float] = deque()
        self._back_off = BackOff(FIRST_PAUSE_S, LONGEST_PAUSE_S)

    def pause_s(self, now: float) -> float:
        """How long it still pauses after a failure; 0 where it does not."""
        return self._back_off.wait_s(now)

    def budget_s(self, now: float, requests: int) -> float:
        """How long until the budget allows so many requests (at most `per_hour`); 0 where it does now."""
        while self._sent and self._sent[0] <= now - HOUR_S:
            self._sent.popleft()
        too_many = len(self._sent) + requests - self._per_hour
        return self._sent[too_many - 1] + HOUR_S - now if too_many > 0 else 0.0

    def spend(self, now: float, requests: int) -> None:
        """So many requests go out now."""
        self._sent.extend([now] * requests)

    def failed(self, now: float, retry_after_s: float | None = None) -> None:
        """Pause: twice as long as last time, and as long as the server asked for, up to an hour."""
        self._back_off.failed(now, at_least_s=min(retry_after_s or 0.0, HOUR_S))

    def succeeded(self) -> None:
        """The next failure starts with a short pause again."""
        self._back_off.worked()
