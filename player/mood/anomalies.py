"""How a room differs from its own usual: "busier than usual (12 people)".

Sentences hardly tell a full café from a fuller one. Counts, motion and light do, but only against what this
camera sees on other days, so each is judged by how far it lies outside its own usual scatter.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from player.config.settings.mood import MoodSettings
from player.log import EventLog, LogEvent
from player.mood.baseline import SECONDS_PER_HOUR
from player.mood.usual import Usual
from player.types import Json, Light, MoodPoint

log = EventLog(__name__, LogEvent.MOOD)

NUMBERED = re.compile(r"webcam\s/dev/video\d+")
"""How webcams were remembered once: by numbers that change, so that it is taken for the one that looks."""
RECENT_S = 30.0
"""Time constant of what holds now: who passes through, or a detector that miscounts once, is no news."""
LULL_S = 900.0
EMPTY_PACE = 0.1
"""After LULL_S without people or motion time counts a tenth: what a closed night looks like is not usual."""
STILL = 0.01
"""Share of the picture below which nothing moves."""
GREY = 0.02
"""Colourfulness below which the picture is an infrared one, whose light says nothing about the room's."""
MOST = 0.3
"""The longest offset. It is shorter than `mood.shift.distance`: alone it takes no usual room to a shift."""
WORTH_SAYING = 0.05
"""Effect on an axis below which no reason is given."""


@dataclass(frozen=True, slots=True)
class Signals:
    """What is measured of a room, beside the sentence about it."""

    people: int
    motion: float
    """Share of the picture that moves, 0 to 1."""
    light: Light
    camera: str = ""
    """Its name: another camera has another usual."""


@dataclass(frozen=True, slots=True)
class Hint:
    """How far a reading should be moved, and why."""

    offset: MoodPoint
    """At most MOST long."""
    reasons: tuple[str, ...]
    """The signals that count, the strongest first, in words."""


