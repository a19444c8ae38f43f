"""Settings of the owner's music: folders, rules, what counts in a choice."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from player.config.settings.base import Settings, Unit, Variable


class FilterSettings(Settings):
    """Lists of patterns; a track matches a list if one of its patterns fits."""

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
    lastfm_key_env: Variable = "LASTFM_API_KEY"


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
    seed: int | None = Field(None, ge=0)
