"""Settings of what looks at the room: camera, gate, vision."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from player.config.settings.base import Settings, Unit


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
    preview: bool = True


class GateSettings(Settings):
    """When a look at the scene is worth the models' time."""

    interval_s: float = Field(5, ge=0.2, le=3600)
    threshold: Unit = 0.03
    refresh_s: float = Field(120, ge=1, le=86400)


class BlipSettings(Settings):
    """How BLIP, if it is installed, puts a picture into words."""

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
