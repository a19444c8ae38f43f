"""The room's mood as all threads see it: the tracker behind a lock, with the clocks read in one place."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from player.clock import Wall, local_now, running_s, time_of_day
from player.config.settings.dayparts import Daypart
from player.log import EventLog, LogEvent, event
from player.mood.anomalies import Signals
from player.mood.tracker import MoodTracker, TrackerUpdate
from player.room.pin import Pin, remembered
from player.room.recent import Recent
from player.room.teaching import Teaching, without_teaching
from player.status import PointStatus, RoomStatus, TargetStatus
from player.types import Json, Mood, Target

log = EventLog(__name__, LogEvent.PERCEPTION)

OF_THE_ROOM = "the room is "
"""How the reason of a target begins that follows the room (mood/policy.py)."""
STEADY_S = 2.0
"""The end of a pin as the status shows it stays where it is unless the clock was set by more."""


class MoodState:
    """What the room feels like now, and what the venue wants to hear for it."""

    def __init__(
        self,
        tracker: MoodTracker,
        clock: Callable[[], float] = monotonic,
        wall: Wall = local_now,
        running: Callable[[], float] = running_s,
        teaching: Teaching | None = None,
    ) -> None:
        """`running` is the clock that pins for a time go by."""
        self.teaching = teaching or without_teaching()
        self._tracker, self._clock, self._wall, self._running = tracker, clock, wall, running
        self._lock = threading.Lock()
        self._last: TrackerUpdate | None = None
        self._recent = Recent()
        self._pin: Pin | None = None
        self._shown_end: datetime | None = None
        self._closed = False

    def update(
        self, mood: Mood, now: float, signals: Signals | None = None, *, of_room: bool = True
    ) -> TrackerUpdate:
        """Take in one reading, and what was measured beside it by a lens that stays where it is.

        `of_room`: False of photos and films.
        """
        with self._lock:
            wall = self._wall()
            self._last = self._tracker.update(mood, now, time_of_day(wall), signals, of_room=of_room)
            self._recent.add(self._last, now, wall)
            return self._last

    def take_sensor(self, name: str, value: str | None) -> str:
        """Take in what a sensor of the venue says; what came of it, in words. Raises ArgumentError."""
        with self._lock:
            return self._tracker.take(name, value, self._clock())

    def close(self, closed: bool) -> None:
        """The venue closes, or opens: what its sensors say of a closed one is not usual."""
        with self._lock:
            self._closed = closed
            self._tracker.close(closed, self._clock())

    def target(self) -> Target:
        """The mood the music should have now."""
        taught = self.teaching.reason
        with self._lock:
            target = self._tracker.target(self._clock(), time_of_day(self._wall()))
            follows = taught and self._pin is None and target.reason.startswith(OF_THE_ROOM)
            return replace(target, reason=f"{target.reason}, {taught}") if follows else target

    def conclude_wrong(self) -> None:
        """The music is in the wrong mood: that says something of the room if the music follows the room."""
        target = self.target()
        if target.reason.startswith(OF_THE_ROOM):  # and no pin, no policy, no part of the day alone
            self.teaching.conclude_wrong(target.point, self._clock(), self._wall().timestamp())

    def daypart(self) -> Daypart:
        """The part of the day that holds now."""
        return self._tracker.house.daypart(time_of_day(self._wall()))

    def pin(
        self, mood: Mood, name: str, lasts_s: float | None = None, closes_at: datetime | None = None
    ) -> Target:
        """Hold the music at a mood, whatever the room does: until `unpin`, for a time, or until closing."""
        ends_at = None if lasts_s is None else self._running() + lasts_s
        return self._hold(Pin(name, mood, lasts_s, ends_at, closes_at))

    def _hold(self, pin: Pin) -> Target:
        with self._lock:
            return self._take_up(pin)

    def _take_up(self, pin: Pin) -> Target:
        """The lock is held."""
        target = self._tracker.house.pinned(pin.mood, pin.name)
        self._tracker.pin(target)
        self._pin, self._shown_end = pin, None
        return target

    def unpin(self) -> bool:
        """Let the music follow the room again; False if nothing was pinned."""
        with self._lock:
            return self._let_go() is not None

    def unpin_if_over(self, now: datetime) -> str:
        """Let go of a pin whose time is over at `now`; why in words, or nothing if it still holds."""
        with self._lock:
            over = self._pin is not None and self._pin.is_over(self._running(), now)
            pin = self._let_go() if over else None
            return pin.why_over if pin else ""

    def unpin_at_closing(self) -> str:
        """The venue has closed: let go of a pin that was to hold until then. As `unpin_if_over`."""
        with self._lock:
            pin = self._let_go() if self._pin is not None and self._pin.closes_at is not None else None
            return pin.why_over if pin else ""

    def pin_closes_at(self) -> datetime | None:
        """The closing that a pin holds until; None if there is no such pin."""
        with self._lock:
            return self._pin.closes_at if self._pin else None

    def close_pin_at(self, closing: datetime | None) -> None:
        """The venue closes then: a pin until closing goes by that; None, for never, changes nothing."""
        with self._lock:
            if self._pin is not None and self._pin.closes_at is not None and closing is not None:
                self._pin = replace(self._pin, closes_at=closing)

    def pin_ends(self, now: datetime) -> datetime | None:
        """When the pin ends by itself; None if there is none, or it does not."""
        with self._lock:
            left_s = None if self._pin is None else self._pin.left_s(self._running(), now)
            return None if left_s is None else datetime.fromtimestamp(now.timestamp() + left_s, now.tzinfo)

    def _let_go(self) -> Pin | None:
        """What was pinned, if anything was. The lock is held."""
        pin, self._pin = self._pin, None
        self._tracker.pin(None)
        return pin

    def pinned(self) -> bool:
        """Whether the mood is held by hand."""
        with self._lock:
            return self._pin is not None

    def state(self) -> Json:
        """What to remember over a restart."""
        with self._lock:
            now = self._wall()
            pinned = self._pin and self._pin.as_json(self._running(), now)
            return {"tracker": self._tracker.state(self._clock()), "pinned": pinned, "at": now.timestamp()}

    def restore(self, state: Json) -> None:
        """Go on from a remembered state; what cannot be understood of it is left out with a log line."""
        try:
            with self._lock:
                self._tracker.restore(state.get("tracker", {}), self._saved_at(state.get("at")))
            if pinned := state.get("pinned"):
                self._pin_again(pinned, state.get("at"))
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError) as error:
            log.warning("the remembered mood of the room cannot be used (%r): starting without it", error)

    def follow(self, tracker: MoodTracker) -> None:
        """Go on with a new tracker, of other settings, from where the old one is."""
        with self._lock:
            now = self._clock()
            tracker.restore(self._tracker.state(now), now)
            tracker.close(self._closed, now)
            self._tracker = tracker
            if self._pin is not None:
                self._take_up(self._pin)

    def _pin_again(self, said: Json, at: Any) -> None:
        """Go on with a pin that was remembered at a moment, unless it is over by now."""
        now, running = self._wall(), self._running()
        passed_s = now.timestamp() - at if isinstance(at, int | float) else 0.0
        pin = remembered(said, max(0.0, passed_s), running, self._wall)
        if pin.is_over(running, now):
            log.info("the music follows the room again: %s", pin.why_over, extra=event(LogEvent.PIN))
        else:
            self._hold(pin)

    def _saved_at(self, wall: Any) -> float:
        """When that was on the monotonic clock; for ever ago if the wall clock cannot tell."""
        passed_s = self._wall().timestamp() - wall if isinstance(wall, int | float) else -1.0
        return self._clock() - passed_s if passed_s >= 0 else -math.inf

    def status(self) -> RoomStatus:
        """Mood, target and daypart, for people and programs."""
        target, smoothed = self.target(), self._last and self._last.smoothed
        point, daypart, house = target.point, self.daypart(), self._tracker.house
        with self._lock:
            read_s, shifts = self._recent.read_s(self._clock()), self._recent.shifts
            trail = self._recent.trail(self._wall())
            sensors = self._tracker.sensors(self._clock())
        return RoomStatus(
            mood=PointStatus(round(smoothed.valence, 3), round(smoothed.energy, 3)) if smoothed else None,
            unusual=tuple(self._last.hint.reasons) if self._last else (),
            target=TargetStatus(target.name, round(point.valence, 3), round(point.energy, 3), target.reason),
            daypart=daypart.name,
            pinned=pin.name if (pin := self._pin) else None,
            pinned_until=self._pin_end(),
            read_s=read_s,
            house=house.range(),
            envelope=house.range(daypart),
            trail=trail,
            shifts=shifts,
            taught=self.teaching.status(),
            sensors=sensors,
        )

    def _pin_end(self) -> str | None:
        """When the pin ends as people read it, to the second."""
        ends = self.pin_ends(self._wall())
        with self._lock:
            if ends is None:
                return None
            if self._shown_end is None or abs((ends - self._shown_end).total_seconds()) > STEADY_S:
                self._shown_end = (ends + timedelta(seconds=0.5)).replace(microsecond=0)
            return self._shown_end.isoformat()
