"""What the mixer tells the controller: how it went with the tracks it was given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from player.playback.deck import Died, Ended, Failed


@dataclass(frozen=True, slots=True)
class Started:
    """A track has begun and runs: from now on it is the current one."""

    path: Path | str
    position_s: float


@dataclass(frozen=True, slots=True)
class RanOut:
    """The current track came to its own end before another took over."""

    path: Path | str


@dataclass(frozen=True, slots=True)
class Unplayable:
    """A file cannot be played; `current` says whether it is the one that was being heard."""

    path: Path | str
    reason: str
    current: bool


@dataclass(frozen=True, slots=True)
class Lost:
    """The deck of a track died or its track stood still; `position_s` is how far it had come."""

    path: Path | str
    position_s: float
    reason: str
    current: bool
    crashed: bool


@dataclass(frozen=True, slots=True)
class OutputLost:
    """There is no audio output for the incoming track, or (`current`) for any."""

    reason: str
    current: bool


MixerEvent = Started | RanOut | Unplayable | Lost | OutputLost


def outcome(
    event: Ended | Failed | Died, source: Path | str, position_s: float, current: bool
) -> RanOut | Unplayable | Lost:
    """How it went with a track whose deck has ended with it, `position_s` into it."""
    match event:
        case Died(reason):
            return Lost(source, position_s, reason, current, crashed=True)
        case Failed(reason):
            return Unplayable(source, reason, current)
        case Ended() if not current:
            return Unplayable(source, "it ends before it can be heard", current)
        case Ended():
            return RanOut(source)
    assert_never(event)
