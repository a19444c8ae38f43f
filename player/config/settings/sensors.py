"""Settings of sensors: where what they say comes from, what it is, and how far it counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from player.config.settings.base import Axis, Line, Settings, one_line
from player.config.settings.room_noise import SENSOR
from player.privacy.redaction import shown

MOST_SENSORS = 32
Kind = Literal["weather", "footfall", "noise", "counter", "light", "number"]
USUAL_WEIGHTS: dict[str, tuple[float, float]] = {
    "weather": (0.3, 0.3),
    "footfall": (0.1, 0.3),
    "counter": (0.1, 0.3),
    "noise": (0.0, 0.2),
    "light": (0.0, 0.15),
    "number": (0.0, 0.0),
}
"""Valence and energy of a kind's weights if none are given."""


def _topic(text: str) -> str:
    one_line(text)
    if text and (text[0] in "$/" or text[-1] == "/" or "+" in text or "#" in text):
        raise ValueError(f"found {shown(text)}; allowed is one whole topic, without + and #")
    return text


class SensorTopic(Settings):
    """Where a sensor speaks: a topic at the broker, and a place in the JSON that is said there."""

    name: Annotated[Line, Field(min_length=1, max_length=40)]
    topic: Annotated[str, Field(max_length=200), AfterValidator(_topic)] = ""
    field: Annotated[Line, Field(max_length=100)] = ""


class SensorSettings(SensorTopic):
    """One sensor."""

    kind: Kind = "number"
    valence: Axis | None = None
    energy: Axis | None = None
    stale_min: float = Field(60, ge=0.01, le=20160)
    unit: Annotated[Line, Field(max_length=12)] = ""

    @model_validator(mode="after")
    def _counts(self) -> SensorSettings:
        if self.weights == (0, 0):
            raise ValueError("counts for nothing: give it valence or energy, from -1 to 1, or another kind")
        if self.field and not self.topic:
            raise ValueError("field is a place in what is said at a topic, and there is no topic")
        return self

    @property
    def weights(self) -> tuple[float, float]:
        """Valence and energy, each -1 to 1, of the most unusual value, or of a weather's whole draw."""
        valence, energy = USUAL_WEIGHTS[self.kind]
        if self.valence is None and self.energy is None:
            return valence, energy
        return self.valence or 0.0, self.energy or 0.0

    @property
    def place(self) -> SensorTopic:
        """Where it speaks."""
        return SensorTopic(name=self.name, topic=self.topic, field=self.field)

    @property
    def stale_s(self) -> float:
        """After so long without a word it counts no longer."""
        return 60.0 * self.stale_min


def all_told_apart(sensors: Sequence[SensorSettings]) -> None:
    """Raises ValueError if two have one name, or there are too many."""
    if len(sensors) > MOST_SENSORS:
        raise ValueError(f"there are {len(sensors)} sensors; allowed are {MOST_SENSORS}")
    names = [sensor.name.casefold() for sensor in sensors]
    if SENSOR in names:
        raise ValueError(f"found {shown(SENSOR)}, which is what the player's own microphone is called")
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f"two sensors have the name {shown(twice)}")