NO_HINT = Hint(MoodPoint(0.0, 0.0), ())


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a signal means."""

    more: str
    less: str
    valence: float
    energy: float
    """The direction of more of it, per unit of weight."""
    scatter: float
    """What counts as scatter at least, in a room where nothing ever changes."""


KINDS = {
    # The root makes few and many scatter alike: one person more is news among two and none among twenty.
    "people": _Kind("busier", "emptier", 0.3, 1.0, scatter=0.7),
    "motion": _Kind("livelier", "stiller", 0.0, 1.0, scatter=0.12),
    "brightness": _Kind("brighter", "dimmer", 0.0, 1.0, scatter=0.08),
    "warmth": _Kind("more warmly lit", "more coldly lit", 0.7, -0.7, scatter=0.08),
}


def _measured(signals: Signals) -> Iterator[tuple[str, float]]:
    """Each signal that can be known, on the scale on which it is compared."""
    known = {"people": max(signals.people, 0) ** 0.5, "motion": max(signals.motion, 0.0) ** 0.5}
    if signals.light.colorfulness >= GREY:
        known |= {"brightness": signals.light.brightness, "warmth": signals.light.warmth}
    return ((name, value) for name, value in known.items() if math.isfinite(value))


class Anomalies:
    """Compares what is measured with what is usual for this camera. Pure: time is an argument.

    A measurement holds until the next one, and counts from then on with the time it has held; several at one
    instant count as their mean. A clock that goes back is taken as standing still; a gap longer than
    `stale_s` was not observed. Not thread-safe.
    """

    def __init__(self, settings: MoodSettings) -> None:
        self._weights: dict[str, float] = settings.ambience.model_dump()
        self._constant_s = settings.baseline_hours * SECONDS_PER_HOUR
        self._stale_s = settings.stale_s
        self._camera = ""
        self._usual: dict[str, Usual] = {}
        self._recent: dict[str, float] = {}
        self._held: dict[str, tuple[float, int]] = {}
        """Sum and number of each signal's measurements at `_now`."""
        self._now = -math.inf
        self._stirred_at = -math.inf

    def update(self, signals: Signals, now: float) -> Hint:
        """Take in what is measured at `now` (s, monotonic clock); judge what has held until now."""
        if self._constant_s <= 0:
            return NO_HINT
        self._camera = self._camera or signals.camera
        if signals.camera != self._camera:
            self._forget(signals.camera)
        if now > self._now:
            self._pass(now)
            self._now, self._held = now, {}
        for name, value in _measured(signals):
            total, number = self._held.get(name, (0.0, 0))
            self._held[name] = total + value, number + 1
        if signals.people > 0 or signals.motion > STILL:
            self._stirred_at = self._now
        return self._hint()

    def pace(self, now: float) -> float:
        """How much the time until `now` counts for what is usual, 0 to 1: little where nobody has been."""
        return 1.0 if now - self._stirred_at <= LULL_S else EMPTY_PACE

    def _forget(self, camera: str) -> None:
        if self._usual:
            log.info("another camera looks at the room: learning again what is usual for it")
        self._camera, self._usual, self._recent, self._held = camera, {}, {}, {}
        self._now = self._stirred_at = -math.inf

    def _pass(self, now: float) -> None:
        """What was measured last has held until now."""
        passed_s = now - self._now
        if passed_s > self._stale_s:
            self._recent = {}
            return
        held = {name: total / number for name, (total, number) in self._held.items()}
        share = 1.0 - math.exp(-passed_s / RECENT_S)
        pace = self.pace(now)
        before, self._recent = self._recent, {}
        for name, value in held.items():
            was = before.get(name, value)
            self._recent[name] = was + share * (value - was)
            usual = self._usual.setdefault(name, Usual(value))
            usual.learn(value, passed_s * pace, self._constant_s, KINDS[name].scatter)

    def _hint(self) -> Hint:
        effects = {name: self._effect(name, value) for name, value in self._recent.items()}
        valence = math.fsum(effect.valence for effect in effects.values())
        energy = math.fsum(effect.energy for effect in effects.values())
        scale = MOST / max(math.hypot(valence, energy), MOST)
        strongest = sorted(effects, key=lambda name: -math.hypot(effects[name].valence, effects[name].energy))
        reasons = (self._reason(name, effects[name], scale) for name in strongest)
        return Hint(MoodPoint(scale * valence, scale * energy), tuple(reason for reason in reasons if reason))

    def _effect(self, name: str, value: float) -> MoodPoint:
        kind, usual = KINDS[name], self._usual[name]
        size = self._weights[name] * usual.confidence(self._constant_s) * usual.score(value, kind.scatter)
        return MoodPoint(size * kind.valence, size * kind.energy)

    def _reason(self, name: str, effect: MoodPoint, scale: float) -> str:
        """In words, or "" if it is not worth saying."""
        if scale * max(abs(effect.energy), abs(effect.valence)) < WORTH_SAYING:
            return ""
        kind = KINDS[name]
        more = effect.energy * kind.energy + effect.valence * kind.valence > 0
        said = f"{kind.more if more else kind.less} than usual"
        return f"{said} ({_people(round(self._recent[name] ** 2))})" if name == "people" else said

    def state(self) -> Json:
        """What to remember over a restart, as plain JSON."""
        return {"camera": self._camera, "usual": {name: asdict(usual) for name, usual in self._usual.items()}}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a remembered state; one that is none changes nothing.

        Raises KeyError, TypeError, ValueError, OverflowError or AttributeError then.
        """
        if not state:
            return
        usual = {name: _remembered(state["usual"][name]) for name in KINDS if name in state["usual"]}
        camera = str(state["camera"])
        self._forget("" if NUMBERED.fullmatch(camera) else camera)
        self._usual = usual


def _people(number: int) -> str:
    return f"{number or 'no'} {'person' if number == 1 else 'people'}"


def _remembered(state: Mapping[str, Any]) -> Usual:
    usual = Usual(*(float(state[key]) for key in ("mean", "scatter", "observed_s")))
    # No signal comes near 100, and anything further out would take days to unlearn.
    sane = abs(usual.mean) <= 100 and 0 <= usual.scatter <= 100 and 0 < usual.observed_s < math.inf
    if not sane:
        raise ValueError(f"{dict(state)} is no measure of what is usual")
    return usual
