"""Settings of the mood: readers, smoothing, shifts, the venue's policy."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from player.config.settings.base import Range, Settings, Unit, Variable


class ShiftSettings(Settings):
    """When a change of mood is a shift."""

    distance: float = Field(0.35, ge=0.02, le=2.8)
    hysteresis: float = Field(0.1, ge=0, le=1)
    dwell_s: float = Field(10, ge=0, le=3600)
    cooldown_s: float = Field(60, ge=0, le=86400)


def _endpoint(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port or an IPv6 address that cannot be
        usable = False
    if not usable:
        raise ValueError("is no address of an endpoint; allowed is http://HOST/PATH or https://HOST/PATH")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("a key does not belong here: name an environment variable in api_key_env")
    return url


class LlmSettings(Settings):
    """The language model that may read moods, behind an OpenAI-compatible endpoint."""

    url: Annotated[str, AfterValidator(_endpoint)] = "http://127.0.0.1:11434/v1"
    model: str = Field("llama3.2", min_length=1)
    api_key_env: Variable = ""
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
    """From readings to what the venue wants to hear."""

    reader: Literal["onnx", "llm"] = "onnx"
    llm: LlmSettings = LlmSettings()
    threads: int = Field(1, ge=1, le=64)
    impression: Unit = 0.65
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
