"""The bridge with everything that it needs, put together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from player.config.settings.front import FrontSettings
from player.config.settings.mqtt import MqttSettings
from player.interfaces.command_table import Role
from player.interfaces.front.mqtt.aiomqtt_broker import AiomqttBroker
from player.interfaces.front.mqtt.bridge import Bridge
from player.interfaces.front.mqtt.components import Permission, components, retained_topics
from player.interfaces.front.mqtt.kept_topics import KeptTopics
from player.interfaces.front.mqtt.sensors import SensorTopics
from player.interfaces.front.mqtt.topics import Topics
from player.interfaces.front.player_client import PlayerClient
from player.interfaces.front.status_board import StatusBoard
from player.status import MqttState
from player.system.player_name import player_name, suffix
from player.types import Json

NAME = "Ambient player"
EVERYTHING = 0, 100


def topics_of(settings: MqttSettings) -> Topics:
    """Those of this player: two connections of one name throw each other out of a broker, for ever."""
    return Topics(f"{settings.base_topic}{suffix(player_name())}", settings.discovery_prefix)


def make_bridge(
    front: FrontSettings,
    client: PlayerClient,
    board: StatusBoard,
    folder: Path,
    tell: Callable[[Json], None],
) -> Bridge:
    """A bridge to the broker that the settings name; `tell` hears how they are, for the status.

    folder  has the player's state
    """

    def say(state: MqttState, problem: str | None) -> None:
        tell({"say": "mqtt", "state": state, "problem": problem})

    settings, staff_volume = front.mqtt, front.web.staff_volume
    topics = topics_of(settings)
    role = Role(settings.role)
    permission = Permission(role, EVERYTHING if role is Role.OWNER else staff_volume)
    broker = AiomqttBroker(settings, topics.client_id)
    name = settings.name or front.name or " ".join(filter(None, (NAME, player_name())))
    sensors = SensorTopics(front.sensors, client, board)
    ours = retained_topics(topics, components(topics, permission, settings.scene))
    kept = KeptTopics(folder, f"{settings.host}:{settings.port}", ours)
    return Bridge(
        client, board, broker, topics, name, permission, settings.scene, say, kept=kept, sensors=sensors
    )
