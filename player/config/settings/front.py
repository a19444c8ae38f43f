"""Settings of the ways to the player beside the page, and what the front's process serves altogether."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from player.config.settings.base import Settings
from player.config.settings.fleet import FleetSettings
from player.config.settings.mqtt import MqttSettings
from player.config.settings.sensors import SensorTopic
from player.config.settings.web import HostName, WebSettings, is_loopback, listening_address
from player.privacy.redaction import shown


def _stream(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._~-]+", name):
        raise ValueError(f"found {shown(name)}; allowed are letters, figures, and . _ ~ -")
    return name


class MprisSettings(Settings):
    """The desktop's media keys and its list of players."""

    enabled: bool = True


class MpdSettings(Settings):
    """Programs that speak MPD's protocol."""

    enabled: bool = False
    listen: Annotated[str, AfterValidator(listening_address)] = "127.0.0.1"
    port: int = Field(6600, ge=0, le=65535)

    @property
    def loopback(self) -> bool:
        """Whether only this machine itself can reach it."""
        return is_loopback(self.listen)


class SnapcastSettings(Settings):
    """The snapserver whose rooms the music is left for."""

    enabled: bool = False
    host: HostName = "localhost"
    port: int = Field(1705, ge=1, le=65535)
    stream: Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_stream)] = "ambient-player"


class FrontSettings(Settings):
    """What the front's process serves and speaks to: `name` is the venue's."""

    name: str = ""
    timezone: str | None = None
    """The house's; None is the machine's own."""
    web: WebSettings = WebSettings()
    mpris: MprisSettings = MprisSettings()
    mqtt: MqttSettings = MqttSettings()
    mpd: MpdSettings = MpdSettings()
    fleet: FleetSettings = FleetSettings()
    snapcast: SnapcastSettings = SnapcastSettings()
    sensors: tuple[SensorTopic, ...] = ()
    """Those that speak at the broker."""
