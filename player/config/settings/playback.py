"""Settings of what comes out of the loudspeaker."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from player.config.settings.base import Settings
from player.config.settings.room_noise import RoomNoiseSettings
from player.privacy.redaction import shown
from player.system.audio_output import ALLOWED, AudioOutput
from player.types import Transition


def _output(name: str) -> str:
    try:
        AudioOutput.parse(name)
    except ValueError as error:
        raise ValueError(f"found {shown(name)}; allowed is {ALLOWED}") from error
    return name


class NightSettings(Settings):
    """What night mode does, in the dayparts that ask for it or by command."""

    ceiling: int = Field(40, ge=1, le=100)
    bass_db: float = Field(-6, ge=-20, le=0)


class WatchdogSettings(Settings):
    """When silence is a fault, and how often the player may restart because of it."""

    silent_s: float = Field(8, ge=3, le=600)
    restarts_per_hour: int = Field(3, ge=0, le=60)


class PlaybackSettings(Settings):
    """What comes out of the loudspeaker."""

    output: Annotated[str, AfterValidator(_output)] = "auto"
    volume: int = Field(70, ge=0, le=100)
    ceiling: int = Field(100, ge=1, le=100)
    start_volume: int = Field(50, ge=0, le=100)
    ramp_s: float = Field(20, ge=0, le=600)
    night: NightSettings = NightSettings()
    follow_noise: RoomNoiseSettings = RoomNoiseSettings()
    transition: Transition = Transition.CROSSFADE
    crossfade_s: float = Field(6, ge=0, le=30)
    shift_fade_s: float = Field(6, ge=0.1, le=60)
    skip_fade_s: float = Field(1.5, ge=0, le=30)
    first_fade_s: float = Field(1, ge=0, le=30)
    target_lufs: float = Field(-18, ge=-40, le=-5)
    max_boost_db: float = Field(6, ge=0, le=12)
    retry_max_s: float = Field(15, ge=0.5, le=600)
    silence_s: float = Field(8, ge=2, le=600)
    watchdog: WatchdogSettings = WatchdogSettings()
