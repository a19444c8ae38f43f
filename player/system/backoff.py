"""When to try again what has failed: after a pause that doubles with each failure in a row."""

from __future__ import annotations

MOST_DOUBLINGS = 30


def doubled_s(first_s: float, times: int, max_s: float) -> float:
    """A pause that has been doubled so often, up to the longest; `times` is 0 for the first."""
    return min(max_s, first_s * 2.0 ** min(times, MOST_DOUBLINGS))


class BackOff:
    """Counts the failures of one thing. Pure: `now` is in seconds on any clock that does not go back.

    first_s  the first pause
    max_s    the longest
    free     so many failures in a row make no pause
    """

    def __init__(self, first_s: float, max_s: float, free: int = 0) -> None:
        self._first_s, self._max_s, self._free = first_s, max_s, free
        self._retry_at = float("-inf")
        self.failures = 0
        """In a row."""
        self.pause_s = 0.0
        """The last pause that was given; 0 after `worked`."""

    def configure(self, max_s: float) -> None:
        """Pause no longer than that from now on."""
        self._max_s = max_s

    def failed(self, now: float, at_least_s: float = 0.0) -> float:
        """Note a failure; returns how long to wait until the next try, 0 while it is free."""
        self.failures += 1
        waits = self.failures - self._free
        if waits > 0:
            self.pause_s = max(at_least_s, doubled_s(self._first_s, waits - 1, self._max_s))
            self._retry_at = now + self.pause_s
        return self.pause_s

    def worked(self) -> None:
        """Forget all failures."""
        self.failures, self.pause_s, self._retry_at = 0, 0.0, float("-inf")

    def wait_s(self, now: float) -> float:
        """How long until the next try may be made; 0 where it may be now."""
        return max(0.0, self._retry_at - now)

    def due(self, now: float) -> bool:
        """Whether the next try may be made."""
        return now >= self._retry_at

    @property
    def exhausted(self) -> bool:
        """Whether the free tries are used up."""
        return self.failures > self._free
