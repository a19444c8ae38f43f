"""Who has the last word: what config.yaml says, or what somebody commanded while the player ran.

A command holds until it is taken back, over a restart too, or until the setting it went against is edited:
the newer of the two was meant. Each pair of them is here; docs/architecture.md has the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from player.config.settings.config import Config
from player.config.settings.dayparts import Daypart
from player.types import NightMode


@dataclass(frozen=True, slots=True)
class Asked:
    """Volumes as they are set in one config: the general one, and that of the part of the day that holds."""

    general: int
    """As it last counted: one that is edited in a part with a volume of its own does so after that part."""
    part: str
    """When that part of the day starts (ISO 8601)."""
    of_part: int | None


def asked(config: Config, part: Daypart) -> Asked:
    """The volumes that a config sets in a part of the day."""
    return Asked(config.playback.volume, part.start.isoformat(), part.volume)


def volume(now: Asked, before: Asked | None, held: int | None) -> int:
    """The volume after a restart or an edit, 0 to 100; `held` was the last one, set under `before`.

    None: not known, as at the first start.
    """
    if held is not None and before is not None:
        edited = before.general != now.general
        if now.of_part is not None:
            edited = (before.part, before.of_part) != (now.part, now.of_part)
        if not edited:
            return held
    return now.general if now.of_part is None else now.of_part


def volume_of_part(now: Asked, general_before: int) -> int | None:
    """The volume with which a part of the day begins; None keeps the one that is set.

    general_before  the general one as it last counted; one that was edited since counts now
    """
    if now.of_part is None and now.general != general_before:
        return now.general
    return now.of_part


def counted(now: Asked, general_before: int) -> int:
    """The general volume as it last counted: in a part of the day without one of its own that is now."""
    return now.general if now.of_part is None else general_before


def camera_at_start(enabled: bool, enabled_before: bool | None, on: bool) -> bool:
    """Whether the camera is used after a restart; `on` is what was before. Off is off, whoever says it."""
    edited = enabled_before is not None and enabled != enabled_before
    return enabled and (edited or on)


def camera_after_edit(enabled: bool, enabled_before: bool, on: bool) -> bool:
    """Whether the camera is used after config.yaml was edited; `on` is what was before."""
    return on if enabled == enabled_before else enabled


def nights(dayparts: Sequence[Daypart]) -> str:
    """Which parts of the day have night mode, by their starts."""
    return ",".join(part.start.isoformat() for part in dayparts if part.night)


def night(nights_now: str, nights_before: str | None, commanded: NightMode | None) -> NightMode:
    """Night mode after a restart or an edit; `commanded` is what was said, if anything."""
    return commanded if commanded and nights_before in (None, nights_now) else NightMode.AUTO
