"""Moods over time become shifts and a target: smoothing, baseline, shift detection and house policy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import time

from player.config.settings.dayparts import Daypart
from player.config.settings.mood import MoodSettings
from player.config.settings.sensors import SensorSettings
from player.emotions import describe_room
from player.log import EventLog, LogEvent
from player.mood.anomalies import NO_HINT, Anomalies, Hint, Signals
from player.mood.baseline import Baseline
from player.mood.circumplex import clipped, moved
from player.mood.policy import HousePolicy
from player.mood.sensors import NOTHING_SENSED, Sensors
from player.mood.shift import ShiftDetector
from player.mood.smoothing import Smoother
from player.status import SensorStatus
from player.types import Json, Mood, MoodPoint, MoodShift, Target

log = EventLog(__name__, LogEvent.MOOD)


@dataclass(frozen=True, slots=True)
class TrackerUpdate:
    """What one reading led to."""

    smoothed: MoodPoint
    shift: MoodShift | None
    """None too while a target is pinned: then no shift of the room moves the music."""
    target: Target
    in_doubt: bool = False
    """Whether the room may have changed: another look now would tell, though the gate might save it."""
    hint: Hint = NO_HINT
    """How what was measured moved the reading."""


@dataclass(frozen=True, slots=True)
class _Held:
    """That the music was chosen for the room, and not for the daypart alone."""

    at: float
    """When the room's mood took hold."""
    reasons: tuple[str, ...]
    """How the room differed from its usual when the music was last chosen for it."""


