"""What the venue's sensors do to the mood, all together: bounded, and in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from player.config.settings.sensors import SensorSettings
from player.errors import ArgumentError
from player.log import EventLog, LogEvent
from player.mood.baseline import SECONDS_PER_HOUR
from player.mood.sensor import Sensor
from player.status import PointStatus, SensorStatus
from player.types import Json, MoodPoint

log = EventLog(__name__, LogEvent.MOOD)

MOST = 0.3
"""All sensors together move each axis by at most this."""
WORTH_SAYING = 0.05
"""Effect on an axis below which no reason is given."""
WORTH_LOGGING = 0.08
AGAIN_S = 600.0
"""What the log said of a sensor's numbers holds for at least so long: those that come and go are no news."""


@dataclass(frozen=True, slots=True)
class Sensed:
    """How far the sensors move the mood, and why."""

    offset: MoodPoint
    reasons: tuple[str, ...] = ()
    """The strongest first: "rain: -0.2 energy"."""


NOTHING_SENSED = Sensed(MoodPoint(0.0, 0.0))


@dataclass(slots=True)
class _Told:
    """What the log has said of a sensor."""

    label: str = ""
    at: float = -math.inf
    silent: bool = False


class Sensors:
    """Time is an argument (s, monotonic clock). Not thread-safe."""

    def __init__(self, settings: Sequence[SensorSettings], hours: float) -> None:
        """`hours`: mood.baseline_hours."""
        self._sensors = [Sensor(one, hours * SECONDS_PER_HOUR) for one in settings]
        self._told = [_Told() for _ in self._sensors]
        self._since: float | None = None

    def take(self, name: str, value: str | None, now: float) -> str:
        """Take in what a sensor says; what came of it, in words.

        If `value` is None, it stands behind the name. Raises ArgumentError.
        """
        sensor, said = self._named(name, value)
        own = sensor.settings
        if not sensor.take(said, now):
            return f"the sensor {own.name} has no value at present"
        return f"the sensor {own.name} says {sensor.text}"

    def close(self, closed: bool, now: float) -> None:
        """The venue closes, or opens: see Sensor."""
        for sensor in self._sensors:
            sensor.close(closed, now)

    def _named(self, name: str, value: str | None) -> tuple[Sensor, str]:
        if not self._sensors:
            raise ArgumentError("there are no sensors: name them in config.yaml (docs/sensors.md).", "name")
        wanted = name.strip().casefold()
        # The longest first: a name may begin with another.
        for sensor in sorted(self._sensors, key=lambda one: -len(one.settings.name)):
            own = sensor.settings.name.casefold()
            if value is not None and wanted == own:
                return sensor, value
            if value is None and (wanted == own or wanted.startswith(f"{own} ")):
                said = name.strip()[len(own) :].strip()
                if not said:
                    raise ArgumentError(
                        f"the sensor {sensor.settings.name} needs a value behind its name.", "says"
                    )
                return sensor, said
        names = ", ".join(sensor.settings.name for sensor in self._sensors)
        raise ArgumentError(f"there is no sensor of this name; there are {names}.", "name")

    def at(self, now: float) -> Sensed:
        """What they do to the mood at `now`; what is new of them is logged."""
        if not self._sensors:
            return NOTHING_SENSED
        self._since = now if self._since is None else self._since
        for sensor in self._sensors:
            sensor.advance(now)
        draws = self._limited(now)
        for sensor, told, draw in zip(self._sensors, self._told, draws, strict=True):
            self._tell(sensor, told, draw, now)
        strongest = sorted(zip(draws, self._sensors, strict=True), key=lambda one: -_size(one[0]))
        reasons = (_reason(sensor.label(now), draw) for draw, sensor in strongest)
        return Sensed(_sum(draws), tuple(reason for reason in reasons if reason))

    def _limited(self, now: float) -> list[MoodPoint]:
        """Where each draws the mood; together they reach MOST on no axis but at most."""
        draws = [sensor.draw(now) for sensor in self._sensors]
        valence = MOST / max(abs(math.fsum(draw.valence for draw in draws)), MOST)
        energy = MOST / max(abs(math.fsum(draw.energy for draw in draws)), MOST)
        return [MoodPoint(valence * draw.valence, energy * draw.energy) for draw in draws]

    def _tell(self, sensor: Sensor, told: _Told, draw: MoodPoint, now: float) -> None:
        """Say what an owner wants to know of it: that it counts for something else, that it is silent."""
        name, silent = sensor.settings.name, self._is_stale(sensor, now)
        if silent != told.silent:
            told.silent = silent
            if silent:
                log.warning(
                    "the sensor %s has said nothing for %.0f min: it counts no longer until it speaks again",
                    name,
                    max(1.0, sensor.settings.stale_min),
                )
            else:
                log.info("the sensor %s is heard again", name)
        if silent:
            return
        size, label = _size(draw), sensor.label(now)
        if size >= WORTH_LOGGING and label != told.label:
            if told.at + AGAIN_S <= now or sensor.settings.kind == "weather":
                told.label, told.at = label, now
                log.info("the sensor %s counts: %s", name, _reason(label, draw))
        elif size < WORTH_SAYING and told.label and told.at + AGAIN_S <= now:
            told.label, told.at = "", now
            log.info("the sensor %s is as usual again", name)

    def _is_stale(self, sensor: Sensor, now: float) -> bool:
        age_s = sensor.age_s(now)
        if age_s is None:
            age_s = now - (now if self._since is None else self._since)
        return age_s > sensor.settings.stale_s

    def status(self, now: float) -> tuple[SensorStatus, ...]:
        """Each of them, for people and programs."""
        found = zip(self._sensors, self._limited(now), strict=True)
        return tuple(self._status(sensor, draw, now) for sensor, draw in found)

    def _status(self, sensor: Sensor, draw: MoodPoint, now: float) -> SensorStatus:
        own, age_s = sensor.settings, sensor.age_s(now)
        return SensorStatus(
            name=own.name,
            kind=own.kind,
            said=sensor.text,
            value=_rounded(sensor.value(now)),
            usual=_rounded(sensor.usual),
            unit=own.unit,
            age_s=None if age_s is None else round(age_s, 1),
            stale=self._is_stale(sensor, now),
            contribution=PointStatus(round(draw.valence, 3) + 0.0, round(draw.energy, 3) + 0.0),
            reason=_reason(sensor.label(now), draw) or None,
        )

    def state(self, now: float) -> Json:
        """What to remember over a restart, as plain JSON."""
        return {sensor.settings.name: sensor.state(now) for sensor in self._sensors}

    def restore(self, state: Mapping[str, Any], saved_at: float) -> None:
        """Go on from a state saved at `saved_at`; of a sensor whose state is none nothing is known.

        Raises AttributeError or TypeError if it is none at all.
        """
        for sensor in self._sensors:
            if (own := state.get(sensor.settings.name)) is None:
                continue
            try:
                sensor.restore(own, saved_at)
            except (KeyError, TypeError, ValueError, OverflowError, AttributeError, ArgumentError) as error:
                log.warning(
                    "what was saved of the sensor %s cannot be used (%r): learning it again",
                    sensor.settings.name,
                    error,
                )


def _size(draw: MoodPoint) -> float:
    return max(abs(draw.valence), abs(draw.energy))


def _sum(draws: Sequence[MoodPoint]) -> MoodPoint:
    return MoodPoint(math.fsum(draw.valence for draw in draws), math.fsum(draw.energy for draw in draws))


def _reason(label: str, draw: MoodPoint) -> str:
    """In words, or "" if it is not worth saying."""
    axes = sorted((("energy", draw.energy), ("valence", draw.valence)), key=lambda axis: -abs(axis[1]))
    said = ", ".join(f"{size:+.1f} {name}" for name, size in axes if abs(size) >= WORTH_SAYING)
    return f"{label}: {said}" if said else ""


def _rounded(number: float | None) -> float | None:
    return None if number is None else float(f"{number:.6g}")
