"""What could not be done through no fault of the file: tried again, after ever longer pauses."""

from __future__ import annotations

import threading
from collections.abc import Hashable

from player.system.backoff import BackOff

FIRST_S, MOST_S = 15.0, 3600.0
"""The pause after the first failure, which doubles with each, and the longest."""


class Retries:
    """Who has failed how often. From any thread; time is an argument, in seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failed: dict[Hashable, BackOff] = {}

    def failed(self, who: Hashable, now: float) -> float:
        """Note a failure; returns the pause until the next try, in seconds."""
        with self._lock:
            return self._failed.setdefault(who, BackOff(FIRST_S, MOST_S)).failed(now)

    def succeeded(self, who: Hashable) -> None:
        """It went well: what was before is forgotten."""
        with self._lock:
            self._failed.pop(who, None)

    def is_due(self, who: Hashable, now: float) -> bool:
        """Whether it may be tried now."""
        with self._lock:
            return who not in self._failed or self._failed[who].due(now)

    def wait_s(self, now: float) -> float | None:
        """How long until the next one is due, 0 at least; None where nobody waits."""
        with self._lock:
            return min((each.wait_s(now) for each in self._failed.values()), default=None)

    def keep(self, whom: set[Hashable]) -> None:
        """Forget all others: they are gone."""
        with self._lock:
            self._failed = {who: state for who, state in self._failed.items() if who in whom}
