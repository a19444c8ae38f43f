"""What the playback worker knows of a deck: what it can be told, and what it says.

DeckProcess (deck_process.py) is the real one; tests have their own. Gains are linear amplitude factors, `at`
and `now` seconds on the monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Cue:
    """A track for a deck, and how it is to sound."""

    source: Path | str
    """The file, or the address of a stream."""
    gain: float = 1.0
    """Brings it to the venue's loudness."""
    limit: float = 2.0
    """Highest gain, the venue's volume included, at which its peaks stay whole."""
    start_s: float = 0.0
    """Where in it to begin; nothing to a stream."""
    bass_db: float = 0.0
    """What its bass is taken back by, 0 or less."""
    ahead_ms: int = 1000
    """How much of a file is read ahead: a shorter one is over before it could be held."""
    length_s: float = 0.0
    """How long it was heard to be, which is truer than what a deck says; 0 if nobody has heard it."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """The loaded track is open and decoded, and held at its start; a stream runs, in silence."""

    duration_s: float


@dataclass(frozen=True, slots=True)
class Playing:
    """The track that was begun really runs: its position moves, sound goes out (at whatever gain)."""

    at: float
    position_s: float
    duration_s: float


@dataclass(frozen=True, slots=True)
class Position:
    """Where the track was at the moment `at`; `duration_s` is 0 while unknown."""

    at: float
    position_s: float
    duration_s: float
    blocks: int = 0
    """How many blocks of sound have gone to the output since the track was loaded."""


@dataclass(frozen=True, slots=True)
class Faded:
    """The last fade has reached its end."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The track came to its own end; the deck is idle."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The file cannot be played; the deck is idle."""

    reason: str


@dataclass(frozen=True, slots=True)
class NoOutput:
    """No sound can be made at all; the deck is idle."""

    reason: str


@dataclass(frozen=True, slots=True)
class Died:
    """The deck's process crashed or hung; it is being replaced, and `ready` says when it is back."""

    reason: str


DeckEvent = Prepared | Playing | Position | Faded | Ended | Failed | NoOutput | Died


class Deck(Protocol):
    """One player of one track at a time. No method waits; results come as events from `poll`."""

    name: str
    """For the log and the status."""

    @property
    def ready(self) -> bool:
        """Whether commands are heard at all."""
        ...

    @property
    def pid(self) -> int | None:
        """The process that makes the sound, None while there is none."""
        ...

    def load(self, cue: Cue) -> None:
        """Open a track, silent (its fade stands at 0) and held; what was there stops. Says Prepared."""
        ...

    def begin(self, at: float) -> None:
        """Let what is prepared play from the moment `at` on; says Playing once it runs."""
        ...

    def fade(self, to: float, start_at: float, duration_ms: int) -> None:
        """Equal-power fade from wherever the fade stands at `start_at`; a newer one takes over."""
        ...

    def set_volume(self, gain: float, duration_ms: int) -> None:
        """The venue's volume, on top of the track's gain and the fade; kept from track to track."""
        ...

    def pause(self) -> None:
        """Hold, with a short ramp."""
        ...

    def resume(self) -> None:
        """Go on, with a short ramp; says Playing once it runs."""
        ...

    def stop(self) -> None:
        """Stop at once and be idle."""
        ...

    def use(self, output: str) -> None:
        """Send sound to another output (`playback.output`), from the next `refresh` on."""
        ...

    def refresh(self) -> None:
        """Of an idle deck: replace the process if it has another output than it should; says nothing."""
        ...

    def restart(self, reason: str) -> None:
        """Replace the process, because it is not to be trusted any more; says Died."""
        ...

    def poll(self, now: float) -> list[DeckEvent]:
        """What happened since the last call, in order."""
        ...

    def close(self) -> None:
        """End the deck for good."""
        ...
