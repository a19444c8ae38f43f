"""Settings of a fleet's hub: a program of its own, with a file of its own (hub.yaml)."""

from __future__ import annotations

from pathlib import Path

from player.config.settings.base import Settings
from player.config.settings.broker import BrokerSettings, Topic
from player.config.settings.web import WebSettings


class HubWebSettings(WebSettings):
    """Where the hub's page is: beside a player's on the same machine."""

    port: int = 8788
    announce: bool = False


class HubSettings(Settings):
    """The whole of hub.yaml."""

    broker: BrokerSettings = BrokerSettings()
    prefix: Topic = "ambient"
    web: HubWebSettings = HubWebSettings()
    state_dir: Path | None = None
