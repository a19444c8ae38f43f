"""One sensor: what it said, how that differs from its usual, and where it draws the mood."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from player.config.settings.sensors import SensorSettings
from player.errors import ArgumentError
from player.mood import weather
from player.mood.circumplex import clipped
from player.mood.counter_rate import CounterRate
from player.mood.usual import Usual
from player.privacy.redaction import redacted
from player.types import Json, MoodPoint

NO_VALUE = {"unknown", "unavailable", "none", "null", ""}
"""What Home Assistant and others say if a sensor has nothing to say."""
FADE_S = 300.0
"""What a sensor that is silent has done fades within this, or within its `stale_min` if that is less."""
LULL_S, EMPTY_PACE = 900.0, 0.1
"""A door through which nobody has come for so long: time counts a tenth (as in anomalies.py), for what a
closed night is like is not usual."""
MOST_QUOTED = 40
NEVER_REACHED = 1e6
NUMBER = re.compile(r"([-+]?(?:\d{1,16}(?:\.\d{0,12})?|\.\d{1,12})(?:e[-+]?\d{1,2})?)\s*(.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Scale:
    """What a kind of number may be, and the scale on which it is compared."""

    low: float
    high: float
    least: float
    """What counts as scatter at least, where nothing ever changes: of the scale, or (share) of the mean."""
    to: Callable[[float], float] = float
    back: Callable[[float], float] = float
    of_mean: bool = False

    @property
    def allowed(self) -> str:
        """What it takes, in words: bounds that nobody comes near are left out."""
        if self.high < NEVER_REACHED:
            return f"a number from {self.low:g} to {self.high:g}"
        return "a number" if self.low < 0 else "a number of 0 or more"


_SCALES = {
    # The root makes few and many scatter alike, as with people whom the camera counts.
    "footfall": _Scale(0, 1e5, 0.7, math.sqrt, lambda root: root * root),
    "counter": _Scale(0, 1e15, 0.7, math.sqrt, lambda root: root * root),
    "noise": _Scale(-150, 200, 2.0),
    "light": _Scale(0, 2e5, 0.1, lambda lux: math.log10(1 + lux), lambda log: 10**log - 1),
    "number": _Scale(-1e9, 1e9, 0.05, of_mean=True),
}


class Sensor:
    """Time is an argument (s, monotonic clock); a clock that goes back is taken as standing still."""

    def __init__(self, settings: SensorSettings, constant_s: float) -> None:
        """`constant_s`: over which time its usual forgets; 0: nothing but the weather counts."""
        self.settings, self._constant_s = settings, constant_s
        self._scale = _SCALES.get(settings.kind)
        self.text: str | None = None
        """What it said last."""
        self._heard_at: float | None = None
        self._weather: weather.Weather | None = None
        self._level: float | None = None
        self._rate = CounterRate() if settings.kind == "counter" else None
        self._usual: Usual | None = None
        self._learnt_at = self._stirred_at = -math.inf
        self._closed = False

    def close(self, closed: bool, now: float) -> None:
        """The venue closes, or opens: what it says of a closed one is not usual."""
        self.advance(now)
        self._closed = closed

    def take(self, said: str, now: float) -> bool:
        """Take in what it says at `now`; False if that is that it has no value.

        Raises ArgumentError, in one sentence, if that is nonsense.
        """
        text = " ".join(said.split())
        if text.casefold() in NO_VALUE:
            return False
        if self._scale is None:
            self._weather = self._read_weather(text)
        else:
            number = self._read_number(text, self._scale)
            self.advance(now)
            if self._rate is not None:
                before = self._rate.count
                self._rate.take(number, now)
                if before is not None and number > before:  # the rate itself takes days to fade to 0
                    self._stirred_at = now
            else:
                self._level = self._scale.to(number)
        self.text, self._heard_at = text, now
        self._learnt_at = max(self._learnt_at, now)
        return True

    def advance(self, now: float) -> None:
        """What it said last has held until now: learn from that what is usual."""
        level = self._level_at(now)
        if level is None or self._heard_at is None or self._scale is None or self._constant_s <= 0:
            return
        until = min(now, self._heard_at + self.settings.stale_s)
        passed_s = until - self._learnt_at
        if not 0 < passed_s < math.inf:
            return
        self._learnt_at = until
        if self._closed:
            return
        lull = self._scale.to is math.sqrt and until - self._stirred_at > LULL_S
        if level > 0 and self._rate is None:
            self._stirred_at = until
        self._usual = self._usual or Usual(level)
        self._usual.learn(level, passed_s * (EMPTY_PACE if lull else 1.0), self._constant_s, self._least())

    def draw(self, now: float) -> MoodPoint:
        """Where it draws the mood, and how far, before all sensors together are limited."""
        valence, energy = self.settings.weights
        fresh = self._freshness(now)
        if self._weather is not None:
            draws = self._weather.draws
            return clipped(fresh * valence * draws.valence, fresh * energy * draws.energy)
        level, usual = self._level_at(now), self._usual
        if level is None or usual is None or self._constant_s <= 0:
            return MoodPoint(0.0, 0.0)
        size = fresh * usual.confidence(self._constant_s) * usual.score(level, self._least())
        return MoodPoint(size * valence, size * energy)

    def label(self, now: float) -> str:
        """What it is that draws, in words."""
        if self._weather is not None:
            return self._weather.name
        level = self._level_at(now) or 0.0
        above = self._usual is not None and level > self._usual.mean
        return f"{self.settings.name} {'above' if above else 'below'} its usual"

    def age_s(self, now: float) -> float | None:
        """How long ago it spoke; None if it has not."""
        return None if self._heard_at is None else max(0.0, now - self._heard_at)

    def value(self, now: float) -> float | None:
        """The number that is compared with the usual: of a counter how much it counts an hour."""
        level = self._level_at(now)
        return None if level is None or self._scale is None else self._scale.back(level)

    @property
    def usual(self) -> float | None:
        """What is usual for it, as `value`; None as long as that is not known."""
        if self._usual is None or self._scale is None or not self._usual.confidence(self._constant_s):
            return None
        return self._scale.back(self._usual.mean)

    def state(self, now: float) -> Json:
        """What to remember over a restart, as plain JSON."""
        found: Json = {"kind": self.settings.kind}
        if self._usual is not None:
            found["usual"] = asdict(self._usual)
        if self.text is not None and (age_s := self.age_s(now)) is not None:
            found |= {"said": self.text, "read_s": age_s}
        if self._rate is not None and self._rate.count is not None:
            # Rounded, so that a door at rest is no news for the card.
            found["per_hour"] = round(self._rate.per_hour(now), 1)
        return found

    def restore(self, state: Mapping[str, Any], saved_at: float) -> None:
        """Go on from a state saved at `saved_at`; another kind's is not used.

        Raises KeyError, TypeError, ValueError, OverflowError or AttributeError if it is none.
        """
        if state["kind"] != self.settings.kind:
            return
        if "usual" in state:
            usual = Usual(*(float(state["usual"][key]) for key in ("mean", "scatter", "observed_s")))
            numbers = (usual.mean, usual.scatter, usual.observed_s)
            if not all(map(math.isfinite, numbers)) or usual.scatter < 0 or usual.observed_s <= 0:
                raise ValueError(f"{dict(state)} is no measure of what is usual")
            self._usual = usual
        if "said" not in state or not math.isfinite(saved_at - float(state["read_s"])):
            return
        self.take(str(state["said"]), saved_at - max(0.0, float(state["read_s"])))
        if self._rate is not None and self._rate.count is not None:
            self._rate.go_on_from(self._rate.count, max(0.0, float(state["per_hour"])), saved_at)
        self._learnt_at = max(self._learnt_at, saved_at)

    def _level_at(self, now: float) -> float | None:
        if self._rate is None or self._scale is None or self._rate.count is None:
            return self._level
        return self._scale.to(self._rate.per_hour(now))

    def _least(self) -> float:
        scale, usual = self._scale, self._usual
        if scale is None or usual is None:
            return 1.0
        return max(scale.least * abs(usual.mean), 1e-6) if scale.of_mean else scale.least

    def _freshness(self, now: float) -> float:
        """1, and 0 some time after it has gone stale."""
        if (age_s := self.age_s(now)) is None:
            return 0.0
        stale_s = self.settings.stale_s
        return min(1.0, max(0.0, 1.0 - (age_s - stale_s) / min(FADE_S, stale_s)))

    def _read_weather(self, text: str) -> weather.Weather:
        if (found := weather.find(text)) is None:
            raise self._refusal("a word for the weather such as sunny, rainy or snow", text)
        return found

    def _read_number(self, text: str, scale: _Scale) -> float:
        unit = self.settings.unit
        wanted = f"{scale.allowed} in {unit}" if unit else scale.allowed
        found = NUMBER.fullmatch(text)
        if found is None:
            raise self._refusal(wanted, text)
        if found[2].casefold() not in ("", unit.casefold()):
            raise self._refusal(wanted, text, "; its unit is set in config.yaml")
        number = float(found[1])
        if not scale.low <= number <= scale.high:
            raise self._refusal(wanted, text)
        return number

    def _refusal(self, wanted: str, text: str, advice: str = "") -> ArgumentError:
        found = repr(redacted(text)) if len(text) <= MOST_QUOTED else f"a text of {len(text)} characters"
        return ArgumentError(f"the sensor {self.settings.name} takes {wanted}, not {found}{advice}.", "says")
