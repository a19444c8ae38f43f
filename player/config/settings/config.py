"""The whole of config.yaml; every field stands there with a comment, and a test holds the two together."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from player.config.settings.backup import BackupSettings
from player.config.settings.base import Settings
from player.config.settings.dayparts import DEFAULT_DAYPARTS, Daypart
from player.config.settings.fleet import FleetSettings
from player.config.settings.front import FrontSettings, MpdSettings, MprisSettings, SnapcastSettings
from player.config.settings.library import (
    ChoiceSettings,
    LibrarySettings,
    RuleSettings,
)
from player.config.settings.mood import MoodSettings
from player.config.settings.mqtt import MqttSettings
from player.config.settings.perception import CameraSettings, GateSettings, VisionSettings
from player.config.settings.playback import PlaybackSettings
from player.config.settings.room_noise import SENSOR
from player.config.settings.schedule import AnnouncementSettings, HoursSettings, Zone
from player.config.settings.sensors import SensorSettings, all_told_apart
from player.config.settings.web import WebSettings

LOOKS_MISSING = 2.5
"""So many looks after each other must have failed before the room counts as not read."""


class ControlSettings(Settings):
    """How other programs of the same user talk to the player."""

    socket: Path | None = None


class VenueSettings(Settings):
    """The place that the music is played in."""

    name: str = Field("", max_length=200)


class DiarySettings(Settings):
    """For how long it is kept how the days went."""

    keep_days: float = Field(90, ge=0, le=3650)
    people_days: float = Field(7, ge=0, le=3650)


class LogSettings(Settings):
    """What is written down."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    json_lines: bool = False


MAX_POOLS = 14  # dayparts that may have a pool: each takes two of 32 bits of every track


class Config(Settings):
    """The whole of config.yaml, a section per stage."""

    venue: VenueSettings = VenueSettings()
    camera: CameraSettings = CameraSettings()
    gate: GateSettings = GateSettings()
    vision: VisionSettings = VisionSettings()
    mood: MoodSettings = MoodSettings()
    timezone: Zone = None
    hours: HoursSettings = HoursSettings()
    dayparts: tuple[Daypart, ...] = DEFAULT_DAYPARTS
    library: LibrarySettings = LibrarySettings()
    choice: ChoiceSettings = ChoiceSettings()
    rules: RuleSettings = RuleSettings()
    playback: PlaybackSettings = PlaybackSettings()
    announcements: AnnouncementSettings = AnnouncementSettings()
    control: ControlSettings = ControlSettings()
    web: WebSettings = WebSettings()
    mpris: MprisSettings = MprisSettings()
    mqtt: MqttSettings = MqttSettings()
    mpd: MpdSettings = MpdSettings()
    fleet: FleetSettings = FleetSettings()
    snapcast: SnapcastSettings = SnapcastSettings()
    sensors: tuple[SensorSettings, ...] = ()
    diary: DiarySettings = DiarySettings()
    backup: BackupSettings = BackupSettings()
    log: LogSettings = LogSettings()
    state_dir: Path | None = None

    @property
    def front(self) -> FrontSettings:
        """What the front's process is told."""
        return FrontSettings(
            name=self.venue.name,
            timezone=self.timezone,
            web=self.web,
            mpris=self.mpris,
            mqtt=self.mqtt,
            mpd=self.mpd,
            fleet=self.fleet,
            snapcast=self.snapcast,
            sensors=tuple(one.place for one in self.sensors if one.topic and self.mqtt.enabled),
        )

    @property
    def senses(self) -> tuple[SensorSettings, ...]:
        """All that moves the mood beside the camera: the sensors, and the microphone if it is to count."""
        follow = self.playback.follow_noise
        if not (follow.enabled and follow.energy):
            return self.sensors
        return (*self.sensors, SensorSettings(name=SENSOR, kind="noise", unit="dB", energy=follow.energy))

    @property
    def mood_as_looked(self) -> MoodSettings:
        """The mood's settings, for how seldom the room is looked at: two looks may fail."""
        due_s = max(self.gate.interval_s, 1 / self.camera.fps)
        return self.mood.model_copy(update={"stale_s": max(self.mood.stale_s, LOOKS_MISSING * due_s)})

    @field_validator("sensors")
    @classmethod
    def _apart(cls, sensors: tuple[SensorSettings, ...]) -> tuple[SensorSettings, ...]:
        all_told_apart(sensors)
        return sensors

    @field_validator("dayparts")
    @classmethod
    def _in_order(cls, dayparts: tuple[Daypart, ...]) -> tuple[Daypart, ...]:
        if not dayparts:
            raise ValueError("found an empty list; at least one daypart is needed")
        starts = [part.start for part in dayparts]
        if len(set(starts)) != len(starts):
            raise ValueError("two dayparts start at the same time")
        if sum(part.pool != RuleSettings() for part in dayparts) > MAX_POOLS:
            raise ValueError(f"more than {MAX_POOLS} dayparts have a pool")
        return tuple(sorted(dayparts, key=lambda part: part.start))
