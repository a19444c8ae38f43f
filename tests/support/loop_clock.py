"""An event loop whose clock a test puts forward: what waits for minutes is due at once."""

from __future__ import annotations

import asyncio


class LoopClock:
    """The clock of the running loop; it goes on by itself, too."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self._time, self._ahead_s = loop.time, 0.0
        loop.time = self._now  # type: ignore[method-assign]

    def _now(self) -> float:
        return self._time() + self._ahead_s

    def forward(self, by_s: float) -> None:
        """Whatever is due by then comes with the next turn of the loop."""
        self._ahead_s += by_s
