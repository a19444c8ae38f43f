"""The venue's play history: what was played and why, and what was learnt from how it went."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from player.clock import house_zone
from player.config.settings.config import Config
from player.config.settings.dayparts import holding
from player.errors import ControlError, MissingError
from player.library.database.feedback import Feedback, Outcome
from player.library.database.store import Library
from player.library.database.write_queue import WriteQueue
from player.playback.pieces import left_out
from player.selection.learning import Learning
from player.types import ChangeReason, Choice, Json, Target, Track

SETTLE_S = 2.0
"""Who judges a play sees what they said when they look again, unless the library cannot be written."""
END_S = 10.0
"""The end of a line waits so long: as a rule another track begins with it, and both are one commit."""
HEARD_S = 180.0
"""For how long a track was heard is told more often than a memory card need be written to."""
FEEDBACK = {ChangeReason.NEXT: Outcome.FINISHED, ChangeReason.SKIP: Outcome.SKIPPED}
"""What the end of a track says about it. A shift, a stop and an error say nothing."""


@dataclass
class _Line:
    """One entry: a track, which may come in several stretches."""

    number: int | None = None
    """Its number in the library, once it is written."""
    audible: bool = False
    heard_s: list[float] = field(default_factory=list)

    def stretch(self) -> _Stretch:
        """Another one begins."""
        self.heard_s.append(0.0)
        return _Stretch(self, len(self.heard_s) - 1)


@dataclass(frozen=True)
class _Stretch:
    line: _Line
    number: int


@dataclass(frozen=True)
class Judged:
    """Of which track something was said, and whether it plays."""

    title: str
    playing: bool
    track_id: int = 0
    """Its number in the library."""


class PlayHistory:
    """Told what is played, on the playback thread, which never waits for the database here."""

    def __init__(
        self,
        library: Library,
        learning: Learning | None,
        wall: Callable[[], datetime],
        config: Config,
        write_queue: WriteQueue | None = None,
    ) -> None:
        self._library, self._learning, self._wall = library, learning, wall
        self.configure(config)
        self.write_queue = write_queue or WriteQueue(library.database.together)
        self._lock = threading.Lock()
        self._playing: Choice | None = None
        self._aim: tuple[str, Target | None] = ("", None)
        self._judged = False
        self._stretch: _Stretch | None = None
        self._last: tuple[Choice, _Stretch] | None = None
        """What ended last: it may come again at another place, or fade out."""

    def configure(self, config: Config) -> None:
        """Note from the next track on that it is played elsewhere, or by the clock of another zone."""
        self._venue, self._zone = config.venue.name, house_zone(config.timezone)
        self._dayparts = config.dayparts

    def started(self, choice: Choice, daypart: str, target: Target | None) -> None:
        """A track is on the air, chosen for a target: begin a line, or go on with that of the same choice.

        After a seek, on another output and from a deck that had crashed it comes again.
        """
        again = self._last is not None and self._last[0] is choice
        line = self._last[1].line if again and self._last is not None else _Line()
        with self._lock:
            self._playing, self._aim = choice, (daypart, target)
            self._judged = self._judged and again
            self._stretch = line.stretch()
        if again:
            return
        now, venue = self._wall().astimezone(self._zone), self._venue
        why: Json = {"target": target.name, "target_reason": target.reason} if target else {}
        why["daypart"] = daypart
        if target:
            why["aim"] = [round(target.point.valence, 4), round(target.point.energy, 4)]
        why["score"] = dict(choice.score)
        if skipped := left_out(choice.track):
            why["left_out_s"] = skipped

        def begin() -> None:
            line.number = self._library.record_play(choice, now, why, venue)

        self.write_queue.write(begin)

    def ended(self, audible: bool, why: ChangeReason) -> None:
        """It is no longer: end the line, and learn from it."""
        with self._lock:
            choice, self._playing = self._playing, None
            if choice is None:
                return
            cut_short = why is ChangeReason.NEXT and choice.until_s is not None
            if audible and not self._judged and not cut_short and why in FEEDBACK:
                self._learn(choice, FEEDBACK[why], END_S)
        now, stretch = self._wall(), self._stretch
        self._stretch = None
        if stretch is None:
            return
        self._last = choice, stretch
        line = stretch.line
        line.audible = line.audible or audible

        def end() -> None:
            if line.number is not None:
                self._library.finish_play(line.number, now, line.audible)

        self.write_queue.write(end, END_S)

    def heard(self, heard_s: float, leaving: bool) -> None:
        """For how long the track on the air was heard by now; or, once it has faded out, the one before."""
        stretch = (self._last[1] if self._last else None) if leaving else self._stretch
        if stretch is None:
            return
        line = stretch.line
        line.heard_s[stretch.number] = heard_s
        total_s = sum(line.heard_s)

        def note() -> None:
            if line.number is not None:
                self._library.note_heard(line.number, total_s)

        self.write_queue.write(note, HEARD_S)

    def record_feedback(self, kind: Outcome) -> Track:
        """Note what somebody says of the track that plays, and return it. From any thread.

        Raises ControlError if nothing plays that the library knows.
        """
        track = self._note_playing(kind)
        if track is None:
            raise ControlError(
                "no track of the library is playing that could be judged: try again when one does."
            )
        return track

    def _note_playing(self, kind: Outcome, track_id: int | None = None) -> Track | None:
        """Note it of what plays; None if the library does not know that, or it has another number."""
        numbered = self._numbered()
        with self._lock:
            playing = self._playing
            if playing is not None and numbered is not None and numbered.track.path == playing.track.path:
                playing = numbered
            if playing is None or not playing.track.id or track_id not in (None, playing.track.id):
                return None
            return self._noted(kind, playing)

    def _numbered(self) -> Choice | None:
        """What plays; with its number, too, if it began before the library knew it."""
        with self._lock:
            playing = self._playing
        if playing is None or playing.track.id or playing.track.url:
            return playing
        known = self._library.track_at(playing.track.path)
        return playing if known is None else replace(playing, track=known)

    def judge(self, kind: Outcome, play_id: int) -> Judged:
        """Note what somebody says of a play of the history, by its number. From any thread.

        Raises MissingError if there is none, ControlError if the library does not know its track any more,
        and LibraryError.
        """
        with self._lock:
            stretch = self._stretch if self._playing is not None else None
        if stretch is not None and stretch.line.number == play_id:
            track = self.record_feedback(kind)
            self.write_queue.settle(SETTLE_S)
            return Judged(track.title, playing=True, track_id=track.id)
        play = self._library.feedback.past_play(play_id)
        if play is None:
            raise MissingError(f"there is no play with the number {play_id}.")
        if play.track_id is None:
            raise ControlError(f"the library does not know {play.title} any more: it cannot be judged.")
        daypart = play.daypart
        if daypart is None:
            daypart = holding(self._dayparts, play.started_at.time()).name
        feedback = Feedback(play.track_id, self._wall(), kind, daypart, play.target, play_id)
        if (learning := self._learning) is not None:
            self.write_queue.write(lambda: learning.note(feedback))
            self.write_queue.settle(SETTLE_S)
        return Judged(play.title, playing=False, track_id=play.track_id)

    def judge_track(self, kind: Outcome, track_id: int) -> Judged:
        """Note what somebody says of a track that plays, or of the last time it did. From any thread.

        Whoever says it has seen the track a moment ago: another one may have begun since.
        Raises MissingError if it was never played, ControlError and LibraryError as `judge`.
        """
        if (track := self._note_playing(kind, track_id)) is not None:
            return Judged(track.title, playing=True, track_id=track_id)
        self.write_queue.settle(SETTLE_S)
        play_id = self._library.feedback.last_play(track_id)
        if play_id is None:
            raise MissingError(f"track {track_id} was not played yet: it cannot be judged.")
        return self.judge(kind, play_id)

    def unreadable(self, path: Path, why: str) -> None:
        """A file cannot be played, and it is its own fault."""
        self.write_queue.write(lambda: self._library.mark_unreadable(path, why))

    def _noted(self, kind: Outcome, playing: Choice) -> Track:
        """What is said of the track that plays, with the lock held."""
        self._judged = kind is Outcome.WRONG_MOOD
        self._learn(playing, kind)
        return playing.track

    def _learn(self, choice: Choice, kind: Outcome, within_s: float = 0.0) -> None:
        """Keep one judgement on a track, with the lock held; what somebody says is written at once."""
        learning, (daypart, target) = self._learning, self._aim
        if learning is None or not choice.track.id:
            return
        point = None if target is None else target.point
        feedback = Feedback(choice.track.id, self._wall(), kind, daypart, point)
        line = self._stretch.line if self._stretch else _Line()
        self.write_queue.write(lambda: learning.note(replace(feedback, play_id=line.number)), within_s)
