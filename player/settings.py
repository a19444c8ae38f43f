"""The settings of every stage: frozen, with defaults, units and ranges. config.py reads them from YAML.

Every field stands in config.yaml with a comment; a test holds the two together.
"""

from __future__ import annotations

import re
from datetime import time
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

Unit = Annotated[float, Field(ge=0, le=1)]
Axis = Annotated[float, Field(ge=-1, le=1)]


def _ascending(ends: tuple[float, float]) -> tuple[float, float]:
    if ends[0] > ends[1]:
        raise ValueError(f"the lower end {ends[0]} is above the upper end {ends[1]}")
    return ends


Range = Annotated[tuple[Axis, Axis], AfterValidator(_ascending)]


def _output(name: str) -> str:
    if not re.fullmatch(r"auto|pulse|alsa|(pulse|alsa):.+", name):
        raise ValueError(f"found {name!r}; allowed is auto, pulse, alsa, pulse:SINK or alsa:DEVICE")
    return name


class Settings(BaseModel):
    """Frozen, and closed to keys that do not exist."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CameraSettings(Settings):
    """Where frames come from, and when a lens counts as blind."""

    # `source: 0` is the first webcam, and YAML reads a number there.
    model_config = ConfigDict(coerce_numbers_to_str=True)

    enabled: bool = True
    source: str = "auto"
    loop: bool = True
    width: int = Field(640, ge=160, le=3840)
    height: int = Field(480, ge=120, le=2160)
    fps: float = Field(2, ge=0.1, le=30)
    photo_s: float = Field(60, ge=0.5, le=3600)
    retry_first_s: float = Field(1, ge=0.1, le=60)
    retry_max_s: float = Field(60, ge=1, le=3600)
    stale_s: float = Field(10, ge=1, le=600)
    dark_below: Unit = 0.04
    flat_below: Unit = 0.02
    frozen_s: float = Field(300, ge=5, le=86400)


class GateSettings(Settings):
    """When a look at the scene is worth the models' time."""

    interval_s: float = Field(5, ge=0.2, le=3600)
    threshold: Unit = 0.03
    refresh_s: float = Field(120, ge=1, le=86400)


class BlipSettings(Settings):
    """How BLIP, where it is installed, puts a picture into words."""

    prompt: str = Field("", max_length=200)
    max_tokens: int | None = Field(None, ge=1, le=100)
    beams: int | None = Field(None, ge=1, le=10)


class VisionSettings(Settings):
    """How a frame becomes a sentence."""

    reader: Literal["auto", "compact", "blip"] = "auto"
    threads: int = Field(2, ge=1, le=64)
    object_score: Unit = 0.4
    tag_score: Unit = 0.15
    blip: BlipSettings = BlipSettings()


class ShiftSettings(Settings):
    """When a change of mood is a shift."""

    distance: float = Field(0.35, ge=0.02, le=2.8)
    hysteresis: float = Field(0.1, ge=0, le=1)
    dwell_s: float = Field(10, ge=0, le=3600)
    cooldown_s: float = Field(60, ge=0, le=86400)


def _endpoint(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"found {url!r}; allowed is http://HOST/PATH or https://HOST/PATH")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("a key does not belong here: name an environment variable in api_key_env")
    return url


def _variable(name: str) -> str:
    # The text is not repeated: it may well be the key.
    if not re.fullmatch(r"([A-Za-z_][A-Za-z0-9_]*)?", name):
        raise ValueError("not the name of an environment variable; the key itself never stands in this file")
    return name


class LlmSettings(Settings):
    """The language model that may read moods, behind an OpenAI-compatible endpoint."""

    url: Annotated[str, AfterValidator(_endpoint)] = "http://127.0.0.1:11434/v1"
    model: str = Field("llama3.2", min_length=1)
    api_key_env: Annotated[str, AfterValidator(_variable)] = ""
    timeout_s: float = Field(8, ge=0.2, le=60)
    per_hour: int = Field(120, ge=10, le=3600)
    opinions: int = Field(1, ge=1, le=5)
    head: Literal["median", "request"] = "median"
    temperature: float = Field(0, ge=0, le=2)


class AmbienceSettings(Settings):
    """How far each signal, at its most unusual, moves the mood."""

    people: Unit = 0.25
    motion: Unit = 0.2
    brightness: Unit = 0.1
    warmth: Unit = 0.1


class MoodSettings(Settings):
    """From readings to what the house wants to hear."""

    reader: Literal["onnx", "llm"] = "onnx"
    llm: LlmSettings = LlmSettings()
    threads: int = Field(1, ge=1, le=64)
    impression: Unit = 0.3
    ambience: AmbienceSettings = AmbienceSettings()
    half_life_s: float = Field(15, ge=0.1, le=3600)
    stale_s: float = Field(120, ge=1, le=86400)
    shift: ShiftSettings = ShiftSettings()
    policy: Literal["match", "lift", "steady"] = "match"
    lift: float = Field(0.3, ge=0, le=1)
    lift_s: float = Field(900, ge=0, le=86400)
    baseline_hours: float = Field(8, ge=0, le=720)
    baseline_weight: Unit = 0.5
    valence: Range = (-0.4, 1.0)
    energy: Range = (-1.0, 1.0)
    never: tuple[str, ...] = ("annoying", "scary")


