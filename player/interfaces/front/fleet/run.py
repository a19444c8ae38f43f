"""The room with everything that it needs, put together."""

from __future__ import annotations

from pathlib import Path

from player.config.settings.front import FrontSettings
from player.interfaces.front.fleet.notebook import Notebook
from player.interfaces.front.fleet.pace import KEEPALIVE_S
from player.interfaces.front.fleet.report import Reporter
from player.interfaces.front.fleet.room import Room
from player.interfaces.front.fleet.topics import FleetTopics
from player.interfaces.front.mqtt.aiomqtt_broker import AiomqttBroker
from player.interfaces.front.player_client import PlayerClient
from player.interfaces.front.status_board import StatusBoard


def make_room(front: FrontSettings, client: PlayerClient, board: StatusBoard, folder: Path) -> Room:
    """The room that the settings name; `folder` has the player's state."""
    fleet = front.fleet
    broker = AiomqttBroker(fleet, f"ambient-room-{fleet.room}", "fleet", KEEPALIVE_S)
    reporter = Reporter(front.name[:300], fleet.group, fleet.scene)
    notebook = Notebook(folder, fleet.room)
    return Room(fleet.room, client, board, broker, FleetTopics(fleet.prefix), notebook, reporter)
