"""One of the mixer's two places: a deck, and what is known of the track on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from player.playback.fades import Envelope, gain_from_db
from player.playback.output import Deck, Playing, Position

Role = Literal["idle", "preparing", "current", "leaving"]


@dataclass(frozen=True, slots=True)
class Request:
    """A track to be played, and how."""

    path: Path | str
    gain_db: float
    fade_ms: int
    start_s: float
    begin_at: float


class Slot:
    """A deck, and what the mixer knows about the track on it."""

    def __init__(self, deck: Deck) -> None:
        self.deck = deck
        self.role: Role = "idle"
        self.request: Request | None = None
        self.running = False
        self.fade = Envelope(0.0)
        self.at = self.position_s = self.duration_s = 0.0
        self.advanced_at = 0.0

    def take(self, request: Request, now: float) -> None:
        """Begin to play a track in silence."""
        self.role, self.request, self.running, self.fade = "preparing", request, False, Envelope(0.0)
        self.at, self.position_s, self.duration_s, self.advanced_at = now, request.start_s, 0.0, now
        self.deck.load(request.path, gain_from_db(request.gain_db), request.start_s)
        self.deck.play()

    def glide(self, to: float, start_at: float, duration_ms: int) -> None:
        """Fade, here and on the deck."""
        self.fade.glide(to, start_at, duration_ms / 1000)
        self.deck.fade(to, start_at, duration_ms)

    def left_s(self, now: float) -> float:
        """Seconds until the track's end, a day where its length is unknown."""
        return self.duration_s - self.position_s - (now - self.at) if self.duration_s > 0 else 86400.0

    def follow(self, event: Playing | Position) -> None:
        """Note where the deck says it is."""
        if event.position_s > self.position_s:
            self.advanced_at = event.at
        self.running = True
        self.at, self.position_s, self.duration_s = event.at, event.position_s, event.duration_s

    def rest(self) -> None:
        """The deck is idle."""
        self.role, self.request, self.running = "idle", None, False
        self.deck.refresh()