class FilterSettings(Settings):
    """Lists of patterns; a track matches a list where one of its patterns fits."""

    genres: tuple[str, ...] = ()
    artists: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class ExcludeSettings(FilterSettings):
    """What never plays."""

    explicit: bool = False


class RuleSettings(Settings):
    """Which tracks may play: those that match every list of `include` and none of `exclude`."""

    include: FilterSettings = FilterSettings()
    exclude: ExcludeSettings = ExcludeSettings()


class Daypart(Settings):
    """A part of the day: the mood it starts with, and how far the room may move it."""

    name: str = Field(min_length=1)
    start: time
    mood: str = Field(min_length=1)
    valence: Range = (-1.0, 1.0)
    energy: Range = (-1.0, 1.0)
    volume: int | None = Field(None, ge=0, le=100)
    pool: RuleSettings = RuleSettings()


DEFAULT_DAYPARTS = (
    Daypart(name="night", start=time(0), mood="calm", energy=(-1.0, 0.0)),
    Daypart(name="morning", start=time(7), mood="beautiful", energy=(-0.8, 0.5)),
    Daypart(name="day", start=time(11), mood="joyful"),
    Daypart(name="evening", start=time(18), mood="dreamy"),
)


class PlaylistSettings(Settings):
    """A playlist file, or the address of a station, which needs a mood."""

    source: str = Field(min_length=1)
    mood: str | None = None
    name: str = ""
    play_s: float = Field(1800, ge=60, le=86400)


class LibrarySettings(Settings):
    """The owner's music."""

    folders: tuple[Path, ...] = ()
    playlists: tuple[PlaylistSettings, ...] = ()
    analyze: bool = True
    workers: int = Field(1, ge=1, le=64)
    busy_percent: int = Field(60, ge=16, le=100)
    rescan_s: float = Field(600, ge=5, le=86400)
    grace_days: float = Field(30, ge=0, le=3650)
    lastfm_key_env: Annotated[str, AfterValidator(_variable)] = "LASTFM_API_KEY"


class WeightSettings(Settings):
    """What counts in a choice, in units of mood distance."""

    mood: float = Field(1, ge=0, le=10)
    continuity: float = Field(0.2, ge=0, le=10)
    freshness: float = Field(0.1, ge=0, le=10)
    learned: float = Field(0.5, ge=0, le=10)


class ChoiceSettings(Settings):
    """Which track comes next."""

    weights: WeightSettings = WeightSettings()
    shift: Literal["gentle", "direct"] = "gentle"
    bridge_distance: float = Field(0.8, ge=0.1, le=2.8)
    bridge_s: float = Field(90, ge=0, le=3600)
    track_window_s: float = Field(7200, ge=0, le=2592000)
    artist_gap: int = Field(1, ge=0, le=100)
    variety: Unit = 0.15
    learn: bool = True
    taste_half_life_days: float = Field(60, ge=1, le=3650)
    seed: int | None = None


class PlaybackSettings(Settings):
    """What comes out of the loudspeaker."""

    output: Annotated[str, AfterValidator(_output)] = "auto"
    volume: int = Field(70, ge=0, le=100)
    crossfade_s: float = Field(6, ge=0, le=30)
    shift_fade_s: float = Field(6, ge=0.1, le=60)
    skip_fade_s: float = Field(1.5, ge=0, le=30)
    first_fade_s: float = Field(1, ge=0, le=30)
    target_lufs: float = Field(-18, ge=-40, le=-5)
    max_boost_db: float = Field(6, ge=0, le=12)
    retry_max_s: float = Field(15, ge=0.5, le=600)
    silence_s: float = Field(8, ge=2, le=600)


class ControlSettings(Settings):
    """How other programs of the same user talk to the player."""

    socket: Path | None = None


class LogSettings(Settings):
    """What is written down."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    json_lines: bool = False


MAX_POOLS = 14  # dayparts that may have a pool: each takes two of 32 bits of every track


class Config(Settings):
    """The whole of config.yaml, a section per stage."""

    camera: CameraSettings = CameraSettings()
    gate: GateSettings = GateSettings()
    vision: VisionSettings = VisionSettings()
    mood: MoodSettings = MoodSettings()
    dayparts: tuple[Daypart, ...] = DEFAULT_DAYPARTS
    library: LibrarySettings = LibrarySettings()
    choice: ChoiceSettings = ChoiceSettings()
    rules: RuleSettings = RuleSettings()
    playback: PlaybackSettings = PlaybackSettings()
    control: ControlSettings = ControlSettings()
    log: LogSettings = LogSettings()
    state_dir: Path | None = None

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
