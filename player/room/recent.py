"""What the room was like in the last minutes, for people who look."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from player.mood.tracker import TrackerUpdate
from player.status import ShiftStatus, TrailPoint

TRAIL_S = 600.0
MOST_POINTS, MOST_SHIFTS = 60, 6
STEP = 0.03
"""A mood that has moved less is where it was."""


class Recent:
    """Bounded, whatever happens. Not thread-safe."""

    def __init__(self) -> None:
        self._read_at: float | None = None
        self._points: deque[tuple[datetime, TrailPoint]] = deque(maxlen=MOST_POINTS)
        self._shifts: deque[ShiftStatus] = deque(maxlen=MOST_SHIFTS)

    def add(self, update: TrackerUpdate, now: float, wall: datetime) -> None:
        """Take in what one reading led to, at `now` (s, monotonic clock)."""
        self._read_at, at, mood = now, wall.isoformat(timespec="seconds"), update.smoothed
        last = self._points[-1][1] if self._points else None
        if last is None or max(abs(last.valence - mood.valence), abs(last.energy - mood.energy)) >= STEP:
            self._points.append((wall, TrailPoint(at, round(mood.valence, 3), round(mood.energy, 3))))
        if (shift := update.shift) is not None:
            reason, aim = ", ".join((shift.reason, *update.hint.reasons)), update.target.point
            self._shifts.appendleft(ShiftStatus(at, reason, round(aim.valence, 3), round(aim.energy, 3)))

    def read_s(self, now: float) -> float | None:
        """How long ago the last reading was."""
        return None if self._read_at is None else round(max(0.0, now - self._read_at), 1)

    def trail(self, wall: datetime) -> tuple[TrailPoint, ...]:
        """Where the mood was, the oldest first; the last one stays however old it is."""
        since = wall - timedelta(seconds=TRAIL_S)
        points = [*self._points]
        return tuple(point for at, point in points[:-1] if at >= since) + tuple(
            point for _, point in points[-1:]
        )

    @property
    def shifts(self) -> tuple[ShiftStatus, ...]:
        """The newest first."""
        return tuple(self._shifts)
