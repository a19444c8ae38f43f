"""Moods over time become shifts and a target: smoothing, baseline, shift detection and house policy."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import time

from player.mood.ambience import NO_HINT, Ambience, Hint, Signals
from player.mood.baseline import Baseline
from player.mood.plane import moved
from player.mood.policy import House
from player.mood.shift import ShiftDetector, air
from player.mood.smoothing import Smoother
from player.settings import Daypart, MoodSettings
from player.types import Json, Mood, MoodPoint, MoodShift, Target

log = logging.getLogger(__name__)


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
    """Turns readings into the mood the house wants.

    The target follows the room only by shifts, and between them its slow changes, which the next tracks take
    up. Until the first shift, and again when readings have stopped for `stale_s`, it is the daypart's
    mood, and that is what the first shift is measured from: a room that is calm when a calm daypart starts
    moves nothing. Not thread-safe.
    """

    def __init__(self, settings: MoodSettings, dayparts: Sequence[Daypart]) -> None:
        self.house = House(settings, dayparts)
        self._settings = settings
        self._smoother = Smoother(settings)
        self._detector = ShiftDetector(settings.shift)
        self._baseline = Baseline(settings.baseline_hours, settings.stale_s)
        self._ambience = Ambience(settings)
        self._hint = NO_HINT
        self._daypart: Daypart | None = None
        self._held: _Held | None = None
        self._read_at: float | None = None
        self._pin: Target | None = None

    def update(self, mood: Mood, now: float, local: time, signals: Signals | None = None) -> TrackerUpdate:
        """Take in a reading that holds at `now` (s, monotonic clock), `local` being the wall clock's time.

        `signals`: what else was measured then; None where nothing is usual, as with photos and films.
        """
        daypart = self._enter(now, local)
        self._read_at = now if self._read_at is None else max(now, self._read_at)
        self._hint = self._ambience.update(signals, now) if signals else NO_HINT
        reading = moved(mood, self._hint.offset)
        smoothed = self._smoother.update(reading, now)
        self._baseline.update(smoothed, now)
        shift = self._detector.update(reading, now)
        if shift is not None:
            if self._held is None:  # it is measured from the daypart's mood, which no room ever had
                reason = f"the room is {air(shift.after)}, unlike what {daypart.name} begins with"
                shift = replace(shift, reason=reason)
            self._held = _Held(self._read_at, self._hint.reasons)
            self._smoother.restart(shift.after)
            smoothed = shift.after
        target = self._target(daypart, now)
        return TrackerUpdate(
            smoothed, None if self._pin else shift, target, self._detector.in_doubt, self._hint
        )

    def target(self, now: float, local: time) -> Target:
        """The mood the house wants now; the daypart's own where readings have been missing for `stale_s`."""
        return self._target(self._enter(now, local), now)

    def pin(self, target: Target | None) -> None:
        """Hold a target whatever the room does; None lets it follow the room again."""
        self._pin = target

    def state(self) -> Json:
        """What to remember over a restart: what is usual. Moods and pins are of their moment."""
        return {"baseline": self._baseline.state(), "ambience": self._ambience.state()}

    def restore(self, state: Json, now: float) -> None:  # noqa: ARG002 - part of the interface: times are not remembered
        """Go on from a remembered state; one that cannot be understood is left out with a log line."""
        for key, part in (("baseline", self._baseline), ("ambience", self._ambience)):
            try:
                part.restore(state.get(key, {}))
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                log.warning(
                    "what is usual for this room cannot be remembered (%s, %r): learning it afresh",
                    key,
                    error,
                )

    def _target(self, daypart: Daypart, now: float) -> Target:
        if self._pin is not None:
            return self._pin
        if self._held is None:
            return self.house.target(None, daypart)
        room, held_s = self._detector.anchor, max(0.0, now - self._held.at)
        target = self.house.target(room, daypart, self._offset(daypart), held_s)
        if self._settings.policy == "steady":
            return target
        return replace(target, reason=", ".join((target.reason, *self._held.reasons)))

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
                # The music is chosen anew for the daypart, so it may as well be for the room as it is now.
                self._held = _Held(self._held.at, self._hint.reasons)
                self._detector.reset(self._smoother.value, of_room=True)
            else:
                usual = self._offset(daypart)
                default = self.house.default(daypart)
                self._detector.reset(moved(default, MoodPoint(-usual.valence, -usual.energy)))
        return daypart
