"""What plays, what comes next, and how long to wait when nothing can."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from player.errors import NoMusicError
from player.status import PointStatus, TrackStatus
from player.system.backoff import BackOff
from player.types import ChangeReason, Choice

LEAD_S = 1.0
"""A track is chosen and opened this long before it may have to begin, on a slow disk too."""
RETRY_FIRST_S = 0.5
FREE_FAILURES = 3
"""So many files in a row may fail before the next try has to wait."""


class Queue:
    """The track that plays, the one that is coming, and the one to try again.

    choose       gives the next track for a reason; it may raise, NoMusicError above all
    retry_max_s  longest wait between two tries
    """

    def __init__(self, choose: Callable[[ChangeReason], Choice], retry_max_s: float) -> None:
        self._choose = choose
        self.current: Choice | None = None
        self.coming: Choice | None = None
        self.coming_from_s = 0.0
        self.again: tuple[Choice, float] | None = None
        self.why = ChangeReason.START
        self.files = BackOff(RETRY_FIRST_S, retry_max_s, FREE_FAILURES)
        self.output = BackOff(RETRY_FIRST_S, retry_max_s)
        self.complaint = ""
        """Why there is nothing to play; empty while there is."""
        self._crashed: Path | None = None

    def configure(self, retry_max_s: float) -> None:
        """Go on with another longest wait."""
        self.files.configure(retry_max_s)
        self.output.configure(retry_max_s)

    def start(self) -> None:
        """Begin again, with no failure remembered."""
        self.why = ChangeReason.START
        self.files.worked()
        self.output.worked()

    def move(self, position_s: float, why: ChangeReason) -> None:
        """What plays is to come again from that place: on another "output", or by a "seek"."""
        self.output.worked()
        if self.current is not None and (self.again is None or self.why is ChangeReason.SEEK):
            self.coming, self.again, self.why = None, (self.current, position_s), why
        elif why is ChangeReason.SEEK and self.again and self.current in (None, self.again[0]):
            # It waits for an output, or for the end of a pause after a restart: it comes there.
            self.again = self.again[0], position_s

    def due(self, now: float) -> bool:
        """Whether a track may be tried now."""
        return self.files.due(now) and self.output.due(now)

    def advance(self, why: ChangeReason, now: float) -> tuple[Choice, float] | None:
        """The next track and where in it to begin; None if there is none (`complaint` says why)."""
        if self.again is not None:
            (self.coming, self.coming_from_s), self.again = self.again, None
            return self.coming, self.coming_from_s
        try:
            self.coming, self.coming_from_s = self._choose(why), 0.0
        except Exception as error:  # noqa: BLE001 - the music outlives whatever goes wrong with choosing it
            expected = isinstance(error, NoMusicError)
            self.complaint = str(error) if expected else f"no track could be chosen: {error!r}"
            self.files.failed(now)
            return None
        self.complaint = ""
        return self.coming, 0.0

    def started(self) -> Choice | None:
        """The coming track is on the air; returns the one it relieved."""
        before, self.current, self.coming = self.current, self.coming, None
        if self.current is not None and self.current.track.path != self._crashed:
            self._crashed = None
        self.why = ChangeReason.NEXT
        self.files.worked()
        self.output.worked()
        return before

    def take(self, current: bool) -> Choice | None:
        """Take the current or the coming track out of the queue."""
        if current:
            choice, self.current = self.current, None
        else:
            choice, self.coming = self.coming, None
        return choice

    def crashed(self, choice: Choice, position_s: float) -> bool:
        """A deck died with this track: try it once more. False if it has cost a deck before."""
        if choice.track.path == self._crashed:
            return False
        self._crashed = choice.track.path
        self.again = (choice, position_s)
        return True

    def failed(self, now: float) -> None:
        """A file cannot be played: another one is to be chosen."""
        self.why = ChangeReason.ERROR
        self.files.failed(now)


def described(choice: Choice | None) -> TrackStatus | None:
    """A track and why it was chosen, for the status."""
    if choice is None:
        return None
    track, mood = choice.track, choice.track.mood
    return TrackStatus(
        path=str(track.path),
        title=track.title,
        artist=track.artist,
        album=track.album,
        reason=choice.reason,
        id=(track.id or None) if not track.url else None,
        mood=None if mood is None else PointStatus(round(mood.valence, 3), round(mood.energy, 3)),
        distance=None if choice.distance is None else round(choice.distance, 3),
        candidates=choice.candidates,
        relaxed=choice.relaxed,
        score=dict(choice.score),
        duration_s=round(track.duration_s, 2) or None,
    )
