"""The ways to the player beside the page, and whether each works now: what the cards of Set-up show."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from player.config.settings.front import FrontSettings
from player.interfaces.front.mpris import session_bus
from player.interfaces.front.web.page.sensors import ShownSensor, shown
from player.status import MqttState
from player.types import Json


class How(StrEnum):
    """How a connection is."""

    OFF = "off"
    WELL = "well"
    STARTING = "starting"
    TROUBLE = "trouble"
    NOBODY = "nobody"
    """On, and there is nothing here that it would serve."""


@dataclass(frozen=True)
class ShownConnection:
    """One of them; `problem` is a sentence of the player's, None if there is nothing to say."""

    how: How
    problem: str | None = None

    @property
    def is_on(self) -> bool:
        """Whether it is wanted."""
        return self.how is not How.OFF


def connections(
    settings: FrontSettings, troubles: Mapping[str, str | None], status: Json
) -> Mapping[str, ShownConnection]:
    """Each by its section of the config.

    troubles  of those that run in this process, by their sections
    """
    front = status["front"]
    return {
        "mqtt": _mqtt(front["mqtt"]) if settings.mqtt.enabled else ShownConnection(How.OFF),
        "sensors": _sensors(shown(status)),
        "mpd": _running("mpd", troubles) if settings.mpd.enabled else ShownConnection(How.OFF),
        "mpris": _mpris(troubles) if settings.mpris.enabled else ShownConnection(How.OFF),
        "snapcast": _snapcast(front["snapcast"]) if settings.snapcast.enabled else ShownConnection(How.OFF),
    }


def _running(section: str, troubles: Mapping[str, str | None]) -> ShownConnection:
    if section not in troubles:
        return ShownConnection(How.STARTING)
    return ShownConnection(How.TROUBLE if troubles[section] else How.WELL, troubles[section])


def _mqtt(mqtt: Json) -> ShownConnection:
    """A broker that is reached may not take everything."""
    if mqtt["state"] == MqttState.CONNECTED and not mqtt["problem"]:
        return ShownConnection(How.WELL)
    return ShownConnection(How.TROUBLE if mqtt["problem"] else How.STARTING, mqtt["problem"])


def _mpris(troubles: Mapping[str, str | None]) -> ShownConnection:
    on_the_bus = "mpris" in troubles and session_bus.address(os.environ)
    return _running("mpris", troubles) if on_the_bus else ShownConnection(How.NOBODY)


def _snapcast(snapcast: Json) -> ShownConnection:
    if snapcast["problem"]:
        return ShownConnection(How.TROUBLE, snapcast["problem"])
    return ShownConnection(How.STARTING if snapcast["players"] is None else How.WELL)


def _sensors(sensors: Sequence[ShownSensor]) -> ShownConnection:
    if not sensors:
        return ShownConnection(How.OFF)
    if any(sensor.stale for sensor in sensors):
        return ShownConnection(How.TROUBLE)
    return ShownConnection(How.WELL if all(sensor.has_spoken for sensor in sensors) else How.STARTING)
