"""Gains over time, as pure functions: what a crossfade does to the level of each of its two tracks.

Gains are linear amplitude factors: 1 leaves the signal as it is, 0 is silence. Only the standard library
is imported here, because the deck's child process must start quickly and stay small.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Curve = Literal["equal_power", "linear"]


def gain_from_db(db: float) -> float:
    """Linear amplitude factor of a gain in decibels: 10^(dB/20)."""
    return math.pow(10.0, db / 20.0)


def equal_power(progress: float) -> float:
    """Rising half of an equal-power pair, sin(progress * pi/2), for progress in [0, 1].

    The falling half is cos: two signals that know nothing of each other add in power, and
    sin^2 + cos^2 = 1 keeps their sum constant at every moment of the crossfade.
    """
    return math.sin(progress * math.pi / 2)


def linear(progress: float) -> float:
    """The straight line, for changes of volume: one signal, no partner to add to."""
    return progress


_RISING: dict[Curve, Callable[[float], float]] = {"equal_power": equal_power, "linear": linear}


@dataclass(frozen=True, slots=True)
class Ramp:
    """One change of gain; before it `start`, after it `end`.

    start_at    seconds on the monotonic clock, which every process of the machine shares
    duration_s  seconds; 0 is a step
    """

    start_at: float
    duration_s: float
    start: float
    end: float
    curve: Curve = "equal_power"

    def gain(self, now: float) -> float:
        """Linear gain at `now`."""
        if now >= self.end_at:
            return self.end
        if now <= self.start_at:
            return self.start
        rising = _RISING[self.curve]
        progress = (now - self.start_at) / self.duration_s
        if self.end > self.start:
            return self.start + (self.end - self.start) * rising(progress)
        return self.end + (self.start - self.end) * rising(1 - progress)

    @property
    def end_at(self) -> float:
        """When `end` is reached."""
        return self.start_at + self.duration_s


class Envelope:
    """A gain that glides: each new ramp takes over from the level which the one before has reached."""

    def __init__(self, gain: float = 0.0) -> None:
        self._ramps = [Ramp(-math.inf, 0.0, gain, gain)]
        """In order of their starts; the first one is the one that rules now."""

    def ramp(self, to: float, start_at: float, duration_s: float, curve: Curve = "equal_power") -> None:
        """Go to the gain `to`; what is under way goes on until `start_at`, so that nothing jumps."""
        first, *others = self._ramps
        self._ramps = [first, *(ramp for ramp in others if ramp.start_at < start_at)]
        self._ramps.append(Ramp(start_at, duration_s, self._ramps[-1].gain(start_at), to, curve))

    def gain(self, now: float) -> float:
        """Linear gain at `now`, which never goes back."""
        while len(self._ramps) > 1 and self._ramps[1].start_at <= now:
            del self._ramps[0]
        return self._ramps[0].gain(now)

    def settled(self, now: float) -> bool:
        """Whether no ramp is running or waiting at `now`."""
        return now >= self.end_at

    @property
    def end_at(self) -> float:
        """When the last ramp ends."""
        return self._ramps[-1].end_at

    @property
    def target(self) -> float:
        """The gain at which the last ramp ends."""
        return self._ramps[-1].end
