"""The venue's play history: what was played and why, and what was learnt from how it went."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from player.errors import ControlError
from player.library.database.feedback import Feedback, Kind
from player.library.database.store import Library
from player.library.database.write_queue import WriteQueue
from player.playback.pieces import left_out
from player.selection.learning import Learning
from player.types import ChangeReason, Choice, Json, Target, Track

FEEDBACK = {ChangeReason.NEXT: Kind.FINISHED, ChangeReason.SKIP: Kind.SKIPPED}
"""What the end of a track says about it. A shift, a stop and an error say nothing."""


class PlayHistory:
    """Told what is played, on the playback thread, which never waits for the database here."""

    def __init__(self, library: Library, learning: Learning | None, wall: Callable[[], datetime]) -> None:
        self._library, self._learning, self._wall = library, learning, wall
        self.write_queue = WriteQueue()
        self._lock = threading.Lock()
        self._playing: Choice | None = None
        self._aim: tuple[str, Target | None] = ("", None)
        self._judged = False
        self._line: int | None = None
        """The present line's number; the play history's own."""

    def started(self, choice: Choice, daypart: str, target: Target | None) -> None:
        """A track is on the air, chosen for a target: begin a line."""
        with self._lock:
            self._playing, self._judged, self._aim = choice, False, (daypart, target)
        now = self._wall()
        why: Json = {"target": target.name, "target_reason": target.reason} if target else {}
        why["score"] = dict(choice.score)
        if skipped := left_out(choice.track):
            why["left_out_s"] = skipped

        def begin() -> None:
            self._line = self._library.record_play(choice, now, why)

        self.write_queue.write(begin)

    def ended(self, audible: bool, why: ChangeReason) -> None:
        """It is no longer: end the line, and learn from it."""
        with self._lock:
            choice, self._playing = self._playing, None
            if choice is None:
                return
            cut_short = why is ChangeReason.NEXT and choice.until_s is not None
            if audible and not self._judged and not cut_short and why in FEEDBACK:
                self._learn(choice, FEEDBACK[why])
        now = self._wall()

        def end() -> None:
            line, self._line = self._line, None
            if line is not None:
                self._library.finish_play(line, now, audible)

        self.write_queue.write(end)

    def record_feedback(self, kind: Kind) -> Track:
        """Note what somebody says of the track that plays, and return it. From any thread.

        Raises ControlError if nothing plays that the library knows.
        """
        with self._lock:
            if self._playing is None or not self._playing.track.id:
                raise ControlError(
                    "no track of the library is playing that could be judged: try again when one does."
                )
            self._judged = kind is Kind.WRONG_MOOD
            self._learn(self._playing, kind)
            return self._playing.track

    def unreadable(self, path: Path, why: str) -> None:
        """A file cannot be played, and it is its own fault."""
        self.write_queue.write(lambda: self._library.mark_unreadable(path, why))

    def _learn(self, choice: Choice, kind: Kind) -> None:
        """Keep one judgement on a track, with the lock held."""
        learning, (daypart, target) = self._learning, self._aim
        if learning is None or not choice.track.id:
            return
        point = None if target is None else target.point
        feedback = Feedback(choice.track.id, self._wall(), kind, daypart, point)
        self.write_queue.write(lambda: learning.note(feedback))