class MoodTracker:
    """Turns readings into the mood the venue wants.

    The target follows the room only by shifts, and between them its slow changes, which the next tracks take
    up. Until the first shift, and again when readings have stopped for `stale_s`, it is the daypart's
    mood, and that is what the first shift is measured from: a room that is calm when a calm daypart starts
    moves nothing. What the venue's sensors say counts beside the room: as a part of it for a shift, and
    between shifts for the next tracks, smoothed as the room is. Not thread-safe.
    """

    def __init__(
        self, settings: MoodSettings, dayparts: Sequence[Daypart], sensors: Sequence[SensorSettings] = ()
    ) -> None:
        self.house = HousePolicy(settings, dayparts)
        self._settings = settings
        self._smoother = Smoother(settings)
        self._detector = ShiftDetector(settings.shift)
        self._baseline = Baseline(settings.baseline_hours, settings.stale_s)
        self._ambience = Anomalies(settings)
        self._sensors = Sensors(sensors, settings.baseline_hours)
        self._sensed, self._sensed_smoothly = NOTHING_SENSED, Smoother(settings)
        self._hint = NO_HINT
        self._daypart: Daypart | None = None
        self._held: _Held | None = None
        self._read_at: float | None = None
        self._pin: Target | None = None

    def update(
        self, mood: Mood, now: float, local: time, signals: Signals | None = None, *, of_room: bool = True
    ) -> TrackerUpdate:
        """Take in a reading that holds at `now` (s, monotonic clock), `local` being the wall clock's time.

        signals  what else was measured then; None if it was not
        of_room  False of photos and films, which have no usual: nothing is learnt of them
        """
        self._sense(now)
        daypart = self._enter(now, local)
        self._read_at = now if self._read_at is None else max(now, self._read_at)
        self._hint = self._ambience.update(signals, now) if signals else NO_HINT
        reading = moved(mood, self._hint.offset)
        smoothed = self._smoother.update(reading, now)
        if of_room:
            self._baseline.update(smoothed, now, self._ambience.pace(now) if signals else 1.0)
        shift = self._detector.update(reading, now, self._sensed.offset)
        if shift is not None:
            if self._held is None:  # it is measured from the daypart's mood, which no room ever had
                reason = f"the room is {describe_room(shift.after)}, unlike the start of {daypart.name}"
                shift = replace(shift, reason=reason)
            self._held = _Held(self._read_at, self._hint.reasons)
            smoothed = self._detector.anchor or shift.after
            self._smoother.restart(smoothed)
        target = self._target(daypart, now)
        return TrackerUpdate(
            smoothed, None if self._pin else shift, target, self._detector.in_doubt, self._hint
        )

    def target(self, now: float, local: time) -> Target:
        """The mood the venue wants now; the daypart's own if readings have been missing for `stale_s`."""
        self._sense(now)
        return self._target(self._enter(now, local), now)

    def take(self, sensor: str, value: str | None, now: float) -> str:
        """Take in what a sensor says at `now`; what came of it, in words. See Sensors.take."""
        self._sense(now)  # as it was until now
        return self._sensors.take(sensor, value, now)

    def close(self, closed: bool, now: float) -> None:
        """The venue closes, or opens: what is measured of a closed one is not usual."""
        self._sensors.close(closed, now)

    def sensors(self, now: float) -> tuple[SensorStatus, ...]:
        """What each sensor says, and does to the target."""
        return self._sensors.status(now)

    def _sense(self, now: float) -> None:
        """What the sensors do to the mood now, smoothed."""
        sensed = self._sensors.at(now)
        if sensed is not NOTHING_SENSED:
            self._sensed = replace(sensed, offset=self._sensed_smoothly.update(sensed.offset, now))

    def pin(self, target: Target | None) -> None:
        """Hold a target whatever the room does; None lets it follow the room again."""
        self._pin = target

    def state(self, now: float) -> Json:
        """What to remember: what is usual, and the room's mood with its age. Pins are the room's affair."""
        state: Json = {"baseline": self._baseline.state(), "ambience": self._ambience.state()}
        state["sensors"] = self._sensors.state(now)
        if self._read_at is not None and (value := self._smoother.value) is not None:
            state["mood"] = {
                "valence": value.valence,
                "energy": value.energy,
                "read_s": now - self._read_at,
                "held_s": self._held and now - self._held.at,
            }
        return state

    def restore(self, state: Json, saved_at: float) -> None:
        """Go on from a state saved at `saved_at` (s, monotonic clock), by a tracker with whatever settings.

        What cannot be understood of it is left out with a log line; a mood older than `stale_s` soon is.
        """
        try:
            self._resume(state.get("mood", {}), saved_at)
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
            log.warning(
                "the saved mood of the room cannot be used (%r): waiting for a new one",
                error,
            )
        try:
            self._sensors.restore(state.get("sensors", {}), saved_at)
        except (TypeError, AttributeError) as error:
            log.warning("what was saved of the sensors cannot be used (%r): learning it again", error)
        for key, part in (("baseline", self._baseline), ("ambience", self._ambience)):
            try:
                part.restore(state.get(key, {}))
            except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
                log.warning(
                    "what was saved as usual for this room cannot be used (%s, %r): learning it again",
                    key,
                    error,
                )

    def _resume(self, mood: Json, saved_at: float) -> None:
        """Take up the room's mood as it was; raises KeyError, TypeError, ValueError or OverflowError."""
        if not mood:
            return
        read_s, held_s = _age(mood["read_s"]), mood["held_s"]
        value = clipped(_finite(mood["valence"]), _finite(mood["energy"]))
        self._held = None if held_s is None else _Held(saved_at - _age(held_s), ())
        self._read_at = saved_at - read_s
        self._smoother.update(value, self._read_at)

    def _target(self, daypart: Daypart, now: float) -> Target:
        if self._pin is not None:
            return self._pin
        sensed = self._sensed
        if self._held is None:
            target = self.house.target(None, daypart, sensed=sensed.offset)
            return self._with_reasons(target, sensed.reasons)
        room, held_s = self._detector.anchor, max(0.0, now - self._held.at)
        target = self.house.target(room, daypart, self._offset(daypart), held_s, sensed.offset)
        return self._with_reasons(target, (*self._held.reasons, *sensed.reasons))

    def _with_reasons(self, target: Target, reasons: Sequence[str]) -> Target:
        if self._settings.policy == "steady":
            return target
        return replace(target, reason=", ".join((target.reason, *reasons)))

    def _offset(self, daypart: Daypart) -> MoodPoint:
        return self._baseline.offset(self.house.default(daypart), self._settings.baseline_weight)

    def _enter(self, now: float, local: time) -> Daypart:
        """Note that the daypart has changed or readings have gone stale, and measure shifts from there."""
        daypart = self.house.daypart(local)
        if self._read_at is not None and now - self._read_at > self._settings.stale_s:
            self._read_at, self._held, self._daypart = None, None, None
        if daypart != self._daypart:
            self._daypart = daypart
            if self._held is not None and self._smoother.value is not None:
                # The music is chosen again for the daypart, so it may as well be for the room as it is now.
                self._held = _Held(self._held.at, self._hint.reasons)
                self._detector.reset(self._smoother.value, of_room=True, beside=self._sensed.offset)
            else:
                usual = self._offset(daypart)
                default = self.house.default(daypart)
                self._detector.reset(
                    moved(default, MoodPoint(-usual.valence, -usual.energy)), beside=self._sensed.offset
                )
        return daypart


def _finite(value: float) -> float:
    """Raises TypeError, ValueError or OverflowError if it is no finite number."""
    if not math.isfinite(value):
        raise ValueError(f"found {value}")
    return float(value)


def _age(value: float) -> float:
    """Seconds, not negative; raises TypeError, ValueError or OverflowError."""
    if (seconds := _finite(value)) < 0:
        raise ValueError(f"found {seconds}")
    return seconds
