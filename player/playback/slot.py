"""One of the mixer's two places: a deck, and what is known of the track on it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from player.playback.deck import Cue, Deck, Playing, Position
from player.playback.fades import Envelope
from player.playback.transitions import Plan
from player.status import DeckRole


@dataclass(frozen=True, slots=True)
class PlayRequest:
    """A track to be played, and how it takes over."""

    cue: Cue
    plan: Plan


class Slot:
    """A deck, and what the mixer knows about the track on it."""

    def __init__(self, deck: Deck) -> None:
        self.deck = deck
        self.role = DeckRole.IDLE
        self.request: PlayRequest | None = None
        self.prepared = False
        self.fade = Envelope(0.0)
        self.at = self.position_s = self.duration_s = 0.0
        self.advanced_at = 0.0
        self._blocks = 0
        self.sounded_at = -math.inf
        """When a block of sound last went to the output, as far as the deck has told."""

    @property
    def source(self) -> Path | str | None:
        """What it plays or opens; None if nothing."""
        return self.request.cue.source if self.request else None

    @property
    def waits(self) -> bool:
        """Whether its track is ready and its moment has not come."""
        return self.role == DeckRole.PREPARING and self.prepared

    def take(self, request: PlayRequest, now: float) -> None:
        """Begin to open a track."""
        self.role, self.request, self.prepared, self.fade = DeckRole.PREPARING, request, False, Envelope(0.0)
        self.at, self.position_s, self.duration_s, self.advanced_at = now, request.cue.start_s, 0.0, now
        self.deck.load(request.cue)

    def enter(self, begin_at: float, fade_ms: int) -> None:
        """Let the prepared track play from the moment `begin_at` on."""
        self.role, self.advanced_at, self.at = DeckRole.ENTERING, begin_at, begin_at
        self._blocks, self.sounded_at = 0, -math.inf
        self.deck.begin(begin_at)
        self.ramp(1.0, begin_at, fade_ms)

    def ramp(self, to: float, start_at: float, duration_ms: int) -> None:
        """Fade, here and on the deck."""
        self.fade.ramp(to, start_at, duration_ms / 1000)
        self.deck.fade(to, start_at, duration_ms)

    def comes_to(self, position_s: float) -> float:
        """The moment at which the track comes to a position."""
        return self.at + position_s - self.position_s

    def left_s(self, now: float) -> float:
        """Seconds until the track's end, a day if its length is unknown."""
        return self.comes_to(self.duration_s) - now if self.duration_s > 0 else 86400.0

    def follow(self, event: Playing | Position) -> None:
        """Note where the deck says it is; what it said before a sleep counts as said after it."""
        at = max(event.at, self.at)
        if event.position_s != self.position_s:
            self.advanced_at = at
        if isinstance(event, Position) and event.blocks != self._blocks:
            self._blocks, self.sounded_at = event.blocks, at
        self.at, self.position_s = at, event.position_s
        self.measure(event.duration_s)

    def measure(self, duration_s: float) -> None:
        """Note how long the deck says its track is; a length that was heard holds against it."""
        heard_s = self.request.cue.length_s if self.request is not None else 0.0
        self.duration_s = heard_s or duration_s

    def slept(self, seconds: float) -> None:
        """The deck has stood still for so long, and it was not its fault."""
        self.at += seconds
        self.advanced_at += seconds
        self.sounded_at += seconds

    def rest(self) -> None:
        """The deck is idle."""
        self.role, self.request, self.prepared = DeckRole.IDLE, None, False
        self.deck.refresh()
