"""What the player's topics are called, all of them below mqtt.base_topic."""

from __future__ import annotations

import re
from dataclasses import dataclass

ONLINE, OFFLINE = "online", "offline"
"""What stands at `availability`, and what Home Assistant says of itself."""


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one player.

    base       mqtt.base_topic
    discovery  mqtt.discovery_prefix; empty: Home Assistant is told nothing
    """

    base: str
    discovery: str

    @property
    def device_id(self) -> str:
        """The player's name for programs: the same as long as its base topic is."""
        return re.sub(r"[^a-z0-9]+", "_", self.base.lower()).strip("_") or "player"

    @property
    def client_id(self) -> str:
        """As the broker knows the connection: a new one takes the place of one that was cut off."""
        return f"ambient-player-{self.device_id}"

    @property
    def availability(self) -> str:
        """Says whether the player is there; the broker says so if it is gone."""
        return f"{self.base}/availability"

    @property
    def config(self) -> str | None:
        """Where Home Assistant finds the device; None if it is not to."""
        return f"{self.discovery}/device/{self.device_id}/config" if self.discovery else None

    @property
    def birth(self) -> str | None:
        """Where Home Assistant says that it has come."""
        return f"{self.discovery}/status" if self.discovery else None

    @property
    def commands(self) -> str:
        """The filter of all that the player can be told."""
        return f"{self.base}/set/+"

    def state(self, key: str) -> str:
        """Where the value of this name stands."""
        return f"{self.base}/state/{key}"

    def command(self, key: str) -> str:
        """Where the value of this name is set."""
        return f"{self.base}/set/{key}"

    def commanded(self, topic: str) -> str | None:
        """The name of what is set at a topic, None if it is another topic."""
        start, _, key = topic.rpartition("/")
        return key if start == f"{self.base}/set" and key else None

    def event(self, key: str) -> str:
        """Where it is said that something has happened."""
        return f"{self.base}/event/{key}"
