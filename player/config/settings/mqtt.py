"""Settings of MQTT: the broker, and what is said to it and taken from it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from player.config.settings.broker import BrokerSettings, Switched, Topic, topic_or_none


class MqttSettings(BrokerSettings, Switched):
    """Which broker the player is at, and what it says there."""

    name: str = Field("", max_length=100)
    base_topic: Topic = "ambient-player"
    discovery_prefix: Annotated[str, Field(max_length=100), AfterValidator(topic_or_none)] = "homeassistant"
    role: Literal["staff", "owner"] = "staff"
    scene: bool = False
