"""What of the status is kept for the day: a minute's numbers, and what lasts for a while."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from player.library.database.diary import Minute
from player.status import PlayerState, PlayerStatus

_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")


class MarkKind(StrEnum):
    """What a mark is about; a fault, a pin and a camera that is off last, the others are moments."""

    SHIFT = "shift"
    DAYPART = "daypart"
    OPEN = "open"
    CLOSED = "closed"
    ANNOUNCEMENT = "announcement"
    FAULT = "fault"
    PIN = "pin"
    CAMERA_OFF = "camera_off"


def minute_of(status: PlayerStatus) -> Minute:
    """The numbers that a status knows; what was seen before the camera went is not known any more."""
    perception, room, playback = status.perception, status.room, status.playback
    seen = perception.sees
    mood = room.mood if seen else None
    target = room.target if playback.state not in (PlayerState.CLOSED, PlayerState.STOPPED) else None
    return Minute(
        None if mood is None else mood.valence,
        None if mood is None else mood.energy,
        None if target is None else target.valence,
        None if target is None else target.energy,
        perception.scene.people if seen and perception.scene is not None else None,
        playback.volume if playback.state is PlayerState.PLAYING else None,
    )


def lasting(status: PlayerStatus) -> dict[str, tuple[MarkKind, str]]:
    """What lasts at present, by a key that stays the same while numbers in its sentence change."""
    found: dict[str, tuple[MarkKind, str]] = {}
    for sentence in _faults(status):
        key = f"{MarkKind.FAULT} {_DIGITS.sub('#', sentence)}"
        found.setdefault(key, (MarkKind.FAULT, sentence))
    if status.room.pinned is not None:
        found[f"{MarkKind.PIN} {status.room.pinned}"] = (MarkKind.PIN, status.room.pinned)
    if not status.perception.camera.enabled:
        found[MarkKind.CAMERA_OFF] = (MarkKind.CAMERA_OFF, "the camera is off")
    return found


def _faults(status: PlayerStatus) -> Iterator[str]:
    """Every problem that the status names, as it says it."""
    playback = status.playback
    said = (
        playback.silent_reason,
        playback.audible.problem,
        status.perception.problem,
        status.library.problem,
        *status.problems,
        status.front.problem,
    )
    yield from filter(None, said)
