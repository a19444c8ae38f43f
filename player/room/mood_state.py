"""The room's mood as all threads see it: the tracker behind a lock, with the clocks read in one place."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import asdict
from time import monotonic
from typing import Any

from player.clock import Wall, local_now, time_of_day
from player.config.settings import Daypart
from player.log import EventLog, LogEvent
from player.mood.anomalies import Signals
from player.mood.tracker import MoodTracker, TrackerUpdate
from player.status import PointStatus, RoomStatus, TargetStatus
from player.types import Json, Mood, Target

log = EventLog(__name__, LogEvent.PERCEPTION)


class MoodState:
    """What the room feels like now, and what the venue wants to hear for it."""

    def __init__(
        self,
        tracker: MoodTracker,
        clock: Callable[[], float] = monotonic,
        wall: Wall = local_now,
    ) -> None:
        self._tracker, self._clock, self._wall = tracker, clock, wall
        self._lock = threading.Lock()
        self._last: TrackerUpdate | None = None
        self._pinned: tuple[str, Mood] | None = None

    def update(self, mood: Mood, now: float, signals: Signals | None = None) -> TrackerUpdate:
        """Take in one reading, and what was measured beside it by a lens that stays where it is."""
        with self._lock:
            self._last = self._tracker.update(mood, now, time_of_day(self._wall()), signals)
            return self._last

    def target(self) -> Target:
        """The mood the music should have now."""
        with self._lock:
            return self._tracker.target(self._clock(), time_of_day(self._wall()))

    def daypart(self) -> Daypart:
        """The part of the day that holds now."""
        return self._tracker.house.daypart(time_of_day(self._wall()))

    def pin(self, mood: Mood, name: str) -> Target:
        """Hold the music at a mood, whatever the room does."""
        with self._lock:
            target = self._tracker.house.pinned(mood, name)
            self._tracker.pin(target)
            self._pinned = (name, mood)
            return target

    def unpin(self) -> bool:
        """Let the music follow the room again; False if nothing was pinned."""
        with self._lock:
            was_pinned = self._pinned is not None
            self._tracker.pin(None)
            self._pinned = None
            return was_pinned

    def pinned(self) -> bool:
        """Whether the mood is held by hand."""
        with self._lock:
            return self._pinned is not None

    def state(self) -> Json:
        """What to remember over a restart."""
        with self._lock:
            pinned = self._pinned and {"name": self._pinned[0], "mood": asdict(self._pinned[1])}
            saved_at = self._wall().timestamp()
            return {"tracker": self._tracker.state(self._clock()), "pinned": pinned, "at": saved_at}

    def restore(self, state: Json) -> None:
        """Go on from a remembered state; what cannot be understood of it is left out with a log line."""
        try:
            with self._lock:
                self._tracker.restore(state.get("tracker", {}), self._saved_at(state.get("at")))
            if pinned := state.get("pinned"):
                self.pin(_mood(pinned["mood"]), str(pinned["name"]))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            log.warning("the remembered mood of the room cannot be used (%r): starting without it", error)

    def follow(self, tracker: MoodTracker) -> None:
        """Go on with a new tracker, of other settings, from where the old one is."""
        with self._lock:
            now = self._clock()
            tracker.restore(self._tracker.state(now), now)
            self._tracker = tracker
        if self._pinned is not None:
            name, mood = self._pinned
            self.pin(mood, name)

    def _saved_at(self, wall: Any) -> float:
        """When that was on the monotonic clock; for ever ago if the wall clock cannot tell."""
        passed_s = self._wall().timestamp() - wall if isinstance(wall, int | float) else -1.0
        return self._clock() - passed_s if passed_s >= 0 else -math.inf

    def status(self) -> RoomStatus:
        """Mood, target and daypart, for people and programs."""
        target, smoothed = self.target(), self._last and self._last.smoothed
        point = target.point
        return RoomStatus(
            mood=PointStatus(round(smoothed.valence, 3), round(smoothed.energy, 3)) if smoothed else None,
            unusual=tuple(self._last.hint.reasons) if self._last else (),
            target=TargetStatus(target.name, round(point.valence, 3), round(point.energy, 3), target.reason),
            daypart=self.daypart().name,
            pinned=self._pinned[0] if self._pinned else None,
        )


def _mood(said: Json) -> Mood:
    """A remembered mood; raises KeyError, TypeError, ValueError or AttributeError if it is none."""
    valence, energy = float(said["valence"]), float(said["energy"])
    if not (-1 <= valence <= 1 and -1 <= energy <= 1):
        raise ValueError(f"({valence}, {energy}) is no mood")
    moods = {str(name): float(p) for name, p in dict(said.get("moods", {})).items()}
    return Mood(valence, energy, moods, str(said.get("mood7", "neutral")))
