"""What the venue's sensors say at the broker, cleaned and handed to the player."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from player.config.settings.sensors import SensorTopic
from player.errors import ArgumentError
from player.interfaces.front.mqtt.broker import Message
from player.interfaces.front.player_client import PASSING, PlayerClient, PlayerRefusal
from player.interfaces.front.status_board import StatusBoard
from player.log import EventLog, LogEvent

log = EventLog(__name__, LogEvent.MQTT)

MOST_BYTES = 16_384
"""Of what is said at a topic: weather services say a lot."""
MOST_LETTERS = 100
"""Of a value."""
EVERY_S = 1.0
"""The player is told of a sensor at most so often; of what comes faster, the newest."""
SAID_AGAIN_S = 600.0
"""A sensor that goes on talking nonsense is mentioned so often."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What a sensor says; `kept` is what the broker kept of it, said nobody knows when."""

    value: str
    kept: bool


class SensorTopics:
    """On the event loop's thread alone."""

    def __init__(
        self,
        sensors: Sequence[SensorTopic],
        client: PlayerClient,
        board: StatusBoard,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`board` has what the player knows already."""
        self._sensors, self._client, self._board, self._clock = sensors, client, board, clock
        self._waiting: dict[str, _Said] = {}
        self._told_at: dict[str, float] = {}
        self._refused_at: dict[str, float] = {}
        self._known: set[str] = set()
        self._news = asyncio.Event()

    @property
    def topics(self) -> tuple[str, ...]:
        """Where they speak."""
        return tuple(dict.fromkeys(sensor.topic for sensor in self._sensors))

    def take(self, message: Message) -> bool:
        """Take in a message; False if no sensor speaks there."""
        speaking = [sensor for sensor in self._sensors if sensor.topic == message.topic]
        for sensor in speaking:
            try:
                value = _value(sensor, message.payload)
            except ArgumentError as error:
                self._refuse(sensor.name, str(error))
                continue
            if value is None:
                self._miss(sensor)
            else:
                self._known.add(sensor.name)
                self._waiting[sensor.name] = _Said(value, message.retained)
                self._news.set()
        return bool(speaking)

    async def run(self) -> None:
        """Tell the player what is new."""
        while True:
            await self._news.wait()
            for name in [name for name in self._waiting if self._due_s(name) <= 0]:
                await self._tell(name, self._waiting.pop(name))
            if self._waiting:
                await asyncio.sleep(max(0.0, min(map(self._due_s, self._waiting))))
            else:
                self._news.clear()

    def _due_s(self, name: str) -> float:
        return self._told_at.get(name, float("-inf")) + EVERY_S - self._clock()

    async def _tell(self, name: str, said: _Said) -> None:
        """Tell the player, or try again later if it does not answer: some sensors speak once a day."""
        self._told_at[name] = self._clock()
        if self._board.current is None:
            self._waiting.setdefault(name, said)
        elif not (said.kept and self._is_known(name, said.value)):
            try:
                await self._client.command("sensor", {"name": name, "says": said.value})
            except PlayerRefusal as error:
                if error.code in PASSING:
                    self._waiting.setdefault(name, said)
                else:
                    self._refuse(name, str(error))

    def _is_known(self, name: str, value: str) -> bool:
        """Whether the player has heard this of it: told again, that would be no sign of life."""
        status = self._board.current
        sensors = status.status["room"]["sensors"] if status else ()
        return any(one["name"] == name and one["said"] == " ".join(value.split()) for one in sensors)

    def _refuse(self, name: str, why: str) -> None:
        if self._clock() - self._refused_at.get(name, float("-inf")) >= SAID_AGAIN_S:
            self._refused_at[name] = self._clock()
            log.warning("what a sensor said over MQTT was refused: %s", why)

    def _miss(self, sensor: SensorTopic) -> None:
        """Some say now this and now that; one that has never said what is looked for is a mistake."""
        if sensor.name not in self._known:
            self._known.add(sensor.name)
            log.warning(
                "at the topic of the sensor %s nothing was found at its field; see sensors in config.yaml",
                sensor.name,
            )


def _value(sensor: SensorTopic, payload: bytes) -> str | None:
    """What a message says of the sensor; None if it says nothing of it. Raises ArgumentError."""
    if len(payload) > MOST_BYTES:
        raise ArgumentError(f"what was said at the topic of {sensor.name} is too long.")
    try:
        text = payload.decode().strip()
    except UnicodeDecodeError:
        raise ArgumentError(f"what was said at the topic of {sensor.name} is no text.") from None
    if sensor.field:
        found = _at_field(sensor, text)
        if found is None:
            return None
        text = found
    elif len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    if len(text) > MOST_LETTERS:
        raise ArgumentError(f"what was said at the topic of {sensor.name} is too long.")
    return text


def _at_field(sensor: SensorTopic, text: str) -> str | None:
    """The value at a place such as main.temp or weather.0.main."""
    try:
        place: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise ArgumentError(f"what was said at the topic of {sensor.name} is no JSON.") from None
    for step in sensor.field.split("."):
        if isinstance(place, dict):
            place = place.get(step)
        elif isinstance(place, list) and step.isascii() and step.isdigit() and len(step) < 6:
            place = place[int(step)] if int(step) < len(place) else None
        else:
            return None
    if isinstance(place, dict | list):
        raise ArgumentError(f"what was said at the topic of {sensor.name} is no single value at its field.")
    return None if place is None else place if isinstance(place, str) else json.dumps(place)
